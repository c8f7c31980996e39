// Finds every worker of a server: each thread that calls a handler answers, and waits for the others.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace lastbyte::test {

/// What each thread says of itself, once.
template <class Answer>
class roll_call {
 public:
  explicit roll_call(std::size_t expected) : expected_(expected) {}

  /// Called by a handler: returns once all have answered, so that no thread does the others' work.
  void answer(Answer mine) {
    std::unique_lock lock(guard_);
    answers_.emplace(std::this_thread::get_id(), std::move(mine));
    if (answers_.size() >= expected_) changed_.notify_all();
    await(lock);
  }

  /// @return all answers, or those that came in time.
  std::vector<Answer> wait() {
    std::unique_lock lock(guard_);
    await(lock);
    std::vector<Answer> all;
    for (const auto& [thread, answer] : answers_) all.push_back(answer);
    return all;
  }

 private:
  void await(std::unique_lock<std::mutex>& lock) {
    changed_.wait_for(lock, std::chrono::seconds(20),
                      [this] { return answers_.size() >= expected_; });
  }

  std::size_t expected_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<std::thread::id, Answer> answers_;
};

}  // namespace lastbyte::test
