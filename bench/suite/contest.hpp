// A contest: the servers in turn, round after round, until the ratios are known well enough or the time is over.
//
// The order is reversed in every other round, so that a drift of the machine doesn't favour whoever comes first.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suite/contestant.hpp"
#include "suite/job.hpp"
#include "suite/progress.hpp"
#include "suite/round.hpp"
#include "suite/statistics.hpp"

namespace lastbyte::suite {

// One server's part in a contest.
struct record {
  const contestant* who = nullptr;
  std::vector<std::optional<sample>> rounds;  // nothing: there was no good figure in that round
  std::string problem;                        // why it takes no part any more; empty: it does
  bool is_far_behind = false;                 // a peer that can no longer be the best one
};

struct standings {
  const job* what = nullptr;
  timing time;
  std::vector<record> all;
  std::uint32_t disturbed = 0;  // rounds thrown away
  std::string last_disturbance;
  bool is_decided = false;  // every ratio that is asked for is known well enough
};

// Half of a 95 % interval: this narrow is enough.
inline constexpr double wanted_half_width = 0.01;

// So often a disturbed round is repeated, before there is no figure in that round.
inline constexpr std::uint32_t most_tries = 4;

// @param most: no round begins that would end later.
[[nodiscard]] standings run_contest(const job& what, const std::vector<const contestant*>& servers,
                                    const timing& time, std::chrono::milliseconds most,
                                    const surroundings& where, progress& shown,
                                    const player& by = run_round);

// ---- What it says. Pure.

// The medians over its rounds; nothing if it has none.
[[nodiscard]] std::optional<sample> typical(const record& of);

// Server CPU of a unit, one against the other, over the rounds that both have.
[[nodiscard]] std::optional<ratio> cpu_ratio(const record& of, const record& to);
// The same over however few rounds, without an interval. Nothing if there is no such round.
[[nodiscard]] std::optional<double> rough_cpu_ratio(const record& of, const record& to);

[[nodiscard]] const record* find(const standings& in, std::string_view name);
// Of the peers on the same interface as `of`, the one that spends least on a unit; nullptr if none has a figure.
[[nodiscard]] const record* best_peer(const standings& in, const contestant& of);

// Whether an interval is as narrow as is wanted.
[[nodiscard]] bool is_close_enough(const std::optional<ratio>& of);

// Marks peers that can no longer become the best one.
void drop_far_behind(standings& in);
[[nodiscard]] bool is_decided(const standings& in);

}  // namespace lastbyte::suite
