#include "pattern.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace lastbyte::test {
namespace {

std::vector<std::byte> make_period() {
  std::vector<std::byte> made(pattern_period);
  std::uint64_t state = 88'172'645'463'325'252;
  for (std::byte& each : made) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    each = static_cast<std::byte>(state >> 32);
  }
  return made;
}

}  // namespace

std::span<const std::byte> pattern_at(std::uint64_t position, std::size_t most) {
  static const std::vector<std::byte> period = make_period();
  const auto offset = static_cast<std::size_t>(position % pattern_period);
  return std::span(period).subspan(offset, std::min(most, pattern_period - offset));
}

std::size_t count_wrong(std::span<const std::byte> received, std::uint64_t position) {
  std::size_t wrong = 0;
  while (!received.empty()) {
    const auto expected = pattern_at(position, received.size());
    if (std::memcmp(expected.data(), received.data(), expected.size()) != 0) {
      for (std::size_t i = 0; i < expected.size(); ++i) wrong += expected[i] != received[i];
    }
    received = received.subspan(expected.size());
    position += expected.size();
  }
  return wrong;
}

}  // namespace lastbyte::test
