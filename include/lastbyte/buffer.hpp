// Received bytes that can be kept, or sent back without a copy.
//
// The rule: one owner. A buffer is the only handle to its memory; moving it into
// connection::send() hands the memory on, destroying it gives the memory back to its pool.
// Not here: how pools are sized (src/port/buffer_pool.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace lastbyte {

struct block;

// Takes blocks back. A pool is one; it outlives its blocks.
class block_owner {
 public:
  // Thread: any.
  virtual void give_back(block& returned) noexcept = 0;

 protected:
  ~block_owner() = default;
};

// The header in front of a piece of pool memory. Users meet it only inside a buffer.
// Shape: `begin` points at `size` valid bytes; `capacity` bytes follow `storage`.
struct block {
  block* next = nullptr;  // for whoever owns it now: a queue or a free list
  std::byte* storage = nullptr;
  std::byte* begin = nullptr;
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;
  block_owner* owner = nullptr;
};

// Shape: bytes() stays valid, at the same address, until the buffer is moved from or destroyed.
// Thread: may be moved to another thread and destroyed there, before its server is destroyed.
class buffer {
 public:
  buffer() = default;
  explicit buffer(block* owned) noexcept : block_(owned) {}
  buffer(buffer&& other) noexcept : block_(other.release()) {}
  buffer& operator=(buffer&& other) noexcept {
    if (this != &other) {
      reset();
      block_ = other.release();
    }
    return *this;
  }
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;
  ~buffer() { reset(); }

  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return block_ == nullptr ? std::span<const std::byte>{}
                             : std::span<const std::byte>{block_->begin, block_->size};
  }
  [[nodiscard]] std::span<std::byte> bytes() noexcept {
    return block_ == nullptr ? std::span<std::byte>{}
                             : std::span<std::byte>{block_->begin, block_->size};
  }
  [[nodiscard]] std::string_view text() const noexcept {
    const auto all = bytes();
    return {reinterpret_cast<const char*>(all.data()), all.size()};
  }
  [[nodiscard]] std::size_t size() const noexcept { return block_ == nullptr ? 0 : block_->size; }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  // Drops bytes behind the first `size`, so that less is sent back than was received.
  void truncate(std::uint32_t size) noexcept {
    if (block_ != nullptr && size < block_->size) block_->size = size;
  }

  // Gives the memory back to its pool.
  void reset() noexcept {
    if (block_ != nullptr) block_->owner->give_back(*std::exchange(block_, nullptr));
  }

  // Hands the memory to the caller, who then owes it to its owner.
  [[nodiscard]] block* release() noexcept { return std::exchange(block_, nullptr); }

 private:
  block* block_ = nullptr;
};

}  // namespace lastbyte
