// How many connections are open, and how many may be.
//
// Whoever meets the limit stops accepting until he is woken. Nobody is woken too soon: only who has left learns
// that somebody waits. And nobody waits for ever: who meets the limit looked at the count after he had said so.
#pragma once

#include <atomic>
#include <cstdint>

namespace lastbyte::engine {

// Thread: any.
class connection_limit {
 public:
  explicit connection_limit(std::uint32_t most) noexcept : most_(most) {}

  void enter() noexcept { open_.fetch_add(1, std::memory_order_relaxed); }
  // @return whether somebody has met the limit meanwhile: then every worker is to be woken.
  [[nodiscard]] bool leave() noexcept {
    open_.fetch_sub(1);
    return was_met_.load() && was_met_.exchange(false);
  }
  // @param coming: connections that have not entered yet, and will.
  // @return whether the limit is met; then leave() will tell that to whoever leaves next.
  [[nodiscard]] bool is_met(std::uint32_t coming = 0) noexcept {
    if (open_.load(std::memory_order_relaxed) + coming < most_) return false;
    was_met_.store(true);
    return open_.load() + coming >= most_;
  }

 private:
  // Each side writes one of them and then reads the other: in one order for all, or both could miss it.
  std::atomic<std::uint32_t> open_ = 0;
  std::atomic<bool> was_met_ = false;
  std::uint32_t most_;
};

}  // namespace lastbyte::engine
