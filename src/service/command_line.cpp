#include "service/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <numeric>

#include "service/exit_code.hpp"
#include "service/help.hpp"
#include "service/option_values.hpp"
#include "text/index_list.hpp"

namespace lastbyte::service {
namespace {

// Ends reading: what there is to say instead of serving.
struct early_answer : std::exception {
  explicit early_answer(answer says) : what_to_say(std::move(says)) {}
  answer what_to_say;
};

[[noreturn]] void refuse(const std::string& problem) {
  throw early_answer({exit_usage, "lastbyted: " + problem});
}

struct typed_flags {
  std::array<std::vector<std::string>, option_table.size()> values;
  bool help = false;
  bool version = false;
  bool verbose = false;
  bool print_config = false;
  std::vector<std::string> unknown;
};

void declare(CLI::App& app, typed_flags& into) {
  app.set_help_flag();  // ours are ordinary flags, so that the text is ours too
  app.allow_extras();   // reported by us, with a suggestion
  app.allow_windows_style_options(false);
  for (std::size_t i = 0; i < option_table.size(); ++i) {
    // One value each time it is given: "--listen A B" is a mistake.
    app.add_option(flag_of(option_table[i]), into.values[i])->allow_extra_args(false);
  }
  app.add_flag("-h,--help", into.help);
  app.add_flag("-V,--version", into.version);
  app.add_flag("-v,--verbose", into.verbose);
  app.add_flag("--print-config", into.print_config);
}

// How many characters must be inserted, removed or replaced to get from one word to the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

[[noreturn]] void refuse_unknown(std::string typed) {
  typed = typed.substr(0, typed.find('='));
  if (!typed.starts_with("-")) {
    refuse("'" + typed + "' stands alone; every value follows an option: lastbyted --help");
  }
  const auto* nearest = std::ranges::min_element(
      option_table, {}, [&](const option& each) { return edit_distance(typed, flag_of(each)); });
  std::string problem = "the option " + typed + " is unknown; ";
  if (edit_distance(typed, flag_of(*nearest)) * 3 <= typed.size()) {
    problem += "did you mean " + flag_of(*nearest) + "? ";
  }
  refuse(problem + "all of them: lastbyted --help");
}

std::size_t index_of(std::string_view name) {
  const auto* found = std::ranges::find(option_table, name, &option::name);
  return static_cast<std::size_t>(found - option_table.begin());
}

typed_flags parse_flags(std::vector<std::string> arguments) {
  CLI::App app;
  typed_flags typed;
  declare(app, typed);
  std::ranges::reverse(arguments);  // CLI11 takes them from the back
  try {
    app.parse(arguments);
  } catch (const CLI::ArgumentMismatch& problem) {
    const std::string text = problem.what();  // "--idle: 1 required TEXT missing"
    refuse("the option " + text.substr(0, text.find(':')) +
           " needs one value behind it: lastbyted --help");
  } catch (const CLI::ParseError& problem) {
    refuse(std::string(problem.what()) + "; how it goes: lastbyted --help");
  }
  typed.unknown = app.remaining();
  auto& level = typed.values.at(index_of("log-level"));
  if (typed.verbose && level.empty()) level.emplace_back("debug");
  return typed;
}

// A list in one environment variable is separated by commas.
std::vector<std::string> values_in(const option& which, const std::string& text) {
  if (!std::holds_alternative<endpoints>(which.kind)) return {text};
  std::vector<std::string> values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    values.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return values;
}

void take(configuration& into, std::size_t index, const std::vector<std::string>& typed,
          source from) {
  const option& which = option_table.at(index);
  clear(which, into.values);
  for (const std::string& value : typed) {
    const std::string problem = assign(which, into.values, value);
    if (problem.empty()) continue;
    refuse((from == source::flag ? flag_of(which) : environment_name_of(which)) + ": " + problem);
  }
  into.sources.at(index) = from;
}

void check_relations(const settings& chosen) {
  if (chosen.low_mark_bytes >= chosen.high_mark_bytes) {
    refuse("--low-mark " + text::exact(chosen.low_mark_bytes, text::unit::bytes) +
           " is not below --high-mark " + text::exact(chosen.high_mark_bytes, text::unit::bytes) +
           "; give a lower --low-mark or a higher --high-mark");
  }
  if (!chosen.cpus.empty() && chosen.workers > chosen.cpus.size()) {
    refuse("--workers " + std::to_string(chosen.workers) + " is more than the CPUs of --cpus " +
           text::to_index_list(chosen.cpus) +
           "; name a CPU for each worker, or choose fewer workers");
  }
  if (chosen.quiesce_cap_ms > chosen.quiesce_hard_ms) {
    refuse("--quiesce-cap " + text::exact(chosen.quiesce_cap_ms, text::unit::milliseconds) +
           " is later than --quiesce-hard " +
           text::exact(chosen.quiesce_hard_ms, text::unit::milliseconds) +
           "; give a shorter cap or a longer hard deadline");
  }
}

configuration read(std::vector<std::string> arguments, const environment& look_up) {
  const typed_flags typed = parse_flags(std::move(arguments));
  if (!typed.unknown.empty()) refuse_unknown(typed.unknown.front());
  if (typed.help) throw early_answer({exit_ok, help_text()});
  if (typed.version) throw early_answer({exit_ok, version_text()});
  configuration result;
  for (std::size_t i = 0; i < option_table.size(); ++i) {
    const auto set = look_up(environment_name_of(option_table[i]));
    // Set and empty is how shells and units say "not set".
    if (set && !set->empty())
      take(result, i, values_in(option_table[i], *set), source::environment);
    if (!typed.values[i].empty()) take(result, i, typed.values[i], source::flag);
  }
  check_relations(result.values);
  if (typed.print_config) throw early_answer({exit_ok, configuration_text(result)});
  return result;
}

}  // namespace

std::string_view to_string(source from) noexcept {
  switch (from) {
    case source::standard: return "default";
    case source::environment: return "environment";
    case source::flag: return "flag";
  }
  return {};
}

std::variant<configuration, answer> read_command_line(std::vector<std::string> arguments,
                                                      const environment& look_up) {
  try {
    return read(std::move(arguments), look_up);
  } catch (const early_answer& early) {
    return early.what_to_say;
  }
}

}  // namespace lastbyte::service
