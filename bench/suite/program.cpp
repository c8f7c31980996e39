#include "suite/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "load/process.hpp"
#include "suite/contest.hpp"
#include "suite/machine.hpp"
#include "suite/options.hpp"
#include "suite/progress.hpp"
#include "suite/report_json.hpp"
#include "suite/report_text.hpp"

namespace lastbyte::suite {
namespace {

using clock = std::chrono::steady_clock;

// Units: ms.
constexpr std::uint32_t round_ms = 1'000;
constexpr std::uint32_t quick_round_ms = 250;
constexpr std::uint32_t quick_warm_up_ms = 100;

timing timing_of(const job& what, bool is_quick) {
  if (!is_quick) return {what.warm_up_ms, round_ms};
  return {std::min(what.warm_up_ms, quick_warm_up_ms), quick_round_ms};
}

// Servers whose program was not built, for want of its library, are left out, and named.
std::vector<const contestant*> those_built(const suite_options& options, progress& shown) {
  std::vector<const contestant*> built;
  for (const contestant* each : options.servers) {
    if (std::filesystem::exists(options.where.build + "/" + std::string(each->program))) {
      built.push_back(each);
    } else {
      shown.say(std::string(each->name) +
                " is left out: not built; run: tools/install-dependencies bench");
    }
  }
  return built;
}

std::string heading(const suite_options& options) {
  const load::machine_facts machine = load::describe_machine();
  return machine.system + ", " + machine.cpu + ", " + std::to_string(processors()) +
         " processors; loopback; server on processor " +
         std::to_string(options.where.server_processor) + ", client on " +
         std::to_string(options.where.client_processor) + "\n";
}

// A job with a long warm-up gets more of the time, so that it comes to as many rounds.
double weight_of(const job& what, bool is_quick) {
  const timing time = timing_of(what, is_quick);
  return static_cast<double>(time.warm_up_ms + time.measured_ms);
}

void put(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  return file.good();
}

bool has_problem(const standings& of) {
  return std::ranges::any_of(of.all, [](const record& each) { return !each.problem.empty(); });
}

std::vector<standings> run_all(const suite_options& options, progress& shown) {
  const auto servers = those_built(options, shown);
  const auto until = clock::now() + options.most;
  double left = 0;
  for (const job* each : options.jobs) left += weight_of(*each, options.is_quick);
  std::vector<standings> all;
  for (const job* each : options.jobs) {
    // What a job that was decided early leaves over is the next ones'.
    const double weight = weight_of(*each, options.is_quick);
    const std::chrono::duration<double> most =
        std::chrono::duration<double>(until - clock::now()) * (weight / left);
    left -= weight;
    all.push_back(run_contest(*each, servers, timing_of(*each, options.is_quick),
                              std::chrono::duration_cast<std::chrono::milliseconds>(most),
                              options.where, shown));
    shown.clear();
    put(report_text(all.back()) + "\n");
  }
  return all;
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  const parsed_options parsed = parse_options(arguments);
  put(parsed.out);
  std::fputs(parsed.problem.c_str(), stderr);
  if (!parsed.run) return parsed.exit_code;
  const suite_options& options = *parsed.run;
  std::filesystem::create_directories(options.where.scratch);
  progress shown(stderr, isatty(STDERR_FILENO) != 0);
  put(heading(options));
  const std::vector<standings> all = run_all(options, shown);
  if (!options.json_file.empty() &&
      !write_file(options.json_file, report_json(all, options, arguments))) {
    std::fprintf(stderr, "versus: cannot write %s; name another --json FILE\n",
                 options.json_file.c_str());
    return 1;
  }
  return std::ranges::any_of(all, has_problem) ? 1 : 0;
}

}  // namespace lastbyte::suite
