// What open connections cost a server that is hardly used: memory, and a little CPU.
//
// Memory is the process's own (PSS), from the hundredth connection to the last, divided by their number; what the
// kernel holds for a socket is not in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suite/contestant.hpp"
#include "suite/job.hpp"
#include "suite/progress.hpp"
#include "suite/served.hpp"

namespace lastbyte::suite {

struct residence {
  const contestant* who = nullptr;
  std::string problem;            // why there is no figure; empty: there is
  std::uint32_t connections = 0;  // open at once
  double bytes_each = 0;          // user memory of one more connection
  std::uint64_t bytes_in_all = 0;
  // With measure::crowd: each echoes once a minute. Units: parts of one processor.
  std::optional<double> cpu_share;
};

struct residences {
  const job* what = nullptr;
  std::string skipped;  // why the job could not be done here; empty: it was
  std::vector<residence> all;
};

[[nodiscard]] residences measure_residence(const job& what,
                                           const std::vector<const contestant*>& servers,
                                           const surroundings& where, progress& shown);

// How many connections a job can have here: its own number, or what one process may have open.
[[nodiscard]] std::uint32_t possible_connections(const job& what, std::uint64_t most_files);

}  // namespace lastbyte::suite
