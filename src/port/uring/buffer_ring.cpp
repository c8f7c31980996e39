#include "port/uring/buffer_ring.hpp"

#include <sys/mman.h>

#include <utility>

#include "port/posix/error_map.hpp"

namespace lastbyte::port::uring {

buffer_ring::~buffer_ring() {
  if (shared_ != nullptr) ::munmap(shared_, count_ * sizeof(io_uring_buf));
}

outcome buffer_ring::open(io_uring& ring) noexcept {
  // Whole pages: the kernel takes the ring's memory only at their beginning.
  void* pages = ::mmap(nullptr, count_ * sizeof(io_uring_buf), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return posix::last_error();
  shared_ = static_cast<io_uring_buf_ring*>(pages);
  io_uring_buf_reg about{};
  about.ring_addr = reinterpret_cast<std::uintptr_t>(pages);
  about.ring_entries = count_;
  about.bgid = group_;
  return posix::from_errno(-io_uring_register_buf_ring(&ring, &about, 0));
}

void buffer_ring::post(std::uint16_t index, block& fresh) noexcept {
  blocks_[index] = &fresh;
  io_uring_buf_ring_add(shared_, fresh.storage, fresh.capacity, index,
                        io_uring_buf_ring_mask(count_), 0);
  io_uring_buf_ring_advance(shared_, 1);
  ++posted_;
}

void buffer_ring::fill(buffer_pool& from) noexcept {
  for (std::uint16_t i = 0; i < count_ && posted_ < count_; ++i) {
    if (blocks_[i] != nullptr) continue;
    block* fresh = from.take();
    if (fresh == nullptr) return;
    post(i, *fresh);
  }
}

block* buffer_ring::take(std::uint32_t completion_flags, buffer_pool& from) noexcept {
  const auto index = static_cast<std::uint16_t>(completion_flags >> IORING_CQE_BUFFER_SHIFT);
  block* picked = std::exchange(blocks_[index], nullptr);
  --posted_;
  if (block* fresh = from.take(); fresh != nullptr) post(index, *fresh);
  return picked;
}

void buffer_ring::give_back() noexcept {
  for (block*& each : blocks_) {
    if (each == nullptr) continue;
    each->owner->give_back(*each);
    each = nullptr;
  }
  posted_ = 0;
}

}  // namespace lastbyte::port::uring
