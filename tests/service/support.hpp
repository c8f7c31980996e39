// What several files of this suite need.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "service/command_line.hpp"

namespace lastbyte::service::test {

using variables = std::map<std::string, std::string>;

inline environment environment_of(variables set) {
  return [set = std::move(set)](const std::string& name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
}

inline std::variant<configuration, answer> read(std::vector<std::string> arguments,
                                                variables set = {}) {
  return read_command_line(std::move(arguments), environment_of(std::move(set)));
}

}  // namespace lastbyte::service::test
