// A program that a test runs: ended with the test at the latest, and by its process id only.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "end_to_end/descriptor.hpp"
#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

class child_process {
 public:
  /// @param words: the program and its arguments. @param out, @param err: files for what it says.
  child_process(const std::vector<std::string>& words, const std::string& out,
                const std::string& err);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();  // kills it, if it still runs

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  /// Readable for poll() once it has ended.
  [[nodiscard]] int ended() const noexcept { return handle_.number(); }
  void signal(int number) const;
  /// Stops it (SIGSTOP), and waits until all of its threads have stopped.
  void stop() const;
  /// As the kernel sees it, by the letter of /proc/PID/stat: 'R', 'S', 'T' for stopped, ...
  [[nodiscard]] char state() const;
  /// @return its exit code, or minus the signal that ended it; nothing if it still runs at the limit.
  std::optional<int> wait(const time_limit& limit);

 private:
  pid_t id_ = -1;
  descriptor handle_;
  std::optional<int> code_;
};

/// The whole text of a file; empty if there is none.
std::string read_file(const std::string& path);

}  // namespace lastbyte::test
