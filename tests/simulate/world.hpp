// One run: a server's crew on a simulated port, its peers, and the schedule, all on one thread.
//
// The workers are the product's own. Here one of them has its turn when its port would let it return from
// dequeue(); and in the middle of that turn, wherever a handler or a call of the port runs, another may have its
// own, as threads would.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <lastbyte/ending.hpp>

#include "simulate/scenario.hpp"

namespace lastbyte::simulation {

// What a run has shown.
struct outcome {
  std::vector<std::string> faults_found;  // empty: all is well
  std::uint64_t connections = 0;
  std::uint64_t completions = 0;
  std::uint64_t bytes = 0;
  micros ended_at = 0;
  std::uint64_t fingerprint = 0;  // of all that crossed the port: the same seed has the same
  std::array<std::uint64_t, port::sim::fault_count> struck{};
  std::uint64_t preempted = 0;
  std::uint64_t dawdled = 0;
  std::uint64_t lagged = 0;
  std::uint64_t refused_allocations = 0;
  std::array<std::uint64_t, ending_count> endings{};
  std::array<std::uint64_t, 4> misfortunes{};
  std::uint64_t peers_reset = 0;
};

// @param trace: prints what happens.
[[nodiscard]] outcome run(const scenario& drawn, bool trace);

}  // namespace lastbyte::simulation
