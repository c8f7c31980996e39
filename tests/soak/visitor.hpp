// One client of the soak: it has a habit, follows it to its end, and knows how the server must call that.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <lastbyte/ending.hpp>
#include <lastbyte/endpoint.hpp>

#include "end_to_end/client.hpp"
#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

enum class habit : std::uint8_t {
  // Orderly: nothing may be lost, and both sides count the same.
  echo,          // finishes first, and reads everything
  slow_echo,     // the same, at 4 KiB every 20 ms
  server_first,  // sends more than the server answers
  // Rough: each has its own cause.
  reset_when_answered,
  reset_in_flight,
  close_in_flight,
  silent,
  falls_silent,
  never_reads,
  never_closes,
};

inline constexpr std::array orderly_habits{habit::echo, habit::slow_echo, habit::server_first};
inline constexpr std::array rough_habits{
    habit::reset_when_answered, habit::reset_in_flight, habit::close_in_flight, habit::silent,
    habit::falls_silent,        habit::never_reads,     habit::never_closes};

/// The flags of a daemon whose visitors these are.
inline constexpr std::uint64_t finish_after = 1 << 20;

/// How the server must call such an ending.
[[nodiscard]] ending ending_of(habit which) noexcept;

class visitor {
 public:
  visitor(const endpoint& where, habit which, std::uint64_t draw);

  /// What to poll() for now; 0 if nothing.
  [[nodiscard]] short events() const;
  [[nodiscard]] int socket() const { return at_.socket(); }
  void on_ready(short events);
  /// Does what its habit does when so much time has passed.
  void on_tick();

  [[nodiscard]] bool is_gone() const { return is_gone_; }
  [[nodiscard]] habit which() const { return habit_; }
  [[nodiscard]] const client& seen() const { return at_; }
  /// What is wrong with how it went, as far as it can tell itself; empty if nothing.
  [[nodiscard]] std::string_view complaint() const;

 private:
  void leave_by_reset();
  void leave_by_close();

  habit habit_;
  client at_;
  stopwatch since_connected_;
  bool is_gone_ = false;
};

}  // namespace lastbyte::test
