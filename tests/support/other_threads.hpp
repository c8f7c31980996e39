// What other threads than the test's own tell it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
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
    if (!came) FAIL("it did not happen within 20 s");
    return value_;
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  Value value_{};
  bool is_set_ = false;
};

// How often something happens on other threads.
class occurrences {
 public:
  void add() {
    const std::lock_guard lock(guard_);
    ++count_;
    changed_.notify_all();
  }
  // @return whether it happened so often in time.
  [[nodiscard]] bool reaches(std::size_t goal) {
    std::unique_lock lock(guard_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= goal; });
  }
  [[nodiscard]] std::size_t count() {
    const std::lock_guard lock(guard_);
    return count_;
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::size_t count_ = 0;
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
