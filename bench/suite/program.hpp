// bench/versus, but for main().
#pragma once

#include <string>
#include <vector>

namespace lastbyte::suite {

// @return the exit code.
int run_program(const std::vector<std::string>& arguments);

}  // namespace lastbyte::suite
