// The report for people.
#pragma once

#include <cstdint>
#include <string>

#include "load/options.hpp"
#include "load/process.hpp"
#include "load/result.hpp"
#include "load/verdict.hpp"

namespace lastbyte::load {

// Several lines, each ended.
[[nodiscard]] std::string report_text(const result& of, const verdict& judged,
                                      const load_options& options, const machine_facts& machine);

// Three digits and the unit that suits: "850 ns", "12.3 us", "1.23 ms", "10.5 s".
[[nodiscard]] std::string latency_text(std::uint64_t ns);

}  // namespace lastbyte::load
