// A daemon under test, as its own process: started, watched, asked to end, and asked for its account.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lastbyte/endpoint.hpp>

#include "end_to_end/account.hpp"
#include "end_to_end/child_process.hpp"
#include "end_to_end/daemon_kind.hpp"
#include "end_to_end/folder_watch.hpp"
#include "end_to_end/temporary_folder.hpp"
#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

class daemon {
 public:
  /// Starts it on a free TCP port, and waits until it listens. Throws with its log if it doesn't.
  daemon(const daemon_kind& kind, const std::vector<std::string>& flags);

  [[nodiscard]] const endpoint& where() const noexcept { return where_; }
  [[nodiscard]] pid_t id() const noexcept { return process_.id(); }
  /// Stops it where it is, all of its threads, until thaw().
  void freeze() const;
  void thaw() const;

  /// Ends it where it is, without a chance to say anything.
  void kill() const;

  /// Asks it to quiesce.
  void ask_to_end() const;
  /// Waits until it has ended. Throws, with its log, if it takes longer.
  account wait(milliseconds limit = seconds(60));
  account end(milliseconds limit = seconds(60));

  /// Waits until its log has `count` lines with these words. Throws if it takes longer.
  void await_log(std::string_view words, std::size_t count = 1, milliseconds limit = seconds(20));
  /// The same, without throwing. @return whether it has.
  bool has_logged(std::string_view words, std::size_t count, milliseconds limit);
  /// How many lines of its log hold these words.
  [[nodiscard]] std::size_t lines_with(std::string_view words) const;
  [[nodiscard]] std::string log() const;

  /// Bytes of its own memory that are in use (VmRSS).
  [[nodiscard]] std::uint64_t resident_bytes() const;
  /// How often its threads went to sleep, and so were woken, so far.
  [[nodiscard]] std::uint64_t wake_ups() const;
  [[nodiscard]] std::size_t open_files() const;
  void limit_open_files(std::uint64_t count) const;

 private:
  endpoint await_address();

  temporary_folder folder_;
  folder_watch watch_;
  child_process process_;
  endpoint where_;
};

}  // namespace lastbyte::test
