#include "core/send_queue.hpp"

#include <algorithm>

#include "core/check.hpp"

namespace lastbyte::core {

void send_queue::push(block& last) noexcept {
  LASTBYTE_CHECK(last.size > 0);
  last.next = nullptr;
  (head_ == nullptr ? head_ : tail_->next) = &last;
  tail_ = &last;
  size_ += last.size;
  footprint_ += last.capacity;
}

std::size_t send_queue::gather(std::span<std::span<const std::byte>> slices) const noexcept {
  std::size_t filled = 0;
  for (const block* at = head_; at != nullptr && filled < slices.size(); at = at->next) {
    if (at->size > 0) slices[filled++] = {at->begin, at->size};
  }
  return filled;
}

void send_queue::mark_sent(std::uint64_t count) noexcept {
  LASTBYTE_CHECK(count <= size_);
  size_ -= count;
  for (block* at = head_; count > 0; at = at->next) {
    const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, at->size));
    at->begin += taken;
    at->size -= taken;
    count -= taken;
  }
}

block* send_queue::pop_sent() noexcept {
  return head_ != nullptr && head_->size == 0 ? pop_abandoned() : nullptr;
}

block* send_queue::pop_abandoned() noexcept {
  block* first = head_;
  if (first == nullptr) return nullptr;
  head_ = first->next;
  if (head_ == nullptr) tail_ = nullptr;
  first->next = nullptr;
  footprint_ -= first->capacity;
  return first;
}

std::span<std::byte> send_queue::spare() noexcept {
  if (tail_ == nullptr) return {};
  std::byte* const used = tail_->begin + tail_->size;
  return {used, tail_->storage + tail_->capacity};
}

void send_queue::grow_back(std::uint32_t count) noexcept {
  LASTBYTE_CHECK(count <= spare().size());
  tail_->size += count;
  size_ += count;
}

}  // namespace lastbyte::core
