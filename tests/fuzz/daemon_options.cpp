// The command line and the environment of lastbyted: a configuration can be typed again and is then the
// same; everything else is an answer of the documented form, and never a crash.
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "fuzz/input.hpp"
#include "fuzz/target.hpp"
#include "service/command_line.hpp"
#include "service/option_values.hpp"

namespace lastbyte::fuzz {
namespace {

using service::answer;
using service::configuration;
using service::option;
using service::option_table;

using result = std::variant<configuration, answer>;
using variables = std::map<std::string, std::string>;

// What a line is: "LASTBYTE_NAME=VALUE" is a variable, anything else an argument.
result read_lines(std::vector<std::string> lines) {
  variables set;
  std::erase_if(lines, [&](const std::string& line) {
    const std::size_t equals = line.find('=');
    if (!line.starts_with("LASTBYTE_") || equals == std::string::npos) return false;
    set[line.substr(0, equals)] = line.substr(equals + 1);
    return true;
  });
  return service::read_command_line(
      std::move(lines), [&set](const std::string& name) -> std::optional<std::string> {
        const auto found = set.find(name);
        return found == set.end() ? std::nullopt : std::optional(found->second);
      });
}

void check_answer(const answer& said) {
  demand(!said.text.empty(), "nothing to say, and nothing to serve");
  if (said.exit_code == 0) return;
  demand(said.exit_code == 2, "an exit code that is not documented");
  demand(said.text.starts_with("lastbyted: "), "a problem without its sender");
  demand(said.text.find('\n') == std::string::npos, "a problem of several lines");
}

// @param name_of: of the option, as a flag or as a variable.
template <class Name>
std::vector<std::string> typed_again(const configuration& chosen, const Name& name_of) {
  std::vector<std::string> lines;
  for (const option& each : option_table) {
    const std::string value = service::typed_value(each, chosen.values);
    const bool is_list = std::holds_alternative<service::endpoints>(each.kind);
    if (!value.empty() && !is_list) lines.push_back(name_of(each) + "=" + value);
  }
  for (const endpoint& each : chosen.values.listen) {
    lines.push_back("--listen=" + to_string(each));
  }
  return lines;
}

void check_same(const configuration& chosen, const result& again) {
  const auto* same = std::get_if<configuration>(&again);
  demand(same != nullptr, "a configuration that can't be typed again");
  for (const option& each : option_table) {
    demand(service::typed_value(each, chosen.values) == service::typed_value(each, same->values),
           "typed again, it is another value");
  }
}

// A variable holds all of a list, with commas.
std::string listed(const configuration& chosen) {
  const option& listen = option_table.front();
  return service::environment_name_of(listen) + "=" + service::typed_value(listen, chosen.values);
}

void check_configuration(const configuration& chosen) {
  demand(!chosen.values.listen.empty(), "nowhere to listen");
  demand(chosen.values.low_mark_bytes < chosen.values.high_mark_bytes, "marks crossed");
  demand(chosen.values.quiesce_cap_ms <= chosen.values.quiesce_hard_ms, "cap behind the hard end");
  check_same(chosen, read_lines(typed_again(chosen, service::flag_of)));
  std::vector<std::string> variables_only = typed_again(chosen, service::environment_name_of);
  std::erase_if(variables_only, [](const std::string& line) { return line.starts_with("--"); });
  variables_only.push_back(listed(chosen));
  check_same(chosen, read_lines(std::move(variables_only)));
  for (const option& each : option_table) {
    if (std::holds_alternative<service::words>(each.kind)) continue;  // a file that is not set
    demand(!service::readable_value(each, chosen.values).empty(), "a value without words");
  }
}

}  // namespace

void daemon_options(std::span<const std::uint8_t> bytes) {
  const result read = read_lines(lines_of(bytes));
  if (const auto* said = std::get_if<answer>(&read)) {
    check_answer(*said);
  } else {
    check_configuration(std::get<configuration>(read));
  }
}

}  // namespace lastbyte::fuzz
