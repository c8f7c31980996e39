// A network of the suite's own: its counters of resets then count nobody else's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lastbyte::test {

/// Moves this process, and whoever it starts later, into a network namespace of its own, with a loopback
/// interface that is up. The first call does it; call it before there is another thread.
/// @return why it is not permitted here, or an empty string.
const std::string& enter_own_network();

/// Resets that were sent in our network since this was made, by either side of any connection.
class reset_counter {
 public:
  reset_counter();
  /// @return nothing where we have no network of our own.
  [[nodiscard]] std::optional<std::uint64_t> seen() const;

 private:
  std::uint64_t before_ = 0;
};

/// Checks that there was none; without a network of our own, says that this part was skipped.
void check_no_resets(const reset_counter& counted);

}  // namespace lastbyte::test
