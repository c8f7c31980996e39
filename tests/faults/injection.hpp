// Makes system calls of a running daemon fail, now and then: strace does it, so errors inside a ring's
// completions are out of its reach, and so is a build with LeakSanitizer.
#pragma once

#include <cstddef>
#include <string>

#include "end_to_end/child_process.hpp"
#include "end_to_end/daemon.hpp"
#include "end_to_end/temporary_folder.hpp"

namespace lastbyte::test {

class injection {
 public:
  /// From now on, until this ends. @param calls: "recvfrom,recvmsg". @param error: "ENOBUFS".
  /// @param when: for each thread of the daemon, as strace reads it: "3+4" is the third, and then every
  /// fourth.
  injection(const daemon& into, const std::string& calls, const std::string& error,
            const std::string& when);

  /// Why it can't be done here, or an empty string.
  [[nodiscard]] const std::string& problem() const { return problem_; }
  /// How many calls it has made fail so far.
  [[nodiscard]] std::size_t struck() const;

 private:
  [[nodiscard]] std::string await_attached(const daemon& to);

  temporary_folder folder_;
  child_process strace_;
  std::string problem_;
};

}  // namespace lastbyte::test
