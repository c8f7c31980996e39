// Every figure of bench/versus, for programs.
#pragma once

#include <string>
#include <vector>

#include "suite/contest.hpp"
#include "suite/options.hpp"

namespace lastbyte::suite {

[[nodiscard]] std::string report_json(const std::vector<standings>& all,
                                      const suite_options& options,
                                      const std::vector<std::string>& command);

}  // namespace lastbyte::suite
