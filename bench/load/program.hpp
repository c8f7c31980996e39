// lastbyte-load as a function: reads its arguments, runs, reports, and says how it ended.
#pragma once

#include <string>
#include <vector>

namespace lastbyte::load {

// Results go to stdout, progress and problems to stderr.
// @param arguments: without the program's own name.
// @return the exit code: 0, 1, 2, 99 or 130 (verdict.hpp; 2 is wrong usage).
[[nodiscard]] int run_program(const std::vector<std::string>& arguments);

}  // namespace lastbyte::load
