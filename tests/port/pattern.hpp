// Streams whose every byte tells its position, so that a lost, doubled or displaced one is seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lastbyte::test {

/// The period of the pattern; no multiple of any buffer size, so that a displaced buffer shows.
inline constexpr std::size_t pattern_period = 1'000'003;

/// The bytes at `position`: as many as asked for, or fewer at the end of a period. They stay valid
/// for ever, so a send may be in flight with them.
std::span<const std::byte> pattern_at(std::uint64_t position, std::size_t most);

/// @return how many bytes differ from the pattern at `position`.
std::size_t count_wrong(std::span<const std::byte> received, std::uint64_t position);

}  // namespace lastbyte::test
