// What a run must reach, as --fail-on says it: "p99<5ms,lost=0".
//
// The rule: a name that is not known, or a number without its unit's form, is refused before the run; a
// measure that the run could not take counts as missed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastbyte::load {

enum class comparison : std::uint8_t {
  less,
  at_most,
  equal,
  not_equal,
  at_least,
  greater,
};

// What a threshold can be about.
enum class measure : std::uint8_t {
  percentile,  // of the latency; threshold::percent says which
  mean,
  max,
  rate,        // messages per second
  throughput,  // bytes per second, each way
  messages,
  connections,  // that were opened
  failed,       // connections that could not be opened, or ended neither cleanly nor as asked
  sent,
  echoed,
  lost,
  unanswered,
  wrong,
  cut,
  cpu,  // percent of the threads' processors that the load generator itself used
};

// Units: `value` in nanoseconds, bytes, messages, connections or percent, as `what` wants it.
struct threshold {
  measure what = measure::percentile;
  comparison how = comparison::less;
  double value = 0;
  double percent = 0;  // with measure::percentile
  std::string text;    // as it was given
};

struct parsed_thresholds {
  std::vector<threshold> all;
  std::string problem;  // empty: none; else what is wrong, and what is known
};
[[nodiscard]] parsed_thresholds parse_thresholds(std::string_view list);

// @param actual: nothing if the run has no such figure.
[[nodiscard]] bool is_met(const threshold& wanted, std::optional<double> actual) noexcept;

// "p50 (or any other percentile), mean, ...".
[[nodiscard]] std::string known_measures();

}  // namespace lastbyte::load
