// One place for a connection of the load: what it has sent and got back, and what it may still do.
//
// The rule: a closed loop. `pipeline` messages are outstanding, and each one that comes back makes room for
// the next. With --churn a session is one connection after the other.
// Shape: one per cache line pair, since sessions side by side may belong to different threads.
// Not here: connections (client_handler.hpp), clocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "metrics/histogram.hpp"
#include "protocol/pattern.hpp"

namespace lastbyte::load {

// A byte that came back and should not have.
struct wrong_byte {
  std::uint64_t session = 0;
  std::uint64_t position = 0;  // in the stream of its connection
  std::byte expected{};
  std::byte actual{};
  bool is_surplus = false;  // nothing was expected there at all
};

struct alignas(64) session {
  std::uint64_t sent = 0;           // bytes accepted by send()
  std::uint64_t received = 0;       // bytes that came back
  std::uint64_t next_boundary = 0;  // `received` at which the oldest message is whole
  std::uint64_t budget = 0;         // messages that may still be sent
  std::uint64_t* stamps = nullptr;  // when each outstanding message was sent: a ring
  std::uint64_t own_stamp = 0;      // the ring, where one message is outstanding
  std::uint32_t mask = 0;           // of the ring's indexes
  std::uint32_t head = 0;           // the oldest outstanding message, counted from 0
  std::uint32_t tail = 0;           // behind the newest
  std::uint32_t incarnation = 0;    // connections that this session has begun
  protocol::pattern bytes;
  std::uint64_t wrong = 0;     // bytes
  std::uint64_t begun_ns = 0;  // when its connection was asked for

  [[nodiscard]] std::uint32_t outstanding() const noexcept { return tail - head; }

  // Forgets the last connection. @param index: which session this is, so that no two send the same.
  void begin(std::uint32_t index, std::uint32_t message_bytes, std::uint64_t now_ns) noexcept;

  // `count` messages were sent at `now_ns`.
  void push(std::uint32_t count, std::uint32_t message_bytes, std::uint64_t now_ns) noexcept {
    for (std::uint32_t i = 0; i < count; ++i) stamps[tail++ & mask] = now_ns;
    sent += std::uint64_t{count} * message_bytes;
    budget -= count;
  }

  // Takes the messages that are whole off the ring; visit(stamp) each.
  // @return how many.
  template <class Visit>
  std::uint32_t pop_whole(std::uint32_t message_bytes, Visit visit) noexcept {
    const std::uint32_t before = head;
    while (received >= next_boundary && head != tail) {
      visit(stamps[head++ & mask]);
      next_boundary += message_bytes;
    }
    return head - before;
  }

  // Counts `arrived`, and as wrong what doesn't belong there.
  // @return the first wrong byte, into `first`, if there is one and the session had none before.
  [[nodiscard]] bool take(std::span<const std::byte> arrived, wrong_byte& first) noexcept {
    const std::uint64_t position = received;
    received += arrived.size();
    if (received <= sent && bytes.matches(position, arrived)) [[likely]]
      return false;
    return take_wrong(position, arrived, first);
  }

 private:
  bool take_wrong(std::uint64_t position, std::span<const std::byte> arrived,
                  wrong_byte& first) noexcept;
};

// All sessions of a run, with the memory of their rings. Allocated once.
class session_table {
 public:
  // @param requests: messages in all, 0: no bound.
  session_table(std::uint32_t count, std::uint32_t pipeline, std::uint64_t requests);

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] session& operator[](std::uint64_t index) noexcept { return all_[index]; }

 private:
  std::uint32_t size_;
  std::unique_ptr<session[]> all_;
  std::unique_ptr<std::uint64_t[]> stamps_;
};

}  // namespace lastbyte::load
