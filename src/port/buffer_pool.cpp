#include "port/buffer_pool.hpp"

#include <new>
#include <utility>

#include "port/poison.hpp"

namespace lastbyte::port {
namespace {

block* make_block(std::uint32_t bytes, block_owner& owner) noexcept {
  void* memory = ::operator new(sizeof(block) + bytes, std::nothrow);
  if (memory == nullptr) return nullptr;
  auto* made = new (memory) block;
  made->storage = static_cast<std::byte*>(memory) + sizeof(block);
  made->capacity = bytes;
  made->owner = &owner;
  return made;
}

void free_block(block& unused) noexcept {
  unpoison(unused);
  unused.~block();
  ::operator delete(static_cast<void*>(&unused));
}

}  // namespace

buffer_pool::~buffer_pool() {
  keep_ = 0;
  collect_strays();
  while (idle_ != nullptr) free_block(*std::exchange(idle_, idle_->next));
}

block* buffer_pool::take() noexcept {
  if (idle_ == nullptr) collect_strays();
  block* taken = idle_;
  if (taken != nullptr) {
    idle_ = taken->next;
    --idle_count_;
  } else {
    taken = make_block(block_bytes_, *this);
    if (taken == nullptr) return nullptr;
    ++made_;
  }
  unpoison(*taken);
  taken->next = nullptr;
  taken->begin = taken->storage;
  taken->size = 0;
  return taken;
}

void buffer_pool::give_back(block& returned) noexcept {
  poison(returned);
  if (std::this_thread::get_id() == home_) {
    keep_or_free(returned);
    return;
  }
  block* top = strays_.load(std::memory_order_relaxed);
  do {
    returned.next = top;
  } while (!strays_.compare_exchange_weak(top, &returned, std::memory_order_release,
                                          std::memory_order_relaxed));
}

void buffer_pool::keep_or_free(block& returned) noexcept {
  if (idle_count_ >= keep_) {
    free_block(returned);
    --made_;
    return;
  }
  returned.next = idle_;
  idle_ = &returned;
  ++idle_count_;
}

void buffer_pool::collect_strays() noexcept {
  block* stray = strays_.exchange(nullptr, std::memory_order_acquire);
  while (stray != nullptr) keep_or_free(*std::exchange(stray, stray->next));
}

}  // namespace lastbyte::port
