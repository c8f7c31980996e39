// Names of io_uring that liburing 2.3 lacks or spells differently, and the ring that both bare programs use.
//
// Not here: what a program does with it.
#pragma once

#include <liburing.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

namespace lastbyte::limit {

// One thread, which runs the kernel's work for it only when it waits. Units: entries.
inline int open_ring(io_uring& ring, unsigned submissions, unsigned completions) {
  io_uring_params wanted{};
  wanted.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                 IORING_SETUP_CQSIZE;
  wanted.cq_entries = completions;
  const int failed = io_uring_queue_init_params(submissions, &ring, &wanted);
  if (failed != 0) {
    std::fprintf(stderr, "io_uring refused (%s); it needs Linux 6.1 and the right to use it\n",
                 std::strerror(-failed));
    return failed;
  }
  return io_uring_register_ring_fd(&ring) == 1 ? 0 : -1;
}

// The next submission; what is full is handed to the kernel first.
inline io_uring_sqe& next_submission(io_uring& ring) {
  for (;;) {
    if (io_uring_sqe* next = io_uring_get_sqe(&ring); next != nullptr) return *next;
    io_uring_submit(&ring);
  }
}

}  // namespace lastbyte::limit
