// The completions that one dequeue() hands out, in the order in which they are added.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "port/completion_port.hpp"

namespace lastbyte::port {

class batch {
 public:
  // @param most_bytes: received ones; then it is full, too.
  explicit batch(std::span<completion> into, std::size_t most_bytes = SIZE_MAX) noexcept
      : into_(into.first(std::min(into.size(), max_batch))), most_bytes_(most_bytes) {}

  completion& add(operation what, void* owner) noexcept {
    completion& made = into_[count_++];
    made = completion();
    made.what = what;
    made.owner = owner;
    return made;
  }
  void add(const completion& whole) noexcept { into_[count_++] = whole; }
  void add_bytes(std::size_t received) noexcept { bytes_ += received; }

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t room() const noexcept { return into_.size() - count_; }
  [[nodiscard]] bool is_full() const noexcept { return room() == 0 || bytes_ >= most_bytes_; }

 private:
  std::span<completion> into_;
  std::size_t most_bytes_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace lastbyte::port
