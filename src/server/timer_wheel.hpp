// One timer per connection, and none of them touched by a message.
//
// A wheel of buckets, each a few milliseconds wide. What is due later than one turn waits in the last bucket
// and is looked at again when that comes round: a far deadline costs a look every few seconds, and
// re-arming costs nothing because the deadlines themselves are only stamps (core/deadlines.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/deadlines.hpp"

namespace lastbyte::engine {

using core::tick;

// A timer: the base of whatever it is about.
struct timer {
  timer* next = nullptr;
  timer* previous = nullptr;
  tick due = 0;
  std::uint16_t bucket = 0;
  bool is_set = false;
};

class timer_wheel {
 public:
  explicit timer_wheel(tick now) noexcept : position_(now / bucket_ms) {}

  // Sets `which` to `due`, also if it is set already. What is due in the past expires next.
  void set(timer& which, tick due) noexcept;
  // Sets `which` to `due`, unless it is due before that already: what that was for, such as a deadline or a
  // phase of the quiesce, may be known to nobody else. One that rings early costs a look.
  // @return whether it was set.
  bool bring_forward(timer& which, tick due) noexcept;
  void clear(timer& which) noexcept;

  // Takes out one timer that is due. Call until nullptr.
  [[nodiscard]] timer* expire(tick now) noexcept;

  // Milliseconds until expire() may have something; nothing if no timer is set.
  [[nodiscard]] std::optional<tick> next_wait(tick now) const noexcept;

 private:
  static constexpr tick bucket_ms = 4;
  static constexpr std::size_t buckets = 1'024;  // a turn is about 4 s
  static constexpr std::size_t word_bits = 64;
  static_assert(buckets % word_bits == 0);

  void link(timer& which, std::uint16_t into) noexcept;
  void unlink(timer& which) noexcept;
  [[nodiscard]] std::optional<std::size_t> next_filled() const noexcept;

  std::array<timer*, buckets> first_{};
  std::array<std::uint64_t, buckets / word_bits> filled_{};  // a bit for each bucket with timers
  tick position_;  // the bucket that is being emptied, counted from the beginning of time
};

}  // namespace lastbyte::engine
