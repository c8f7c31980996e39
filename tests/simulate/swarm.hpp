// Many runs, on several threads, and what they have shown together.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "simulate/world.hpp"

namespace lastbyte::simulation {

struct swarm_plan {
  std::uint64_t first = 1;
  std::uint64_t count = 1'000;
  std::chrono::seconds limit{0};  // 0: as long as it takes
  unsigned threads = 1;
  bool shows_progress = false;
};

struct swarm_result {
  std::uint64_t seeds = 0;
  double seconds = 0;
  outcome sum;
  std::map<std::uint64_t, std::string> failures;  // by seed; at most a few

  [[nodiscard]] double seeds_per_core_second(unsigned threads) const noexcept {
    return seconds > 0 ? static_cast<double>(seeds) / seconds / threads : 0;
  }
};

// Ends at the first failure.
[[nodiscard]] swarm_result run_swarm(const swarm_plan& plan);

// How to see a seed's run again.
[[nodiscard]] std::string replay_command(std::uint64_t seed);

// Tells on stderr which seed was running when the process is ended by a broken law or a sanitizer.
void report_seed_on_crash() noexcept;

}  // namespace lastbyte::simulation
