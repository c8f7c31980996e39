// How long something may take. A test that waits for an event always waits at most so long.
#pragma once

#include <algorithm>
#include <chrono>

namespace lastbyte::test {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

class time_limit {
 public:
  explicit time_limit(milliseconds from_now) : until_(clock::now() + from_now) {}

  /// Milliseconds left, for poll(); 0 when it is over.
  [[nodiscard]] int left_ms() const {
    const auto left = std::chrono::duration_cast<milliseconds>(until_ - clock::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }
  [[nodiscard]] bool is_over() const { return clock::now() >= until_; }

 private:
  clock::time_point until_;
};

class stopwatch {
 public:
  [[nodiscard]] milliseconds passed() const {
    return std::chrono::duration_cast<milliseconds>(clock::now() - began_);
  }

 private:
  clock::time_point began_ = clock::now();
};

}  // namespace lastbyte::test
