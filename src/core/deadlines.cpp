#include "core/deadlines.hpp"

#include <algorithm>

namespace lastbyte::core {

std::optional<tick> deadlines::next_due(tick now, const limits& bounds) const noexcept {
  std::optional<tick> soonest;
  for (std::size_t i = 0; i < deadline_count; ++i) {
    const auto which = static_cast<deadline>(i);
    const tick bound = bounds.of(which);
    if (!is_running(which) || bound == 0) continue;
    const tick passed = elapsed(which, now);
    const tick left = passed >= bound ? 0 : bound - passed;
    soonest = std::min(soonest.value_or(left), left);
  }
  return soonest;
}

}  // namespace lastbyte::core
