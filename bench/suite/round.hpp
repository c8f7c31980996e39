// One round: a server, freshly started, under the load of a job for about a second.
//
// The rule: a figure counts only if every byte was right and the machine was ours. Otherwise it is thrown away, with
// the reason.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "suite/contestant.hpp"
#include "suite/job.hpp"
#include "suite/served.hpp"

namespace lastbyte::suite {

// Units: per second; microseconds; parts of one processor.
struct sample {
  double units_per_s = 0;
  double cpu_us = 0;  // of the server, for a unit
  double p50_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double server_share = 0;
  double client_share = 0;
  bool was_client_bottleneck = false;
};

enum class fault : std::uint8_t {
  none,
  disturbed,  // something else used the processors: try again
  wrong,      // bytes or endings were wrong, or a program failed
};

struct round_result {
  sample measured;
  fault what = fault::none;
  std::string why;
};

// Units: ms.
struct timing {
  std::uint32_t warm_up_ms = 150;
  std::uint32_t measured_ms = 400;
};

[[nodiscard]] round_result run_round(const contestant& who, const job& what, const timing& time,
                                     const surroundings& where);

// The same with the bare client of bench/limit: only the rate is measured.
[[nodiscard]] round_result run_bare_round(const contestant& who, const job& what,
                                          const timing& time, const surroundings& where);

// Who plays a round: one of these two, or a test.
using player =
    std::function<round_result(const contestant&, const job&, const timing&, const surroundings&)>;

// ---- Reading what the clients write. Pure.

// What lastbyte-load reported. @param report: its JSON.
[[nodiscard]] round_result read_report(const std::string& report, const job& what);

// What the bare client printed: messages a second, and nothing else; or why it could not.
[[nodiscard]] round_result read_bare_rate(std::string_view printed);

}  // namespace lastbyte::suite
