// The report for programs: everything that is known about a run.
//
// The rule: what is not known is null, never 0. Names end in their unit: _ns, _bytes, _per_s.
#pragma once

#include <string>
#include <vector>

#include "load/options.hpp"
#include "load/process.hpp"
#include "load/result.hpp"
#include "load/verdict.hpp"

namespace lastbyte::load {

// @param command: the arguments as they were given.
[[nodiscard]] std::string report_json(const result& of, const verdict& judged,
                                      const load_options& options, const machine_facts& machine,
                                      const std::vector<std::string>& command);

}  // namespace lastbyte::load
