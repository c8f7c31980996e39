// The server's clock: milliseconds, monotonic. Read once per dequeued batch.
#pragma once

#include <chrono>

#include "core/deadlines.hpp"

namespace lastbyte::engine {

[[nodiscard]] inline core::tick now_ms() noexcept {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<core::tick>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace lastbyte::engine
