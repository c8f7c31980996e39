// Bytes that know their place: what chargen sends, and what the load generator sends and verifies.
//
// The byte at each position of a stream is fixed, so a receiver that counts can tell a lost, doubled,
// swapped or foreign byte from the right one without keeping what was sent. The bytes repeat after
// pattern_period, a prime, so that no power of two (a buffer, a segment) falls on the same bytes again;
// a loss of exactly that many bytes is not seen here, only by counting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lastbyte::protocol {

inline constexpr std::size_t pattern_period = 65'521;  // bytes

// One stream of the pattern. Streams of different seeds are shifted against each other.
class pattern {
 public:
  pattern() = default;
  explicit pattern(std::uint64_t seed) noexcept : shift_(seed % pattern_period) {}

  [[nodiscard]] std::byte at(std::uint64_t position) const noexcept;

  // The bytes from `position` on, as they stand in the table: at most `most`, at least one.
  // Shape: valid for ever; shorter than `most` where the period ends.
  [[nodiscard]] std::span<const std::byte> run(std::uint64_t position,
                                               std::size_t most) const noexcept;

  // Cost: that of memcpy and memcmp.
  void fill(std::uint64_t position, std::span<std::byte> into) const noexcept;
  [[nodiscard]] bool matches(std::uint64_t position,
                             std::span<const std::byte> bytes) const noexcept;

  // How many of `bytes` are the right ones before the first wrong one.
  [[nodiscard]] std::size_t matching_prefix(std::uint64_t position,
                                            std::span<const std::byte> bytes) const noexcept;

 private:
  std::uint64_t shift_ = 0;
};

}  // namespace lastbyte::protocol
