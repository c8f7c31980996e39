// A program that the suite runs: on a processor of its own, and ended with the object at the latest.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lastbyte::suite {

// How a program ended. Units: nanoseconds of user and system time.
struct ended {
  int exit_code = 0;  // or minus the signal
  std::uint64_t cpu_ns = 0;
};

class child_process {
 public:
  // @param words: the program and its arguments. @param log: takes what it says.
  // @param processor: the only one it may use; nothing: any.
  child_process(const std::vector<std::string>& words, const std::string& log,
                std::optional<unsigned> processor);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();  // kills it, if it still runs

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  void signal(int number) const noexcept;
  // @return nothing if it still runs after so long.
  std::optional<ended> wait(std::uint32_t most_ms);
  [[nodiscard]] bool is_running() { return !wait(0); }

 private:
  pid_t id_ = -1;
  int handle_ = -1;  // readable once it has ended
  std::optional<ended> how_;
};

}  // namespace lastbyte::suite
