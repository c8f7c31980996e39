// The slots of a lane: made in chunks, never moved, never freed, used again.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "core/check.hpp"
#include "core/mark.hpp"
#include "server/slot.hpp"

namespace lastbyte::engine {

template <port::completion_port Port>
class slot_table {
 public:
  // @param most: how many slots there can be.
  explicit slot_table(std::uint32_t most) : most_(most), chunks_(most / chunk_slots + 1) {}
  ~slot_table() {
    if (lost_ != 0) return;
    for (auto& chunk : chunks_) delete[] chunk.load(std::memory_order_relaxed);
  }
  slot_table(const slot_table&) = delete;
  slot_table& operator=(const slot_table&) = delete;

  // A slot in use from now on; nullptr if there are too many, or memory is refused.
  [[nodiscard]] slot<Port>* take() {
    if (free_ == nullptr && !grow()) return nullptr;
    auto* taken = static_cast<slot<Port>*>(std::exchange(free_, free_->next));
    taken->next = nullptr;
    taken->generation.fetch_add(1, std::memory_order_release);
    return taken;
  }
  // Its generation was advanced when its connection ended.
  void give_back(slot<Port>& unused) noexcept {
    LASTBYTE_CHECK(!unused.is_set);
    unused.next = free_;
    free_ = &unused;
  }

  // Thread: any.
  [[nodiscard]] bool is_current(std::uint32_t index, std::uint32_t generation) const noexcept {
    const slot<Port>* chunk = chunks_[index / chunk_slots].load(std::memory_order_acquire);
    return chunk != nullptr &&
           chunk[index % chunk_slots].generation.load(std::memory_order_acquire) == generation;
  }
  [[nodiscard]] slot<Port>& at(std::uint32_t index) noexcept {
    return chunks_[index / chunk_slots].load(std::memory_order_acquire)[index % chunk_slots];
  }
  template <class Function>
  void for_each_in_use(const Function& visit) {
    for (std::uint32_t i = 0; i < made_; ++i) {
      slot<Port>& any = at(i);
      if (any.generation.load(std::memory_order_acquire) % 2 == 1) visit(any);
    }
  }

  // An operation in some slot does not come back: unless it does after all, its memory must outlive us.
  void lose() noexcept { ++lost_; }
  void find_again() noexcept {
    LASTBYTE_CHECK(lost_ != 0);
    --lost_;
  }
  // Whether all others have been given back.
  [[nodiscard]] bool are_all_back() const noexcept {
    std::uint32_t free = 0;
    for (const timer* each = free_; each != nullptr; each = each->next) ++free;
    return free + lost_ == made_;
  }

 private:
  static constexpr std::uint32_t chunk_slots = 256;

  bool grow() {
    if (made_ >= most_) {
      LASTBYTE_MARK(slots_used_up);
      return false;
    }
    LASTBYTE_CHECK(made_ / chunk_slots < chunks_.size());
    const std::uint32_t count = std::min(chunk_slots, most_ - made_);
    auto* chunk = new (std::nothrow) slot<Port>[count];
    if (chunk == nullptr) {
      LASTBYTE_MARK(slots_without_memory);
      return false;
    }
    for (std::uint32_t i = count; i-- > 0;) {
      chunk[i].index = made_ + i;
      give_back(chunk[i]);
    }
    chunks_[made_ / chunk_slots].store(chunk, std::memory_order_release);
    made_ += count;
    return true;
  }

  std::uint32_t most_;
  std::uint32_t made_ = 0;
  std::uint32_t lost_ = 0;  // slots
  std::vector<std::atomic<slot<Port>*>> chunks_;
  timer* free_ = nullptr;  // chained by the links of their timers, which nobody has set
};

}  // namespace lastbyte::engine
