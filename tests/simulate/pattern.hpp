// The bytes of every simulated stream: known by their position, so that a lost, doubled, swapped or altered
// one shows, whoever looks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lastbyte::simulation {

// At most this many bytes at a time.
inline constexpr std::size_t longest_pattern = 128U << 10;
inline constexpr std::size_t longest_filler = 64;

// What others say in between, by a handle: no pattern has such a byte. Each message has the next one, so that two
// that changed places show.
inline constexpr unsigned first_filler = 0xf0;
inline constexpr unsigned filler_kinds = 16;

// The bytes from `position` on. @param stream: whose; two streams differ.
[[nodiscard]] std::span<const std::byte> pattern(std::uint64_t stream, std::uint64_t position,
                                                 std::size_t count) noexcept;
// @param message: how many such messages this stream has had before.
[[nodiscard]] std::span<const std::byte> fillers(std::uint64_t message, std::size_t count) noexcept;

// Reads a stream: the pattern, with fillers anywhere in between, in their order.
class pattern_reader {
 public:
  explicit pattern_reader(std::uint64_t stream) noexcept : stream_(stream) {}

  void read(std::span<const std::byte> bytes) noexcept;

  // So far nothing was missing, altered, or out of order.
  [[nodiscard]] bool is_intact() const noexcept { return is_intact_; }
  [[nodiscard]] std::uint64_t total() const noexcept { return position_ + fillers_; }
  // Of the pattern.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  [[nodiscard]] std::uint64_t fillers_read() const noexcept { return fillers_; }

 private:
  void read_filler(unsigned which) noexcept;

  std::uint64_t stream_;
  std::uint64_t position_ = 0;
  std::uint64_t fillers_ = 0;
  unsigned filler_ = filler_kinds - 1;  // the latest
  bool is_intact_ = true;
};

}  // namespace lastbyte::simulation
