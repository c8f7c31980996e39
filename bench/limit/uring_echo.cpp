// The limit of io_uring: an echo server by hand, one ring, one thread, nothing between it and the kernel.
//
// What arrives is sent back from the memory that the kernel received it into. Messages are received by one
// operation that goes on and on (2 KiB x 128), streams by one operation per buffer (64 KiB x 8).
//
// Question: what does a message, and a connection, cost at least on this interface?
// Not answered: what a server costs that can be used. This one has no deadlines, no account, no verified ends,
// no way to stop, it is told beforehand which kind of load comes, and its handler is woven into its loop.

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "limit/ring.hpp"
#include "serving/startup.hpp"

namespace {

using lastbyte::limit::next_submission;

// Units: entries; bytes; buffers.
constexpr unsigned submissions = 256;
constexpr unsigned completions = 1'024;
constexpr std::uint32_t message_bytes = 2U << 10U;
constexpr std::uint32_t message_buffers = 128;
constexpr std::uint32_t bulk_bytes = 64U << 10U;
constexpr std::uint32_t bulk_buffers = 8;
constexpr int group = 0;
constexpr std::size_t most_parts = 16;  // of one send
constexpr std::uint16_t none = UINT16_MAX;

enum operation : std::uint8_t { accepting, receiving, sending };

constexpr std::uint64_t pack(operation what, int descriptor) {
  return static_cast<std::uint64_t>(descriptor) << 8U | what;
}

// Received, and not yet sent whole: a list through the buffers.
struct connection {
  std::uint64_t echoed;
  std::uint16_t first_plus_1;  // 0: nothing is queued
  std::uint16_t last;
  std::uint16_t parts_in_flight;  // buffers of the send that the kernel has
  bool is_receiving : 1;
  bool has_finished : 1;  // we have
  bool is_at_end : 1;     // the peer is
  bool has_failed : 1;
};
static_assert(sizeof(connection) == 16);

struct buffer {
  std::uint32_t bytes = 0;
  std::uint16_t next = none;
};

// What a gathered send points at until the kernel has read it: one for each place in the submission queue.
struct attachment {
  msghdr header;
  std::array<iovec, most_parts> parts;
};

struct server {
  io_uring ring{};
  io_uring_buf_ring* supply = nullptr;
  char* memory = nullptr;
  std::uint32_t buffer_bytes = 0;
  std::uint32_t buffer_count = 0;
  bool is_bulk = false;
  std::uint64_t finish_after = 0;
  int returned = 0;  // buffers put back, not yet told to the kernel
  connection* by_descriptor = nullptr;
  std::array<buffer, message_buffers> buffers;
  std::array<attachment, submissions> attachments{};
  std::vector<int> starved;  // connections that found no buffer
};

char* bytes_of(server& at, std::uint16_t which) {
  return at.memory + std::size_t{which} * at.buffer_bytes;
}

void give_back(server& at, std::uint16_t which) {
  io_uring_buf_ring_add(at.supply, bytes_of(at, which), at.buffer_bytes, which,
                        io_uring_buf_ring_mask(at.buffer_count), at.returned++);
}

bool open_supply(server& at) {
  at.buffer_bytes = at.is_bulk ? bulk_bytes : message_bytes;
  at.buffer_count = at.is_bulk ? bulk_buffers : message_buffers;
  const std::size_t ring_bytes = at.buffer_count * sizeof(io_uring_buf);
  const std::size_t all_bytes = std::size_t{at.buffer_count} * at.buffer_bytes;
  void* ring =
      mmap(nullptr, ring_bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  void* all = mmap(nullptr, all_bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (ring == MAP_FAILED || all == MAP_FAILED) return false;
  at.supply = static_cast<io_uring_buf_ring*>(ring);
  at.memory = static_cast<char*>(all);
  io_uring_buf_reg wanted{};
  wanted.ring_addr = reinterpret_cast<std::uint64_t>(ring);
  wanted.ring_entries = at.buffer_count;
  wanted.bgid = group;
  if (io_uring_register_buf_ring(&at.ring, &wanted, 0) != 0) return false;
  io_uring_buf_ring_init(at.supply);
  for (std::uint32_t i = 0; i < at.buffer_count; ++i) give_back(at, static_cast<std::uint16_t>(i));
  return true;
}

void arm_accept(server& at, int listener) {
  io_uring_sqe& next = next_submission(at.ring);
  io_uring_prep_multishot_accept(&next, listener, nullptr, nullptr, 0);
  next.user_data = pack(accepting, listener);
}

void arm_receive(server& at, int descriptor, connection& which) {
  io_uring_sqe& next = next_submission(at.ring);
  if (at.is_bulk) {
    io_uring_prep_recv(&next, descriptor, nullptr, at.buffer_bytes, 0);
  } else {
    io_uring_prep_recv_multishot(&next, descriptor, nullptr, 0, 0);
  }
  next.flags |= IOSQE_BUFFER_SELECT;
  next.buf_group = group;
  next.user_data = pack(receiving, descriptor);
  which.is_receiving = true;
}

// All that is queued, at once. MSG_WAITALL: a short send never surfaces.
void start_send(server& at, int descriptor, connection& which) {
  io_uring_sqe& next = next_submission(at.ring);
  auto part = static_cast<std::uint16_t>(which.first_plus_1 - 1);
  if (part == which.last) {
    io_uring_prep_send(&next, descriptor, bytes_of(at, part), at.buffers[part].bytes,
                       MSG_WAITALL | MSG_NOSIGNAL);
    which.parts_in_flight = 1;
  } else {
    attachment& gathered = at.attachments[static_cast<std::size_t>(&next - at.ring.sq.sqes)];
    std::uint16_t count = 0;
    for (; part != none && count < most_parts; part = at.buffers[part].next) {
      gathered.parts[count++] = {bytes_of(at, part), at.buffers[part].bytes};
    }
    gathered.header = {};
    gathered.header.msg_iov = gathered.parts.data();
    gathered.header.msg_iovlen = count;
    io_uring_prep_sendmsg(&next, descriptor, &gathered.header, MSG_WAITALL | MSG_NOSIGNAL);
    which.parts_in_flight = count;
  }
  next.user_data = pack(sending, descriptor);
}

// Behind the last byte: our end of stream, and the connection's end once nothing is in flight.
void end_if_over(server& at, int descriptor, connection& which) {
  if (which.first_plus_1 != 0) return;
  if (!which.has_finished && (which.is_at_end || which.has_failed)) {
    shutdown(descriptor, SHUT_WR);
    which.has_finished = true;
  }
  if (which.is_receiving || !(which.is_at_end || which.has_failed)) return;
  at.by_descriptor[descriptor] = {};
  close(descriptor);
}

void on_accept(server& at, int listener, const io_uring_cqe& done) {
  if (done.res >= 0) arm_receive(at, done.res, at.by_descriptor[done.res]);
  if ((done.flags & IORING_CQE_F_MORE) == 0) arm_accept(at, listener);
}

void queue(server& at, connection& which, std::uint16_t received, std::uint32_t bytes) {
  at.buffers[received] = {bytes, none};
  if (which.first_plus_1 == 0) {
    which.first_plus_1 = static_cast<std::uint16_t>(received + 1);
  } else {
    at.buffers[which.last].next = received;
  }
  which.last = received;
}

void on_receive(server& at, int descriptor, const io_uring_cqe& done) {
  connection& which = at.by_descriptor[descriptor];
  const bool is_over = (done.flags & IORING_CQE_F_MORE) == 0;
  if (is_over) which.is_receiving = false;
  if (done.res > 0) {
    const auto received = static_cast<std::uint16_t>(done.flags >> IORING_CQE_BUFFER_SHIFT);
    if (which.has_finished || which.has_failed) {
      give_back(at, received);
    } else {
      queue(at, which, received, static_cast<std::uint32_t>(done.res));
      if (which.parts_in_flight == 0) start_send(at, descriptor, which);
    }
    // With large buffers the next receive waits for the send: as many as there are stay in the cache.
    if (is_over && (!at.is_bulk || which.first_plus_1 == 0)) arm_receive(at, descriptor, which);
    return;
  }
  if (done.res == -ENOBUFS) {
    at.starved.push_back(descriptor);
    return;
  }
  which.is_at_end = done.res == 0;
  which.has_failed = done.res < 0;
  end_if_over(at, descriptor, which);
}

void on_send(server& at, int descriptor, const io_uring_cqe& done) {
  connection& which = at.by_descriptor[descriptor];
  which.has_failed |= done.res < 0;
  for (std::uint16_t sent = which.parts_in_flight; sent != 0; --sent) {
    const auto first = static_cast<std::uint16_t>(which.first_plus_1 - 1);
    which.first_plus_1 = static_cast<std::uint16_t>(at.buffers[first].next + 1);
    which.echoed += at.buffers[first].bytes;
    give_back(at, first);
  }
  which.parts_in_flight = 0;
  if (which.first_plus_1 != 0) {
    start_send(at, descriptor, which);
  } else if (at.finish_after != 0 && which.echoed >= at.finish_after && !which.has_finished) {
    shutdown(descriptor, SHUT_WR);
    which.has_finished = true;
  }
  if (at.is_bulk && !which.is_receiving && !which.is_at_end && !which.has_failed) {
    arm_receive(at, descriptor, which);
  }
  if (which.is_at_end || which.has_failed) end_if_over(at, descriptor, which);
}

void serve(server& at, const io_uring_cqe& done) {
  const auto descriptor = static_cast<int>(done.user_data >> 8U);
  switch (static_cast<operation>(done.user_data & 0xffU)) {
    case accepting: return on_accept(at, descriptor, done);
    case receiving: return on_receive(at, descriptor, done);
    case sending: return on_send(at, descriptor, done);
  }
}

// Buffers that came back: the kernel may have them, and who found none tries again.
void restock(server& at) {
  if (at.returned == 0) return;
  io_uring_buf_ring_advance(at.supply, at.returned);
  at.returned = 0;
  for (const int descriptor : at.starved) arm_receive(at, descriptor, at.by_descriptor[descriptor]);
  at.starved.clear();
}

}  // namespace

int main(int count, char** words) {
  const auto made = lastbyte::serving::start(count, words);
  if (!made.problem.empty()) return lastbyte::serving::refuse(made);
  static server at;
  at.is_bulk = made.is_bulk;
  at.finish_after = made.finish_after;
  at.by_descriptor = static_cast<connection*>(std::calloc(made.most_files, sizeof(connection)));
  if (at.by_descriptor == nullptr) std::abort();
  if (lastbyte::limit::open_ring(at.ring, submissions, completions) != 0) return 1;
  if (!open_supply(at)) return 1;
  restock(at);
  for (const int listener : made.listeners) arm_accept(at, listener);
  for (;;) {
    io_uring_submit_and_wait(&at.ring, 1);
    unsigned head = 0;
    unsigned seen = 0;
    io_uring_cqe* done = nullptr;
    io_uring_for_each_cqe(&at.ring, head, done) {
      serve(at, *done);
      ++seen;
    }
    io_uring_cq_advance(&at.ring, seen);
    restock(at);
  }
}
