#include "simulate/pattern.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace lastbyte::simulation {
namespace {

// A prime: no block or window size divides it, so a shifted byte is a wrong byte.
constexpr std::size_t period = 8'191;
constexpr std::size_t table_bytes = longest_pattern + period;

using table = std::array<std::byte, table_bytes>;

const table& pattern_table() {
  static const table all = [] {
    table made{};
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < period; ++i) {
      noise = noise * 1'664'525U + 1'013'904'223U;  // Numerical Recipes' generator
      made[i] = static_cast<std::byte>((noise >> 24U) % 255U);
    }
    for (std::size_t i = period; i < table_bytes; ++i) made[i] = made[i - period];
    return made;
  }();
  return all;
}

const table& filler_table() {
  static const table all = [] {
    table made{};
    made.fill(filler);
    return made;
  }();
  return all;
}

}  // namespace

std::span<const std::byte> pattern(std::uint64_t stream, std::uint64_t position,
                                   std::size_t count) noexcept {
  constexpr std::uint64_t stride = 1'013;
  const auto at = static_cast<std::size_t>((position + stream * stride) % period);
  return std::span(pattern_table()).subspan(at, std::min(count, longest_pattern));
}

std::span<const std::byte> fillers(std::size_t count) noexcept {
  return std::span(filler_table()).first(std::min(count, longest_pattern));
}

void pattern_reader::read(std::span<const std::byte> bytes) noexcept {
  const auto expected = pattern(stream_, position_, bytes.size());
  if (std::memcmp(bytes.data(), expected.data(), bytes.size()) == 0) {
    position_ += bytes.size();
    return;
  }
  for (const std::byte each : bytes) {
    if (each == filler) {
      ++fillers_;
    } else {
      if (each != pattern(stream_, position_, 1)[0]) is_intact_ = false;
      ++position_;
    }
  }
}

}  // namespace lastbyte::simulation
