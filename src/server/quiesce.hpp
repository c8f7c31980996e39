// When what happens to a server that ends.
//
// One: after the grace time no new connection is let in; each open one is closed once it has been quiet since
// then, because an empty receive queue does not mean that the peer has nothing more to say: what it said before
// the signal may be on its way, or lost and sent again. Two: at the cap close() is said to all. At the hard
// deadline the rest is aborted, and counted.
// Not here: what "quiet" means (core/connection.hpp), and closing itself: that is the machine's.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>

#include <lastbyte/options.hpp>

#include "core/deadlines.hpp"

namespace lastbyte::engine {

using core::tick;

// Thread: any.
class quiesce {
 public:
  enum class phase : std::uint8_t {
    serving,   // not begun
    grace,     // still letting new connections in
    quieting,  // closing what is quiet
    closing,   // everything was told to close
    over,      // what is left is aborted
  };

  explicit quiesce(const options& chosen) noexcept
      : grace_ms_(chosen.quiesce_grace_ms),
        capped_ms_(grace_ms_ + std::min(chosen.quiesce_cap_ms, ~tick{0} - grace_ms_)),
        hard_ms_(std::max(chosen.quiesce_hard_ms, 1U)),
        quiet_ms_(chosen.quiesce_quiet_ms) {}

  // @return whether this call began it.
  bool begin(tick now) noexcept {
    std::uint64_t nothing = 0;
    return began_.compare_exchange_strong(nothing, begun_bit | now, std::memory_order_acq_rel);
  }
  void end_at_once(tick now) noexcept {
    (void)begin(now);
    is_cut_short_.store(true, std::memory_order_release);
  }

  [[nodiscard]] bool is_begun() const noexcept {
    return began_.load(std::memory_order_acquire) != 0;
  }
  [[nodiscard]] tick elapsed(tick now) const noexcept {
    if (!is_begun()) return 0;
    // It was begun from another thread, perhaps later than this worker's `now`.
    return core::time_since(static_cast<tick>(began_.load(std::memory_order_relaxed)), now);
  }
  [[nodiscard]] phase at(tick now) const noexcept {
    if (!is_begun()) return phase::serving;
    const tick passed = elapsed(now);
    if (is_cut_short_.load(std::memory_order_acquire) || passed >= hard_ms_) return phase::over;
    if (passed < grace_ms_) return phase::grace;
    return passed < capped_ms_ ? phase::quieting : phase::closing;
  }
  // Milliseconds until the next phase; 1 in the last one, which is to be over soon.
  [[nodiscard]] tick until_next_phase(tick now) const noexcept {
    if (at(now) == phase::over) return 1;
    const tick passed = elapsed(now);
    tick soonest = ~tick{0};
    for (const tick border : {grace_ms_, capped_ms_, hard_ms_}) {
      if (passed < border) soonest = std::min(soonest, border - passed);
    }
    return soonest;
  }
  // How long a connection must have been quiet: three of its round trips, but at least the option.
  [[nodiscard]] tick quiet_ms(std::uint32_t round_trip_us) const noexcept {
    return std::max(quiet_ms_, 3 * round_trip_us / 1000);
  }
  // How often a connection that isn't quiet yet is looked at.
  [[nodiscard]] tick look_again_ms() const noexcept { return std::clamp(quiet_ms_ / 4, 5U, 100U); }
  // Idle connections are looked at, and closed, one after the other within the quiet time, so that their
  // clients don't all come back to the next server at once.
  [[nodiscard]] tick spread_ms(std::uint32_t slot) const noexcept {
    return static_cast<tick>(std::uint64_t{quiet_ms_} * (slot % 16) / 16);
  }
  // Milliseconds until who has been quiet for `quiet` may be closed; 0: now.
  [[nodiscard]] tick until_first_end(tick now, std::uint32_t slot, tick quiet) const noexcept {
    const std::uint64_t due = std::uint64_t{grace_ms_} + quiet + spread_ms(slot);
    const std::uint64_t left = due - std::min<std::uint64_t>(due, elapsed(now));
    return static_cast<tick>(std::min<std::uint64_t>(left, ~tick{0}));
  }

 private:
  static constexpr std::uint64_t begun_bit = std::uint64_t{1} << 32;

  tick grace_ms_;
  tick capped_ms_;  // the grace time and the cap
  tick hard_ms_;
  tick quiet_ms_;
  std::atomic<std::uint64_t> began_ = 0;  // begun_bit and the tick; 0: not begun
  std::atomic<bool> is_cut_short_ = false;
};

}  // namespace lastbyte::engine
