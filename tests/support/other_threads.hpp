// What other threads than the test's own tell it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "support/catch.hpp"

namespace lastbyte::test {

// Something that happens once on another thread, and is waited for.
template <class Value>
class happening {
 public:
  void set(Value value) {
    const std::lock_guard lock(guard_);
    value_ = std::move(value);
    is_set_ = true;
    changed_.notify_all();
  }
  Value wait() {
    std::unique_lock lock(guard_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(20), [this] { return is_set_; });
    REQUIRE(came);
    return value_;
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  Value value_{};
  bool is_set_ = false;
};

// Checks made on other threads than the test's: Catch2's own may be used on one thread only.
class checks_elsewhere {
 public:
  void expect(bool holds) {
    if (!holds) ++failures_;
  }
  [[nodiscard]] bool all_held() const { return failures_ == 0; }

 private:
  std::atomic<int> failures_ = 0;
};

}  // namespace lastbyte::test
