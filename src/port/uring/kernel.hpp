// What this kernel lets us do with io_uring, found out by trying.
//
// The rule: never by the kernel's version, which says nothing about a container, a hardened kernel or an
// emulator such as gVisor.
#pragma once

#include <liburing.h>

#include <cstdint>
#include <functional>

#include "port/completion_port.hpp"

namespace lastbyte::port::uring {

struct ring_setup {
  outcome problem;          // why there is none, if so
  std::uint32_t flags = 0;  // IORING_SETUP_...: the best that are allowed
};

// Thread: see away_from_here().
[[nodiscard]] ring_setup find_setup() noexcept;

// Makes a ring that does nothing yet: io_uring_enable_rings() makes the calling thread its only one.
// Thread: see away_from_here().
[[nodiscard]] outcome open_ring(io_uring& made, std::uint32_t flags) noexcept;

// Runs `what` to its end on a thread of its own. When a ring is closed, the kernel interrupts the system calls
// of every thread that has made or used it (io_ring_exit_work() in io_uring/io_uring.c): not those of whoever
// happens to build a server.
// @return what it returned, or why there is no thread.
[[nodiscard]] outcome away_from_here(const std::function<outcome()>& what);

}  // namespace lastbyte::port::uring
