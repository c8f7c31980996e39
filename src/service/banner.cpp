#include "service/banner.hpp"

#include <algorithm>
#include <utility>

#include "service/help.hpp"
#include "service/option_values.hpp"
#include "text/index_list.hpp"
#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::service {
namespace {

constexpr std::size_t widest_line = 80;  // characters, behind the label

std::string joined(const std::vector<endpoint>& all) {
  std::string text;
  for (const endpoint& each : all) text += (text.empty() ? "" : ", ") + to_string(each);
  return text;
}

std::string_view name_of(protocol_choice which) {
  return protocol_names.at(static_cast<std::size_t>(which));
}

// Those of --cpus that got a worker.
std::vector<std::uint32_t> cpus_in_use(const settings& chosen, std::uint32_t workers) {
  std::vector<std::uint32_t> used = chosen.cpus;
  used.resize(std::min<std::size_t>(used.size(), workers));
  return used;
}

// "first-byte 60 s, idle 300 s, ...": a whole group of the option table, in lines that fit a terminal.
void add_group(text::table& rows, group which, const settings& chosen) {
  std::string label(group_names.at(static_cast<std::size_t>(which)));
  std::string line;
  for (const option& each : option_table) {
    if (each.in != which) continue;
    std::string_view name = each.name;
    if (which == group::quiesce) name.remove_prefix(std::string_view("quiesce-").size());
    const std::string item = std::string(name) + ' ' + readable_value(each, chosen);
    if (!line.empty() && line.size() + item.size() > widest_line) {
      rows.add({std::exchange(label, {}), std::exchange(line, {}) + ','});
    }
    if (!line.empty()) line += ", ";
    line += item;
  }
  rows.add({label, line});
}

// "2 workers", "2 workers on CPUs 0,2".
std::string workers_text(const settings& chosen, std::uint32_t count) {
  std::string text = text::grouped(count) + (count == 1 ? " worker" : " workers");
  const std::string cpus = text::to_index_list(cpus_in_use(chosen, count));
  if (!cpus.empty()) text += (count == 1 ? " on CPU " : " on CPUs ") + cpus;
  return text;
}

}  // namespace

std::string banner_text(const settings& chosen, const readiness& now) {
  text::table rows({text::align::left, text::align::left});
  rows.add({"listening", joined(now.listening)});
  rows.add({"protocol", std::string(name_of(chosen.protocol))});
  rows.add({"port", now.io_name + ", " + workers_text(chosen, now.workers)});
  settings actual = chosen;
  actual.max_connections = now.max_connections;
  for (const group each : {group::limits, group::deadlines, group::quiesce}) {
    add_group(rows, each, actual);
  }
  for (const std::string& warning : now.warnings) rows.add({"warning", warning});
  return version_text() + rows.text() + "ready in " +
         text::readable(now.took_ms, text::unit::milliseconds) + '\n';
}

log_line banner_line(const settings& chosen, const readiness& now) {
  log_line line{"ready",
                {{"version", LASTBYTE_VERSION},
                 {"listening", joined(now.listening)},
                 {"protocol", std::string(name_of(chosen.protocol))},
                 {"io", now.io_name},
                 {"workers", std::uint64_t{now.workers}},
                 {"cpus", text::to_index_list(cpus_in_use(chosen, now.workers))},
                 {"max_connections", std::uint64_t{now.max_connections}},
                 {"took_ms", now.took_ms}}};
  return line;
}

}  // namespace lastbyte::service
