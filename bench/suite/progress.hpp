// What is going on, while it goes on: a line that is rewritten where somebody watches, a line now and then elsewhere.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace lastbyte::suite {

class progress {
 public:
  // @param is_rewritten: whether a carriage return goes back to the line's start.
  progress(std::FILE* to, bool is_rewritten) noexcept : to_(to), is_rewritten_(is_rewritten) {}

  // What is being done; shown at once on a terminal, and every 10 s elsewhere.
  void show(const std::string& text);
  // A line of its own that stays.
  void say(const std::string& line);
  // Takes the rewritten line away.
  void clear();

 private:
  using clock = std::chrono::steady_clock;

  std::FILE* to_;
  bool is_rewritten_;
  bool is_shown_ = false;
  clock::time_point begun_ = clock::now();
  clock::time_point said_ = begun_;
};

}  // namespace lastbyte::suite
