#include "protocol/pattern.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace lastbyte::protocol {
namespace {

using byte_table = std::array<std::byte, pattern_period>;

// Eight bytes a step of splitmix64: well mixed, and short enough for every compiler's constexpr limits.
constexpr byte_table make_table() {
  byte_table table{};
  std::uint64_t state = 0;
  std::uint64_t mixed = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i % 8 == 0) {
      state += 0x9e3779b97f4a7c15U;
      mixed = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
      mixed ^= mixed >> 31U;
    }
    table[i] = static_cast<std::byte>(mixed & 0xffU);
    mixed >>= 8U;
  }
  return table;
}

constexpr byte_table table = make_table();

}  // namespace

std::byte pattern::at(std::uint64_t position) const noexcept { return run(position, 1).front(); }

std::span<const std::byte> pattern::run(std::uint64_t position, std::size_t most) const noexcept {
  const std::size_t begin = (position % pattern_period + shift_) % pattern_period;
  return std::span(table).subspan(begin, std::min(most, pattern_period - begin));
}

void pattern::fill(std::uint64_t position, std::span<std::byte> into) const noexcept {
  while (!into.empty()) {
    const auto source = run(position, into.size());
    std::memcpy(into.data(), source.data(), source.size());
    position += source.size();
    into = into.subspan(source.size());
  }
}

bool pattern::matches(std::uint64_t position, std::span<const std::byte> bytes) const noexcept {
  while (!bytes.empty()) {
    const auto expected = run(position, bytes.size());
    if (std::memcmp(bytes.data(), expected.data(), expected.size()) != 0) return false;
    position += expected.size();
    bytes = bytes.subspan(expected.size());
  }
  return true;
}

std::size_t pattern::matching_prefix(std::uint64_t position,
                                     std::span<const std::byte> bytes) const noexcept {
  std::size_t right = 0;
  while (right < bytes.size()) {
    const auto expected = run(position + right, bytes.size() - right);
    const auto actual = bytes.subspan(right, expected.size());
    const auto wrong = std::ranges::mismatch(actual, expected).in1;
    right += static_cast<std::size_t>(wrong - actual.begin());
    if (wrong != actual.end()) break;
  }
  return right;
}

}  // namespace lastbyte::protocol
