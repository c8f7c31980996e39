// How many connections are open, and how many may be.
//
// Whoever meets the limit stops accepting until he is woken. Nobody is woken too soon: only who has left learns
// that somebody waits. And nobody waits for ever: who meets the limit looked at the count after he had said so.
// It is as exact as workers are quick: what a worker accepts in one go it lets in before it looks at the limit.
#pragma once

#include <atomic>
#include <cstdint>

namespace lastbyte::engine {

// Thread: any.
class connection_limit {
 public:
  explicit connection_limit(std::uint32_t most) noexcept : most_(most) {}

  void enter() noexcept { open_.fetch_add(1, std::memory_order_relaxed); }
  // @return whether somebody has met the limit: then every worker is to be woken.
  [[nodiscard]] bool leave() noexcept {
    open_.fetch_sub(1);
    return was_met_.load() && was_met_.exchange(false);
  }

  enum class answer : std::uint8_t {
    room,
    room_again,  // likewise; somebody may have asked just before, and not know: every worker is to be told
    just_met,  // nobody knew: every worker is to be told, or each would let one more in
    met,
  };
  // May another one enter? If not, leave() will tell whoever leaves next that somebody has asked.
  [[nodiscard]] answer ask() noexcept {
    if (open_.load(std::memory_order_relaxed) < most_) return answer::room;
    const bool was_known = was_met_.exchange(true);
    if (open_.load() < most_) {
      // Whoever left in between saw nobody wait: what was said is taken back as he would have done it. Kept, it
      // would pass for known when the limit is met next.
      return !was_known && was_met_.exchange(false) ? answer::room_again : answer::room;
    }
    return was_known ? answer::met : answer::just_met;
  }

 private:
  // Each side writes one of them and then reads the other: in one order for all, or both could miss it.
  std::atomic<std::uint32_t> open_ = 0;
  std::atomic<bool> was_met_ = false;
  std::uint32_t most_;
};

}  // namespace lastbyte::engine
