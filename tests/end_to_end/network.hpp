// A network of the suite's own: its counters of resets then count nobody else's.
#pragma once

#include <sched.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <lastbyte/endpoint.hpp>

#include "end_to_end/time_limit.hpp"

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

/// Resets in our network since this was made, by either side of any connection, as the kernel counts
/// them. Not each segment with RST in it resets a connection: where the two sides run on two processors,
/// an old acknowledgement may arrive behind the last one, when its connection is over at both ends, and
/// the kernel answers it with one that nobody sees.
class reset_counter {
 public:
  reset_counter();
  /// Resets that ended a connection. @return nothing where we have no network of our own.
  [[nodiscard]] std::optional<std::uint64_t> of_connections() const;
  /// Segments with RST in them, also those that nobody sees.
  [[nodiscard]] std::optional<std::uint64_t> segments() const;
  /// By how much one of the kernel's counters has grown, as nstat names it without its "Tcp": "OutRsts",
  /// "EstabResets", "RetransSegs". Only where we have a network of our own.
  [[nodiscard]] std::uint64_t of(const std::string& counter) const;
  /// For a reader: why the kernel sent them, as far as its counters tell.
  [[nodiscard]] std::string text() const;

 private:
  std::map<std::string, std::uint64_t> before_;
};

/// Waits until the server there has received all that was sent to it, as the kernel's queues of its connections tell: a
/// server that is held up may be far behind its clients.
void wait_until_received(const endpoint& server, milliseconds limit = milliseconds(30'000));

/// Keeps this process, and whoever it starts meanwhile, on one processor: segments then arrive in order.
class one_processor {
 public:
  one_processor();
  one_processor(const one_processor&) = delete;
  one_processor& operator=(const one_processor&) = delete;
  ~one_processor();

 private:
  cpu_set_t before_{};
};

/// Checks that no connection was reset; without a network of our own, says that this part was skipped.
void check_no_resets(const reset_counter& counted);

/// Checks that there was no RST at all. It takes a test that ran on one processor.
void check_no_reset_segments(const reset_counter& counted);

}  // namespace lastbyte::test
