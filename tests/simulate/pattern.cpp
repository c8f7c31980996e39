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
      made[i] = static_cast<std::byte>((noise >> 24U) % first_filler);
    }
    for (std::size_t i = period; i < table_bytes; ++i) made[i] = made[i - period];
    return made;
  }();
  return all;
}

using filler_tables = std::array<std::array<std::byte, longest_filler>, filler_kinds>;

const filler_tables& all_fillers() {
  static const filler_tables all = [] {
    filler_tables made{};
    for (unsigned i = 0; i < filler_kinds; ++i)
      made[i].fill(static_cast<std::byte>(first_filler + i));
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

std::span<const std::byte> fillers(std::uint64_t message, std::size_t count) noexcept {
  return std::span(all_fillers()[message % filler_kinds]).first(std::min(count, longest_filler));
}

void pattern_reader::read(std::span<const std::byte> bytes) noexcept {
  const auto expected = pattern(stream_, position_, bytes.size());
  if (std::memcmp(bytes.data(), expected.data(), bytes.size()) == 0) {
    position_ += bytes.size();
    return;
  }
  for (const std::byte each : bytes) {
    const auto value = std::to_integer<unsigned>(each);
    if (value >= first_filler) {
      read_filler(value - first_filler);
    } else {
      if (each != pattern(stream_, position_, 1)[0]) is_intact_ = false;
      ++position_;
    }
  }
}

// One more of the latest message, or the first of the next one.
void pattern_reader::read_filler(unsigned which) noexcept {
  if (which != filler_ && which != (filler_ + 1) % filler_kinds) is_intact_ = false;
  filler_ = which;
  ++fillers_;
}

}  // namespace lastbyte::simulation
