// What --help, --version and --print-config print.
#pragma once

#include <string>

#include "service/command_line.hpp"

namespace lastbyte::service {

[[nodiscard]] std::string version_text();
[[nodiscard]] std::string help_text();
// Each option with its value and where that came from.
[[nodiscard]] std::string configuration_text(const configuration& from);

}  // namespace lastbyte::service
