// Completions that were made before a batch could take them: operations that ended without waiting, and what found no room.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "port/batch.hpp"
#include "port/completion_port.hpp"

namespace lastbyte::port {

class finished_queue {
 public:
  finished_queue() { made_.reserve(usual_size); }

  completion& add(operation what, void* owner) {
    completion& made = made_.emplace_back();
    made.what = what;
    made.owner = owner;
    return made;
  }
  void add(const completion& whole) { made_.push_back(whole); }

  // Hands out the oldest ones, as many as there is room for.
  void deal(batch& to, std::size_t most = max_batch) noexcept {
    for (; most > 0 && !empty() && !to.is_full(); --most) to.add(made_[dealt_++]);
    // Also where it is never empty, because each that is dealt makes another one.
    if (empty() || (dealt_ > usual_size && 2 * dealt_ > made_.size())) {
      made_.erase(made_.begin(), made_.begin() + static_cast<std::ptrdiff_t>(dealt_));
      dealt_ = 0;
    }
  }

  [[nodiscard]] bool empty() const noexcept { return dealt_ == made_.size(); }
  // What was not handed out.
  [[nodiscard]] std::span<const completion> left() const noexcept {
    return std::span(made_).subspan(dealt_);
  }

 private:
  static constexpr std::size_t usual_size = 256;

  std::vector<completion> made_;  // oldest first
  std::size_t dealt_ = 0;         // of these, handed out already
};

}  // namespace lastbyte::port
