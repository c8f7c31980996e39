// From the command line and the environment to settings.
//
// The rule: flags go before the environment, the environment before the defaults; whatever is wrong
// ends in one line that names the cause and what to type.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/option_table.hpp"

namespace lastbyte::service {

enum class source : std::uint8_t { standard, environment, flag };
[[nodiscard]] std::string_view to_string(source from) noexcept;

struct configuration {
  settings values;
  std::array<source, option_table.size()> sources{};  // in the order of option_table
};

// What there is to say instead of serving: help, version, --print-config (exit code 0), or a problem.
struct answer {
  int exit_code = 0;
  std::string text;
};

// Looks up one environment variable: nothing if it is not set.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

// @param arguments: without the program's name.
[[nodiscard]] std::variant<configuration, answer> read_command_line(
    std::vector<std::string> arguments, const environment& look_up);

}  // namespace lastbyte::service
