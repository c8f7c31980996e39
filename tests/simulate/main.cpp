// simulate: runs a server in a simulated network, by seed, and judges it. See tests/README.md.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <thread>

#include <CLI/CLI.hpp>

#include "simulate/coverage.hpp"
#include "simulate/swarm.hpp"

namespace {

using namespace lastbyte;

int replay(std::uint64_t seed, bool is_quiet) {
  const simulation::scenario drawn = simulation::draw_scenario(seed);
  const auto number = static_cast<unsigned long long>(seed);
  std::printf("started: seed %llu\n%s", number, simulation::describe(drawn).c_str());
  const simulation::outcome seen = simulation::run(drawn, !is_quiet);
  std::printf("%llu connections, %llu completions, %.3f s of simulated time, fingerprint %016llx\n",
              static_cast<unsigned long long>(seen.connections),
              static_cast<unsigned long long>(seen.completions),
              static_cast<double>(seen.ended_at) / 1e6,
              static_cast<unsigned long long>(seen.fingerprint));
  for (const std::string& each : seen.faults_found) std::printf("wrong: %s\n", each.c_str());
  const bool is_well = seen.faults_found.empty();
  std::printf("%s: seed %llu\n", is_well ? "passed" : "failed", number);
  return is_well ? 0 : 1;
}

// What struck how often. @return whether everything did.
bool print_counts(const simulation::outcome& sum) {
  bool is_all = true;
  const auto print = [&is_all](std::string_view name, std::uint64_t count) {
    std::printf("  %-28.*s %12llu%s\n", static_cast<int>(name.size()), name.data(),
                static_cast<unsigned long long>(count), count == 0 ? "  never" : "");
    if (count == 0) is_all = false;
  };
  std::printf("how often it struck:\n");
  for (std::size_t i = 0; i < port::sim::fault_count; ++i) {
    print(to_string(static_cast<port::sim::fault>(i)), sum.struck[i]);
  }
  print("peer resets", sum.peers_reset);
  print("link stalls", sum.misfortunes[static_cast<std::size_t>(simulation::misfortune::stalled)]);
  print("link is cut", sum.misfortunes[static_cast<std::size_t>(simulation::misfortune::cut)]);
  print("socket is killed",
        sum.misfortunes[static_cast<std::size_t>(simulation::misfortune::killed)]);
  print("refused allocation", sum.refused_allocations);
  print("preempted", sum.preempted);
  print("slow handlers", sum.dawdled);
  print("lagging workers", sum.lagged);
  std::printf("how connections ended:\n");
  for (std::size_t i = 1; i < ending_count; ++i) {
    const auto cause = static_cast<ending>(i);
    // A port's native errors have names of their own in the simulation: nothing is left for these.
    if (cause == ending::send_failed || cause == ending::receive_failed) continue;
    print(to_string(cause), sum.endings[i]);
  }
  return is_all;
}

// A seed that hardly does anything shows nothing, and is quick. @return whether they do enough on average.
bool is_busy_enough(double connections, double completions) {
  constexpr double least_connections = 24;
  constexpr double least_completions = 1'000;
  if (connections >= least_connections && completions >= least_completions) return true;
  std::printf("seeds do too little: at least %.0f connections and %.0f completions are wanted\n",
              least_connections, least_completions);
  return false;
}

// @param must_show_all: there are so many that everything has to strike.
int run_swarm(const simulation::swarm_plan& plan, bool must_show_all) {
  std::printf("started: a swarm of seeds\n");
  std::fflush(stdout);
  const simulation::swarm_result result = simulation::run_swarm(plan);
  const bool has_struck_all = print_counts(result.sum);
  const auto per_seed = [&](std::uint64_t sum) {
    return static_cast<double>(sum) / static_cast<double>(std::max<std::uint64_t>(result.seeds, 1));
  };
  const double connections = per_seed(result.sum.connections);
  const double completions = per_seed(result.sum.completions);
  std::printf(
      "%llu seeds in %.1f s on %u threads: %.0f a second on one; %.1f connections and "
      "%.0f completions a seed\n",
      static_cast<unsigned long long>(result.seeds), result.seconds, plan.threads,
      result.seeds_per_core_second(plan.threads), connections, completions);
  for (const auto& [seed, text] : result.failures) {
    std::printf("seed %llu went wrong:\n%s", static_cast<unsigned long long>(seed), text.c_str());
  }
  std::printf("fingerprint of all: %016llx\n",
              static_cast<unsigned long long>(result.sum.fingerprint));
  bool is_well = result.failures.empty();
  if (is_well && must_show_all && !has_struck_all) {
    std::printf("something never struck: what it would have shown was not tested\n");
    is_well = false;
  }
  if (is_well && must_show_all) is_well = is_busy_enough(connections, completions);
  std::printf("%s: a swarm of seeds\n", is_well ? "passed" : "failed");
  return is_well ? 0 : 1;
}

int run(int count, char** words) {
  CLI::App app("Runs a server in a simulated network, and judges what became of every byte.");
  std::uint64_t seed = 0;
  std::uint64_t minutes = 0;
  simulation::swarm_plan plan;
  plan.threads = std::max(1U, std::thread::hardware_concurrency());
  bool is_quiet = false;
  bool wants_coverage = false;
  auto* one = app.add_option("--seed", seed, "replay this one, with a trace");
  auto* many = app.add_option("--seeds", plan.count, "run so many")->excludes(one);
  app.add_option("--minutes", minutes, "run for so long")->excludes(one)->excludes(many);
  app.add_option("--first", plan.first, "the first seed")->excludes(one);
  app.add_option("--threads", plan.threads, "run on so many threads")->excludes(one);
  app.add_flag("--quiet", is_quiet, "no trace, no live line");
  app.add_flag("--coverage", wants_coverage,
               "print what of the machine was reached, and fail if something was not");
  CLI11_PARSE(app, count, words);
  simulation::report_seed_on_crash();
  if (one->count() != 0) {
    const int code = replay(seed, is_quiet);
    if (wants_coverage) (void)simulation::print_coverage();  // one seed reaches little
    return code;
  }
  if (minutes != 0) {
    plan.count = 0;
    plan.limit = std::chrono::minutes(minutes);
  }
  plan.shows_progress = !is_quiet;
  constexpr std::uint64_t enough_for_all = 10'000;
  const int code = run_swarm(plan, plan.count == 0 || plan.count >= enough_for_all);
  if (wants_coverage && !simulation::print_coverage()) return 1;
  return code;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run(count, words);
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "simulate: %s\n", thrown.what());
    return 2;
  }
}
