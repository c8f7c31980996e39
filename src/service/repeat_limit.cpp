#include "service/repeat_limit.hpp"

#include <utility>

namespace lastbyte::service {
namespace {

constexpr std::uint64_t window_ms = 1'000;

}  // namespace

bool repeat_limit::is_over(std::uint64_t now_ms) const noexcept {
  return now_ms - window_begin_ms_ >= window_ms;
}

bool repeat_limit::admit(std::uint64_t now_ms) noexcept {
  if (is_over(now_ms)) {
    window_begin_ms_ = now_ms;
    admitted_ = 0;
    due_ += std::exchange(suppressed_, 0);
  }
  if (admitted_ == most_) {
    ++suppressed_;
    return false;
  }
  ++admitted_;
  return true;
}

std::uint64_t repeat_limit::take_suppressed(std::uint64_t now_ms, bool at_end) noexcept {
  if (at_end || is_over(now_ms)) due_ += std::exchange(suppressed_, 0);
  return std::exchange(due_, 0);
}

}  // namespace lastbyte::service
