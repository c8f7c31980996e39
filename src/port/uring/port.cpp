#include "port/uring/port.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include "port/posix/error_map.hpp"

namespace lastbyte::port::uring {
namespace {

// What is posted of either size fits into half of a second-level cache of 1 MiB: that decides what receiving
// costs, more than any system call does (four times as much of it made streams 1.6 times as expensive).
// Large ones are posted only once there is a stream.
constexpr std::uint32_t message_bytes = 2U << 10;
constexpr std::uint16_t message_buffers = 128;
constexpr std::uint16_t bulk_buffers = 8;
constexpr std::uint32_t half_a_cache = 512U << 10;
static_assert(message_bytes * message_buffers <= half_a_cache);
static_assert(receive_block_bytes * bulk_buffers <= half_a_cache);

// Blocks for messages that are kept for the next ones.
constexpr std::uint32_t kept_messages = 128;

enum group : std::uint16_t { messages_group, bulk_group };

}  // namespace

lane::lane() noexcept
    : message_pool(message_bytes, kept_messages),
      messages(messages_group, message_buffers),
      bulk(bulk_group, bulk_buffers) {}

lane::~lane() {
  if (is_open_) io_uring_queue_exit(&ring);
  if (bell >= 0) ::close(bell);
}

outcome lane::open(std::uint32_t setup_flags) noexcept {
  if (const outcome why = open_ring(ring, setup_flags); why.failed()) return why;
  is_open_ = true;
  if (const outcome why = messages.open(ring); why.failed()) return why;
  if (const outcome why = bulk.open(ring); why.failed()) return why;
  bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return bell < 0 ? posix::last_error() : outcome{};
}

outcome port::try_out() {
  return away_from_here([] { return find_setup().problem; });
}

port::port(std::uint32_t workers) {
  problem_ = away_from_here([this, workers] { return open_lanes(workers); });
}

outcome port::open_lanes(std::uint32_t count) {
  const ring_setup found = find_setup();
  if (found.problem.failed()) return found.problem;
  for (std::uint32_t i = 0; i < count; ++i) {
    lanes_.push_back(std::make_unique<lane>());
    if (const outcome why = lanes_.back()->open(found.flags); why.failed()) return why;
  }
  return {};
}

void port::wake(std::uint32_t worker_index) noexcept {
  if (worker_index >= lanes_.size()) return;  // where not all could be opened, nobody sleeps
  const std::uint64_t one = 1;
  // Fails only when the count is full, after 2^64 rings that nobody heard: then it still rings.
  (void)!::write(lanes_[worker_index]->bell, &one, sizeof one);
}

}  // namespace lastbyte::port::uring
