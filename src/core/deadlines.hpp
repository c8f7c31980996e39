// When a connection must have moved on: stamps, no timers.
//
// The rule: time is an argument. A stamp says since when a deadline counts; it is written when something
// moves and compared only when the connection's one timer expires. Deadlines that never count at the same
// time share one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/check.hpp"
#include "core/mark.hpp"

namespace lastbyte::core {

// Milliseconds of a clock that only goes forward. It wraps after 49 days: only differences mean anything.
using tick = std::uint32_t;

// Milliseconds from `then` to `now`. Workers read the clock at different moments, and judge silence as of when all news
// had been told, so `then` may be the later one, by as much as a handler or a stopped process takes: that is no time at
// all, and not 49 days.
[[nodiscard]] constexpr tick time_since(tick then, tick now) noexcept {
  constexpr tick longest_turn = 24 * 60 * 60 * 1'000;
  if (then - now <= longest_turn) {
    if (then != now) LASTBYTE_MARK(clock_behind_stamp);
    return 0;
  }
  return now - then;
}

enum class deadline : std::uint8_t {
  first_byte,
  idle,
  send_stall,
  drain_total,
  drain_idle,
  confirm,
  join,
};
inline constexpr std::size_t deadline_count = 7;

// Every bound of a connection. Units: milliseconds and bytes; 0 ms: no such deadline.
struct limits {
  std::array<tick, deadline_count> ms{};
  std::uint64_t send_stall_bytes = 0;  // fewer acknowledged within send_stall: stalled
  std::uint64_t drain_bytes = 0;       // more dropped after close(): drain_bytes

  [[nodiscard]] tick of(deadline which) const noexcept {
    return ms[static_cast<std::size_t>(which)];
  }
};

class deadlines {
 public:
  // Counts `which` from now on; also re-arms it, but never from sooner than it counts already: a worker whose clock
  // is behind would shorten it. Those that share its stamp must not be running.
  void start(deadline which, tick now) noexcept {
    LASTBYTE_CHECK((running_ & sharers(which) & ~bit(which)) == 0);
    tick& since = since_[stamp(which)];
    if (!is_running(which) || time_since(since, now) != 0) since = now;
    running_ |= bit(which);
  }
  void stop(deadline which) noexcept { running_ &= static_cast<std::uint8_t>(~bit(which)); }
  void stop_all() noexcept { running_ = 0; }
  [[nodiscard]] bool is_running(deadline which) const noexcept {
    return (running_ & bit(which)) != 0;
  }
  // Milliseconds since `which` was started. It must be running.
  [[nodiscard]] tick elapsed(deadline which, tick now) const noexcept {
    return time_since(since_[stamp(which)], now);
  }
  [[nodiscard]] bool is_struck(deadline which, tick now, const limits& bounds) const noexcept {
    return is_running(which) && bounds.of(which) != 0 && elapsed(which, now) >= bounds.of(which);
  }
  // Milliseconds until the next deadline strikes; 0 if one has. Nothing if none is running.
  [[nodiscard]] std::optional<tick> next_due(tick now, const limits& bounds) const noexcept;

 private:
  // Each state has one bound on how long it may last in all, one on silence, and one on the peer's reading.
  static constexpr std::array<std::uint8_t, deadline_count> stamps{
      0,  // first_byte: while serving
      1,  // idle: while serving
      2,  // send_stall: until closing
      0,  // drain_total: while draining
      1,  // drain_idle: while draining
      0,  // confirm: while confirming
      0,  // join: while closing
  };
  static constexpr std::size_t stamp_count = 3;

  static constexpr std::size_t stamp(deadline which) noexcept {
    return stamps[static_cast<std::size_t>(which)];
  }
  static constexpr std::uint8_t bit(deadline which) noexcept {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(which));
  }
  // Whoever has the same stamp.
  static constexpr unsigned sharers(deadline which) noexcept {
    unsigned found = 0;
    for (std::size_t i = 0; i < deadline_count; ++i) {
      if (stamps[i] == stamp(which)) found |= 1U << i;
    }
    return found;
  }

  std::array<tick, stamp_count> since_{};
  std::uint8_t running_ = 0;
};

}  // namespace lastbyte::core
