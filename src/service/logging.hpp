// The log on stderr: lines are handed to a thread of its own, so that a slow terminal holds up nobody.
//
// The rule: who logs never waits. When the log can't keep up the oldest lines give way, and their number
// is said at the end. Never on the message path. Only logging.cpp knows spdlog.
#pragma once

#include <memory>
#include <string>

#include "service/log_line.hpp"
#include "service/settings.hpp"

namespace lastbyte::service {

// Thread: every member may be called from any thread.
class logger {
 public:
  logger(log_level least, log_format how);
  logger(const logger&) = delete;
  logger& operator=(const logger&) = delete;
  // Writes what is still queued, and how many lines gave way.
  ~logger();

  // Whether a line of this level would be written: ask before making a long one.
  [[nodiscard]] bool wants(log_level level) const noexcept { return level >= least_; }
  void say(log_level level, const log_line& line);
  void say(log_level level, std::string message) { say(level, log_line{std::move(message), {}}); }

 private:
  struct backend;
  log_level least_;
  log_format format_;
  std::unique_ptr<backend> backend_;
};

}  // namespace lastbyte::service
