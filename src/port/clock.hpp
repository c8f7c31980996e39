// The clock of the ports that are made of kernels: milliseconds, monotonic, wrapping after 49 days.
#pragma once

#include <chrono>
#include <cstdint>

namespace lastbyte::port {

[[nodiscard]] inline std::uint32_t steady_now_ms() noexcept {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace lastbyte::port
