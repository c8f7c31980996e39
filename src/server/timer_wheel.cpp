#include "server/timer_wheel.hpp"

#include <algorithm>
#include <bit>

#include "core/mark.hpp"

namespace lastbyte::engine {
namespace {

// The clock wraps: `a` is before `b` if the way from a to b is the shorter one.
constexpr bool is_before(tick a, tick b) noexcept { return static_cast<std::int32_t>(a - b) < 0; }

}  // namespace

void timer_wheel::set(timer& which, tick due) noexcept {
  if (which.is_set) unlink(which);
  which.due = due;
  const tick here = position_ * bucket_ms;
  const tick wait = is_before(due, here) ? 0 : due - here;
  // Rounded up, so that a timer never expires early; never into the bucket that is being emptied, or a
  // timer that is set again and again at once would keep it from ever being empty.
  const tick ahead = std::clamp<tick>((wait + bucket_ms - 1) / bucket_ms, 1, buckets - 1);
  link(which, static_cast<std::uint16_t>((position_ + ahead) % buckets));
}

bool timer_wheel::bring_forward(timer& which, tick due) noexcept {
  if (which.is_set && !is_before(due, which.due)) return false;
  set(which, due);
  return true;
}

void timer_wheel::clear(timer& which) noexcept {
  if (which.is_set) unlink(which);
}

timer* timer_wheel::expire(tick now) noexcept {
  for (;;) {
    timer*& first = first_[position_ % buckets];
    while (first != nullptr) {
      timer& found = *first;
      unlink(found);
      if (!is_before(now, found.due)) return &found;
      LASTBYTE_MARK(timer_beyond_a_turn);
      set(found, found.due);  // it was further off than one turn
    }
    // In ticks, where the difference survives the wrap of the clock.
    const tick here = position_ * bucket_ms;
    const tick left = is_before(now, here) ? 0 : (now - here) / bucket_ms;
    if (left == 0) return nullptr;
    // Skip what is empty: after a long sleep only a few buckets matter.
    const auto filled = next_filled();
    position_ += filled ? std::min<tick>(static_cast<tick>(*filled), left) : left;
  }
}

std::optional<tick> timer_wheel::next_wait(tick now) const noexcept {
  if (first_[position_ % buckets] != nullptr) return 0;  // somebody is in the middle of emptying it
  const auto filled = next_filled();
  if (!filled) return std::nullopt;
  const tick at = (position_ + static_cast<tick>(*filled)) * bucket_ms;
  return is_before(now, at) ? at - now : 0;
}

void timer_wheel::link(timer& which, std::uint16_t into) noexcept {
  which.bucket = into;
  which.is_set = true;
  which.previous = nullptr;
  which.next = first_[into];
  if (which.next != nullptr) which.next->previous = &which;
  first_[into] = &which;
  filled_[into / word_bits] |= std::uint64_t{1} << (into % word_bits);
}

void timer_wheel::unlink(timer& which) noexcept {
  which.is_set = false;
  if (which.next != nullptr) which.next->previous = which.previous;
  if (which.previous != nullptr) {
    which.previous->next = which.next;
    return;
  }
  first_[which.bucket] = which.next;
  if (which.next == nullptr) {
    filled_[which.bucket / word_bits] &= ~(std::uint64_t{1} << (which.bucket % word_bits));
  }
}

// How many buckets ahead of the present one the next one with timers is: 1 to buckets - 1.
std::optional<std::size_t> timer_wheel::next_filled() const noexcept {
  for (std::size_t ahead = 1; ahead < buckets;) {
    const std::size_t bucket = (position_ + ahead) % buckets;
    const std::uint64_t rest = filled_[bucket / word_bits] >> (bucket % word_bits);
    if (rest != 0) {
      const std::size_t found = ahead + static_cast<std::size_t>(std::countr_zero(rest));
      return found < buckets ? std::optional(found) : std::nullopt;
    }
    ahead += word_bits - bucket % word_bits;
  }
  return std::nullopt;
}

}  // namespace lastbyte::engine
