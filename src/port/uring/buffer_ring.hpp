// A ring of buffers that the kernel picks from when bytes arrive, so that an idle receive holds none.
//
// The rule: a buffer that was picked is a block of its own from then on, and a fresh one takes its place at
// once. What is posted stays the same while memory lasts, whatever handlers keep.
#pragma once

#include <liburing.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "port/buffer_pool.hpp"
#include "port/completion_port.hpp"

namespace lastbyte::port::uring {

class buffer_ring {
 public:
  static constexpr std::uint16_t max_buffers = 256;

  // @param group: its number among the rings of `ring`. @param count: a power of 2.
  buffer_ring(std::uint16_t group, std::uint16_t count) noexcept : group_(group), count_(count) {}
  buffer_ring(const buffer_ring&) = delete;
  buffer_ring& operator=(const buffer_ring&) = delete;
  ~buffer_ring();

  // Makes it known to the kernel, empty.
  [[nodiscard]] outcome open(io_uring& ring) noexcept;

  // Posts a block wherever one is missing, as far as there is memory.
  void fill(buffer_pool& from) noexcept;
  // The block that the kernel picked; a fresh one is posted in its place.
  [[nodiscard]] block* take(std::uint32_t completion_flags, buffer_pool& from) noexcept;
  // Gives the posted blocks back. Only when nothing is in flight that could pick one.
  void give_back() noexcept;

  [[nodiscard]] std::uint16_t group() const noexcept { return group_; }
  [[nodiscard]] bool empty() const noexcept { return posted_ == 0; }

 private:
  void post(std::uint16_t index, block& fresh) noexcept;

  std::uint16_t group_;
  std::uint16_t count_;
  std::uint16_t posted_ = 0;
  io_uring_buf_ring* shared_ = nullptr;  // with the kernel
  std::array<block*, max_buffers> blocks_{};
};

}  // namespace lastbyte::port::uring
