// The bytes of one direction of a connection, found by their position in the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace lastbyte::port::sim {

// Keeps the bytes from drop_until()'s position to the last appended one; grows by demand.
class byte_ring {
 public:
  [[nodiscard]] std::uint64_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }

  void append(std::span<const std::byte> bytes);
  // `position` to `position` + into.size() must be there.
  void copy(std::uint64_t position, std::span<std::byte> into) const noexcept;
  void drop_until(std::uint64_t position) noexcept { begin_ = position; }
  void free_memory() noexcept {
    storage_.reset();
    capacity_ = 0;
    begin_ = end_;
  }

 private:
  void grow(std::size_t least);
  [[nodiscard]] std::size_t slot_of(std::uint64_t position) const noexcept {
    return static_cast<std::size_t>(position) & (capacity_ - 1);
  }

  std::unique_ptr<std::byte[]> storage_;
  std::size_t capacity_ = 0;  // a power of two, or 0
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace lastbyte::port::sim
