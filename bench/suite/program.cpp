#include "suite/program.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "load/process.hpp"
#include "suite/clients.hpp"
#include "suite/contest.hpp"
#include "suite/machine.hpp"
#include "suite/options.hpp"
#include "suite/progress.hpp"
#include "suite/report_json.hpp"
#include "suite/report_text.hpp"

namespace lastbyte::suite {
namespace {

using clock = std::chrono::steady_clock;

// Units: ms. What disturbs a machine comes and goes within seconds, so two servers compare the better the sooner
// one follows the other: many short rounds tell more than a few long ones in the same time.
constexpr std::uint32_t round_ms = 400;
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
  if (what.how != measure::rounds) return 0;
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

bool has_problem(const findings& all) {
  const auto is_problem = [](const auto& each) { return !each.problem.empty(); };
  const auto has_one = [&](const auto& each) { return std::ranges::any_of(each.all, is_problem); };
  return std::ranges::any_of(all.contests, has_one) ||
         std::ranges::any_of(all.open_connections, has_one) ||
         std::ranges::any_of(all.counted, is_problem) ||
         std::ranges::any_of(all.clients, is_problem);
}

// Runs everything, and shows each table as soon as it stands.
class runner {
 public:
  runner(const suite_options& options, progress& shown)
      : options_(options), shown_(shown), servers_(those_built(options, shown)) {}

  findings run() {
    if (options_.is_counting) {
      found_.counted = count_all(options_.jobs, servers_, options_.where, shown_);
      show(report_text(found_.counted));
      return std::move(found_);
    }
    if (options_.is_comparing_clients) {
      if (!servers_.empty()) run_clients();
      return std::move(found_);
    }
    run_contests();
    for (const job* each : options_.jobs) {
      if (each->how == measure::rounds) continue;
      found_.open_connections.push_back(measure_residence(*each, servers_, options_.where, shown_));
      show(report_text(found_.open_connections.back()));
    }
    return std::move(found_);
  }

 private:
  // What a job that was decided early leaves over is the next ones'.
  void run_contests() {
    const auto until = clock::now() + options_.most;
    double left = 0;
    for (const job* each : options_.jobs) left += weight_of(*each, options_.is_quick);
    for (const job* each : options_.jobs) {
      const double weight = weight_of(*each, options_.is_quick);
      if (weight == 0) continue;
      const std::chrono::duration<double> most =
          std::chrono::duration<double>(until - clock::now()) * (weight / left);
      left -= weight;
      found_.contests.push_back(run_contest(
          *each, servers_, timing_of(*each, options_.is_quick),
          std::chrono::duration_cast<std::chrono::milliseconds>(most), options_.where, shown_));
      show(report_text(found_.contests.back()));
    }
  }

  void run_clients() {
    const auto until = clock::now() + options_.most;
    std::size_t left = options_.jobs.size();
    for (const job* each : options_.jobs) {
      const auto most =
          std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()) / left--;
      found_.clients.push_back(compare_clients(*each, *servers_.front(),
                                               timing_of(*each, options_.is_quick), most,
                                               options_.where, shown_));
    }
    show(report_text(found_.clients));
  }

  void show(const std::string& table) {
    shown_.clear();
    put(table + "\n");
  }

  const suite_options& options_;
  progress& shown_;
  std::vector<const contestant*> servers_;
  findings found_;
};

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
  const findings all = runner(options, shown).run();
  if (!options.json_file.empty() &&
      !write_file(options.json_file, report_json(all, options, arguments))) {
    std::fprintf(stderr, "versus: cannot write %s; name another --json FILE\n",
                 options.json_file.c_str());
    return 1;
  }
  return has_problem(all) ? 1 : 0;
}

}  // namespace lastbyte::suite
