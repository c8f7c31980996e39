// Keeps lines that repeat from flooding a log: so many a second pass, the others are counted.
#pragma once

#include <cstdint>

namespace lastbyte::service {

// Time is an argument: milliseconds of any clock that doesn't go back.
// Thread: guarded by the caller.
class repeat_limit {
 public:
  explicit repeat_limit(std::uint32_t lines_per_second) noexcept : most_(lines_per_second) {}

  // @return whether a line may be written now; if not, it was counted.
  bool admit(std::uint64_t now_ms) noexcept;

  // How many lines were held back in a second that is over (or, with `at_end`, until now). Then they
  // count as told: the next call says 0.
  std::uint64_t take_suppressed(std::uint64_t now_ms, bool at_end = false) noexcept;

  [[nodiscard]] bool has_suppressed() const noexcept { return suppressed_ + due_ != 0; }

 private:
  [[nodiscard]] bool is_over(std::uint64_t now_ms) const noexcept;

  std::uint32_t most_;
  std::uint32_t admitted_ = 0;
  std::uint64_t suppressed_ = 0;  // in the current second
  std::uint64_t due_ = 0;         // in seconds that are over
  std::uint64_t window_begin_ms_ = 0;
};

}  // namespace lastbyte::service
