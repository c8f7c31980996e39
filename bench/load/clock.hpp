// The clock of the load generator: nanoseconds since some moment, never backwards.
#pragma once

#include <chrono>
#include <cstdint>

namespace lastbyte::load {

[[nodiscard]] inline std::uint64_t now_ns() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

inline constexpr std::uint64_t ms_to_ns = 1'000'000;
inline constexpr double ns_to_s = 1e-9;
inline constexpr double ns_to_us = 1e-3;

}  // namespace lastbyte::load
