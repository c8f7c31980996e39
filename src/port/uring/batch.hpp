// The completions that one dequeue() hands out. Only for the worker's own files.
#pragma once

#include <algorithm>
#include <cstddef>

#include "port/uring/port.hpp"

namespace lastbyte::port::uring {

class worker::batch {
 public:
  explicit batch(std::span<completion> into) noexcept
      : into_(into.first(std::min(into.size(), max_batch))) {}

  completion& add(operation what, void* owner) noexcept {
    completion& made = into_[count_++];
    made = completion();
    made.what = what;
    made.owner = owner;
    return made;
  }
  void add(const completion& whole) noexcept { into_[count_++] = whole; }

  [[nodiscard]] bool is_full() const noexcept { return count_ == into_.size(); }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::span<completion> into_;
  std::size_t count_ = 0;
};

}  // namespace lastbyte::port::uring
