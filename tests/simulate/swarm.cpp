#include "simulate/swarm.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lastbyte::simulation {
namespace {

using clock = std::chrono::steady_clock;

std::uint64_t& current_seed() noexcept {
  static thread_local std::uint64_t seed = 0;
  return seed;
}

extern "C" void tell_seed(int signal) {
  // A process that is ending: what is not safe in a handler may fail, but then nothing is lost.
  std::fprintf(stderr, "while running seed %llu: tools/simulate --seed %llu\n",
               static_cast<unsigned long long>(current_seed()),
               static_cast<unsigned long long>(current_seed()));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void add(outcome& sum, const outcome& more) {
  sum.connections += more.connections;
  sum.completions += more.completions;
  sum.bytes += more.bytes;
  sum.fingerprint += more.fingerprint;
  sum.preempted += more.preempted;
  sum.dawdled += more.dawdled;
  sum.lagged += more.lagged;
  sum.refused_allocations += more.refused_allocations;
  sum.peers_reset += more.peers_reset;
  const auto add_each = [](auto& to, const auto& from) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  add_each(sum.struck, more.struck);
  add_each(sum.endings, more.endings);
  add_each(sum.misfortunes, more.misfortunes);
}

std::string explain(const scenario& drawn, const outcome& seen) {
  std::string text;
  for (const std::string& each : seen.faults_found) text += "  " + each + "\n";
  return text + "what it stands for:\n" + describe(drawn) +
         "see it again: " + replay_command(drawn.seed) + "\n";
}

class swarm {
 public:
  explicit swarm(const swarm_plan& plan) : plan_(plan), next_(plan.first) {}

  swarm_result run() {
    const auto begun = clock::now();
    give_up_at_ = begun + plan_.limit;
    std::vector<std::thread> threads;
    threads.reserve(plan_.threads);
    // The calling thread is one of them, unless it has a line to keep alive.
    for (unsigned i = plan_.shows_progress ? 0 : 1; i < plan_.threads; ++i)
      threads.emplace_back([this] { work(); });
    if (!plan_.shows_progress) work();
    while (plan_.shows_progress && !is_over_) show_progress(begun);
    for (std::thread& each : threads) each.join();
    result_.seconds = std::chrono::duration<double>(clock::now() - begun).count();
    if (plan_.shows_progress) std::fprintf(stderr, "\r\033[K");
    return std::move(result_);
  }

 private:
  void work() {
    outcome mine;
    std::uint64_t done = 0;
    while (!is_over_) {
      const std::uint64_t seed = next_++;
      const bool is_late = plan_.limit.count() != 0 && clock::now() >= give_up_at_;
      if (is_late || (plan_.count != 0 && seed >= plan_.first + plan_.count)) break;
      current_seed() = seed;
      const scenario drawn = draw_scenario(seed);
      outcome seen = simulation::run(drawn, false);
      if (seed % replay_every == 0) check_replay(drawn, seen);
      add(mine, seen);
      ++done;
      ++done_;
      if (seen.faults_found.empty()) continue;
      const std::scoped_lock lock(guard_);
      result_.failures.emplace(seed, explain(drawn, seen));
      is_over_ = true;
    }
    const std::scoped_lock lock(guard_);
    add(result_.sum, mine);
    result_.seeds += done;
    if (++finished_ == plan_.threads) is_over_ = true;
  }

  static void check_replay(const scenario& drawn, outcome& seen) {
    if (simulation::run(drawn, false).fingerprint == seen.fingerprint) return;
    seen.faults_found.emplace_back("the same seed ran differently the second time");
  }

  void show_progress(clock::time_point begun) {
    std::this_thread::sleep_for(
        std::chrono::milliseconds(200));  // a live line, not a wait for an event
    const double seconds = std::chrono::duration<double>(clock::now() - begun).count();
    std::fprintf(stderr, "\r\033[K%llu seeds, %.0f a second",
                 static_cast<unsigned long long>(done_.load()),
                 static_cast<double>(done_.load()) / seconds);
  }

  // So many seeds are run twice, and must do the same.
  static constexpr std::uint64_t replay_every = 200;

  const swarm_plan& plan_;
  std::atomic<std::uint64_t> next_;
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<bool> is_over_ = false;
  clock::time_point give_up_at_;
  std::mutex guard_;  // over what follows
  unsigned finished_ = 0;
  swarm_result result_;
};

}  // namespace

swarm_result run_swarm(const swarm_plan& plan) { return swarm(plan).run(); }

std::string replay_command(std::uint64_t seed) {
  return "tools/simulate --seed " + std::to_string(seed);
}

void report_seed_on_crash() noexcept {
  std::signal(SIGABRT, tell_seed);
  std::signal(SIGSEGV, tell_seed);
}

}  // namespace lastbyte::simulation
