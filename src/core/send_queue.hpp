// The bytes that a connection still has to send: blocks in order, the first one perhaps partly sent.
//
// The rule: it owns no memory. Blocks come in by push() and go out by pop_sent() or pop_unsent(); who
// pushes gets every one of them back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <lastbyte/buffer.hpp>

namespace lastbyte::core {

class send_queue {
 public:
  // Takes a block with at least one byte behind the others.
  void push(block& last) noexcept;

  // Describes the first bytes of the queue, in order, for one gathered send.
  // Shape: fills at most slices.size() entries; they stay valid until the blocks are popped.
  // @return how many entries were filled.
  std::size_t gather(std::span<std::span<const std::byte>> slices) const noexcept;

  // The kernel took the first `count` bytes. count <= size().
  void mark_sent(std::uint64_t count) noexcept;

  // A block of which nothing is left to send, or nullptr: for giving back.
  [[nodiscard]] block* pop_sent() noexcept;

  // Any block, sent or not, or nullptr: for giving back when the connection has ended. size() stays as it
  // was: the bytes are unsent for ever.
  [[nodiscard]] block* pop_abandoned() noexcept;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  // Units: bytes.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  // Memory of the blocks, whether their bytes are sent or not. Units: bytes.
  [[nodiscard]] std::uint64_t footprint() const noexcept { return footprint_; }

  // The room behind the last byte, in the last block. Writing there disturbs no send in flight.
  [[nodiscard]] std::span<std::byte> spare() noexcept;
  // The first `count` bytes of spare() were filled.
  void grow_back(std::uint32_t count) noexcept;

 private:
  block* head_ = nullptr;
  block* tail_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t footprint_ = 0;
};

}  // namespace lastbyte::core
