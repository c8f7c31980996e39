#include "suite/counts.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

#include "suite/child_process.hpp"
#include "suite/machine.hpp"
#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::suite {
namespace {

// Units: messages or connections. Both tools slow a server down, callgrind fifty times.
constexpr std::uint64_t traced_units = 20'000;
constexpr std::uint64_t short_units = 5'000;
constexpr std::uint64_t long_units = 25'000;
// Units: ms.
constexpr std::uint32_t most_load_ms = 60'000;
constexpr std::uint32_t most_attach_ms = 5'000;
constexpr std::uint32_t attach_step_ms = 10;

constexpr std::size_t listed_calls = 7;
constexpr std::string_view limit_of_rings = "limit-uring";

// @return what went wrong; empty: nothing.
std::string load(const served& server, const job& what, std::uint64_t units,
                 const surroundings& where) {
  std::vector<std::string> words{where.build + "/lastbyte-load"};
  for (const std::string& each : server.addresses()) words.push_back(each);
  for (std::string& each : load_arguments(what)) words.push_back(std::move(each));
  words.emplace_back("-n");
  words.push_back(std::to_string(units));
  const std::string log = where.scratch + "/load.log";
  child_process client(words, log, where.client_processor);
  const auto done = client.wait(most_load_ms);
  if (!done) return "the load did not end; see " + log;
  return done->exit_code == 0 ? "" : "the load failed; see " + log;
}

bool await_text(const std::string& file, std::string_view text) {
  for (std::uint32_t waited = 0; waited < most_attach_ms; waited += attach_step_ms) {
    if (read_file(file).value_or("").find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(attach_step_ms));
  }
  return false;
}

void count_calls(counts& into, const surroundings& where) {
  served server(*into.who, *into.what, where);
  if (!server.problem().empty()) {
    into.problem = server.problem();
    return;
  }
  const std::string summary = where.scratch + "/strace.txt";
  const std::string log = where.scratch + "/strace.log";
  child_process tracer({"/usr/bin/strace", "-f", "-c", "-U", "name,calls", "-o", summary, "-p",
                        std::to_string(server.id())},
                       log, std::nullopt);
  if (!await_text(log, "attached")) {
    into.problem = "strace could not attach; see " + log;
    return;
  }
  into.units = traced_units;
  into.problem = load(server, *into.what, traced_units, where);
  tracer.signal(SIGINT);
  tracer.wait(most_attach_ms);
  into.calls = parse_strace(read_file(summary).value_or(""));
}

std::optional<std::uint64_t> instructions_of(counts& into, std::uint64_t units,
                                             const surroundings& where) {
  const std::vector<std::string> before{"/usr/bin/valgrind", "--tool=callgrind",
                                        "--callgrind-out-file=/dev/null"};
  served server(*into.who, *into.what, where, before);
  if (server.problem().empty()) {
    into.problem = load(server, *into.what, units, where);
    server.end();
  } else {
    into.problem = server.problem();
  }
  const std::string log = where.scratch + "/" + std::string(into.who->name) + ".log";
  return parse_callgrind(read_file(log).value_or(""));
}

// A program with a ring hangs under valgrind 3.19: the kernel writes to memory that it doesn't know of.
bool has_ring(const counts& of) { return of.who->limit == limit_of_rings; }

void count_instructions(counts& into, const surroundings& where) {
  const auto fewer = instructions_of(into, short_units, where);
  if (!into.problem.empty()) return;
  const auto more = instructions_of(into, long_units, where);
  if (!into.problem.empty()) return;
  if (!fewer || !more) {
    into.problem = "callgrind told no count";
    return;
  }
  into.instructions = (static_cast<double>(*more) - static_cast<double>(*fewer)) /
                      static_cast<double>(long_units - short_units);
}

std::string each_of(std::uint64_t calls, std::uint64_t units) {
  return text::fixed(static_cast<double>(calls) / static_cast<double>(units), 3);
}

std::vector<std::string> row_of(const counts& of) {
  std::uint64_t all = 0;
  std::string names;
  for (std::size_t i = 0; i < of.calls.size(); ++i) {
    all += of.calls[i].calls;
    if (i >= listed_calls || of.calls[i].calls * 1'000 < of.units) continue;
    names +=
        (names.empty() ? "" : ", ") + of.calls[i].name + " " + each_of(of.calls[i].calls, of.units);
  }
  return {std::string(of.what->name), std::string(of.who->name),
          of.units == 0 ? "-" : each_of(all, of.units),
          of.instructions ? text::fixed(*of.instructions, 0) : "-",
          of.problem.empty() ? names : of.problem};
}

}  // namespace

std::vector<counts> count_all(const std::vector<const job*>& jobs,
                              const std::vector<const contestant*>& servers,
                              const surroundings& where, progress& shown) {
  std::vector<counts> all;
  for (const job* what : jobs) {
    if (what->how != measure::rounds || !what->is_quick) continue;
    for (const contestant* who : servers) {
      shown.show(std::string(what->name) + "  " + std::string(who->name) + "  counting");
      counts& one = all.emplace_back();
      one.what = what;
      one.who = who;
      count_calls(one, where);
      if (one.problem.empty() && !has_ring(one)) count_instructions(one, where);
    }
  }
  return all;
}

std::string report_text(const std::vector<counts>& all) {
  text::table rows({text::align::left, text::align::left, text::align::right, text::align::right,
                    text::align::left});
  rows.add({"", "", "system calls", "user instructions",
            "of a message or connection, most frequent first"});
  for (const counts& each : all) rows.add(row_of(each));
  std::string made = rows.text();
  if (std::ranges::any_of(all, has_ring)) {
    made += "  -: not counted; valgrind, which counts instructions, can't run io_uring\n";
  }
  return made;
}

std::vector<call_count> parse_strace(std::string_view summary) {
  std::istringstream lines{std::string(summary)};
  std::vector<call_count> found;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    call_count one;
    std::string rest;
    // The heading and the rules have no number in the second column; the sum is called "total".
    if (words >> one.name >> one.calls && !(words >> rest) && one.name != "total") {
      found.push_back(std::move(one));
    }
  }
  std::ranges::sort(found, std::greater{}, &call_count::calls);
  return found;
}

std::optional<std::uint64_t> parse_callgrind(std::string_view log) {
  constexpr std::string_view label = "Collected : ";
  const auto at = log.rfind(label);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  std::istringstream rest{std::string(log.substr(at + label.size()))};
  if (!(rest >> number)) return std::nullopt;
  return number;
}

}  // namespace lastbyte::suite
