// All that is known about a run once it is over.
//
// Not here: whether it was a success (verdict.hpp), how it is shown (report_text.hpp, report_json.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "load/account.hpp"
#include "load/options.hpp"
#include "load/session.hpp"
#include "metrics/histogram.hpp"

namespace lastbyte::load {

// Why no more was sent.
enum class stop_reason : std::uint8_t {
  time_over,
  requests_done,
  server_gone,  // it ended every connection, or none could be opened any more
  interrupted,
  not_started,  // result::problem says why
};
[[nodiscard]] std::string_view to_string(stop_reason why) noexcept;

struct result {
  stop_reason why = stop_reason::not_started;
  std::string problem;  // with not_started: cause and remedy

  account bytes;
  metrics::histogram latency;
  std::uint64_t messages = 0;         // verified, the warm-up's among them
  std::uint64_t window_messages = 0;  // verified while the run was measured
  std::uint64_t window_ns = 0;        // how long that was
  std::uint64_t connect_ns = 0;       // until the last of the first connections was open
  std::optional<wrong_byte> first_wrong;
  int connect_error = 0;      // the first one's, 0: none
  std::uint64_t gave_up = 0;  // sessions with --churn that no longer got a connection
  std::uint64_t cut_off = 0;  // connections that were still open when the drain's time was over

  std::uint64_t cpu_ns = 0;       // the load generator's own, while the run was measured
  std::uint64_t cpu_wall_ns = 0;  // over which time that was taken
  std::optional<std::uint64_t> server_cpu_ns;  // of --server-pid, over the same time
  unsigned processors = 1;                     // that it may use
  std::string io_name;
  std::uint32_t threads = 1;

  // Messages per second while the run was measured; nothing if it was not.
  [[nodiscard]] std::optional<double> rate() const noexcept;
  // The share of its threads' processors that the load generator itself used, 0 to 1.
  [[nodiscard]] std::optional<double> cpu_share() const noexcept;
  // What the server spent on a message: its share of the time, by the rate, since the account of CPU time and that
  // of messages may begin and end a millisecond apart.
  [[nodiscard]] std::optional<double> server_cpu_ns_per_message() const noexcept;
  // Whether its threads had next to nothing left, so that the figures are theirs, not the server's.
  [[nodiscard]] bool was_bottleneck() const noexcept;
  // What a threshold of --fail-on asks for.
  [[nodiscard]] std::optional<double> figure(const threshold& wanted,
                                             const load_options& options) const noexcept;
};

}  // namespace lastbyte::load
