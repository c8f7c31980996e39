#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <lastbyte/connection.hpp>

#include "support/catch.hpp"

namespace lastbyte::test {

// Which thread opened which connection; they are numbered as they are opened.
class register_of_opened {
 public:
  void note(connection& opened) {
    const std::lock_guard lock(guard_);
    opened.user_word() = all_.size();
    all_.push_back({std::this_thread::get_id(), opened.handle()});
    changed_.notify_all();
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(guard_);
    REQUIRE(
        changed_.wait_for(lock, std::chrono::seconds(20), [&] { return all_.size() >= count; }));
  }

  std::map<std::thread::id, std::size_t> by_thread() {
    const std::lock_guard lock(guard_);
    std::map<std::thread::id, std::size_t> counts;
    for (const entry& each : all_) ++counts[each.opener];
    return counts;
  }
  // A connection that another thread opened than the first one; nothing if there is none yet.
  std::optional<std::size_t> first_elsewhere() {
    const std::lock_guard lock(guard_);
    for (std::size_t i = 1; i < all_.size(); ++i) {
      if (all_[i].opener != all_[0].opener) return i;
    }
    return std::nullopt;
  }
  connection_handle handle(std::size_t index) {
    const std::lock_guard lock(guard_);
    return all_.at(index).handle;
  }

 private:
  struct entry {
    std::thread::id opener;
    connection_handle handle;
  };

  std::mutex guard_;
  std::condition_variable changed_;
  std::vector<entry> all_;
};

}  // namespace lastbyte::test
