// System calls and user instructions of a unit: they repeat where timings don't.
//
// System calls by strace, attached while a known number of units is served; instructions by callgrind, from the
// difference of a short and a longer run, so that starting and ending don't count.
// Not here: the kernel's own instructions, which nothing counts in a virtual machine without counters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suite/contestant.hpp"
#include "suite/job.hpp"
#include "suite/progress.hpp"
#include "suite/served.hpp"

namespace lastbyte::suite {

struct call_count {
  std::string name;
  std::uint64_t calls = 0;
};

// Of one server in one job, for each unit.
struct counts {
  const contestant* who = nullptr;
  const job* what = nullptr;
  std::uint64_t units = 0;
  std::vector<call_count> calls;       // most frequent first
  std::optional<double> instructions;  // in user space
  std::string problem;                 // what could not be counted; empty: nothing
};

[[nodiscard]] std::vector<counts> count_all(const std::vector<const job*>& jobs,
                                            const std::vector<const contestant*>& servers,
                                            const surroundings& where, progress& shown);

// One table over all jobs.
[[nodiscard]] std::string report_text(const std::vector<counts>& all);

// ---- Reading what the tools write. Pure.

// @param summary: of strace -c -U name,calls. Most frequent first.
[[nodiscard]] std::vector<call_count> parse_strace(std::string_view summary);
// @param log: of valgrind --tool=callgrind. @return all instructions of the run.
[[nodiscard]] std::optional<std::uint64_t> parse_callgrind(std::string_view log);

}  // namespace lastbyte::suite
