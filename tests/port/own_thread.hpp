// A thread beside the test's. std::async, but made once and not for each test of each port: that was half of what this
// suite cost to compile.
#pragma once

#include <functional>
#include <future>

namespace lastbyte::test {

class own_thread {
 public:
  /// Its destructor waits for the end.
  explicit own_thread(std::function<void()> what);

  [[nodiscard]] bool has_ended() const;
  /// Waits for the end, and throws what `what` threw.
  void join();

 private:
  std::future<void> ended_;
};

}  // namespace lastbyte::test
