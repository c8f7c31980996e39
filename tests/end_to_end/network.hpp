// A network of the suite's own: its counters of resets then count nobody else's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace lastbyte::test {

/// Moves this process, and whoever it starts later, into a network namespace of its own, with a loopback
/// interface that is up. The first call does it; call it before there is another thread.
/// @return why it is not permitted here, or an empty string.
const std::string& enter_own_network();

/// Lets no socket of our network, while this lives, hold more than so much on its way in or out: so
/// paths fill up early. Connections that are open already are not affected.
class narrow_paths {
 public:
  explicit narrow_paths(std::uint64_t most_bytes);
  narrow_paths(const narrow_paths&) = delete;
  narrow_paths& operator=(const narrow_paths&) = delete;
  ~narrow_paths();

  /// False where we have no network of our own, or may not change it.
  [[nodiscard]] bool are_narrow() const noexcept { return are_narrow_; }

 private:
  std::string receiving_before_;
  std::string sending_before_;
  bool are_narrow_ = false;
};

/// Resets that were sent in our network since this was made, by either side of any connection.
class reset_counter {
 public:
  reset_counter();
  /// @return nothing where we have no network of our own.
  [[nodiscard]] std::optional<std::uint64_t> seen() const;
  /// For a reader: why the kernel sent them, as far as its counters tell.
  [[nodiscard]] std::string text() const;

 private:
  std::map<std::string, std::uint64_t> before_;
};

/// Checks that there was none; without a network of our own, says that this part was skipped.
void check_no_resets(const reset_counter& counted);

}  // namespace lastbyte::test
