// lastbyted, from its command line to its exit code.
#pragma once

#include <string>
#include <vector>

#include "service/life_cycle.hpp"

namespace lastbyte::service {

// Serves until it is asked to end, then until everything has ended.
// @param arguments: without the program's name. @return the exit code (exit_code.hpp).
// Call it before any thread is started: it takes the signals.
[[nodiscard]] int run_daemon(std::vector<std::string> arguments, const life_cycle& told = {});

}  // namespace lastbyte::service
