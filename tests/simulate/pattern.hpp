// The bytes of every simulated stream: known by their position, so that a lost, doubled, swapped or altered
// one shows, whoever looks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lastbyte::simulation {

// At most this many bytes at a time.
inline constexpr std::size_t longest_pattern = 128U << 10;

// What another connection's handler says in between: no pattern has such a byte.
inline constexpr std::byte filler{0xff};

// The bytes from `position` on. @param stream: whose; two streams differ.
[[nodiscard]] std::span<const std::byte> pattern(std::uint64_t stream, std::uint64_t position,
                                                 std::size_t count) noexcept;
[[nodiscard]] std::span<const std::byte> fillers(std::size_t count) noexcept;

// Reads a stream: the pattern, with fillers anywhere in between.
class pattern_reader {
 public:
  explicit pattern_reader(std::uint64_t stream) noexcept : stream_(stream) {}

  void read(std::span<const std::byte> bytes) noexcept;

  [[nodiscard]] std::uint64_t total() const noexcept { return position_ + fillers_; }
  // Of the pattern.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  [[nodiscard]] std::uint64_t fillers_read() const noexcept { return fillers_; }
  [[nodiscard]] bool is_intact() const noexcept { return is_intact_; }

 private:
  std::uint64_t stream_;
  std::uint64_t position_ = 0;
  std::uint64_t fillers_ = 0;
  bool is_intact_ = true;
};

}  // namespace lastbyte::simulation
