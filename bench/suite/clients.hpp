// lastbyte-load against a bare client, both against the same bare server: does a rate that is reported stop at the
// server, or at the program that asks?
//
// Rates are compared, and not CPU: what counts of a client is how much it can ask for. In pairs, a round of one and a
// round of the other, in turn first, until the ratio is known well enough or the time is over.
// Not here: whether what came back was right; lastbyte-load looks, the bare client only counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suite/contest.hpp"
#include "suite/contestant.hpp"
#include "suite/job.hpp"
#include "suite/progress.hpp"
#include "suite/round.hpp"
#include "suite/statistics.hpp"

namespace lastbyte::suite {

// What both clients did in one job: one pair of rates for each round in which both were undisturbed.
struct client_standings {
  const job* what = nullptr;
  const contestant* server = nullptr;
  timing time;
  std::vector<double> ours;  // messages a second
  std::vector<double> bare;
  std::uint32_t disturbed = 0;  // rounds thrown away
  std::string problem;          // why there are no more; empty: there is no reason
};

// The two who play a round. A test has its own.
struct client_players {
  player ours = run_round;
  player bare = run_bare_round;
};

[[nodiscard]] client_standings compare_clients(const job& what, const contestant& server,
                                               const timing& time, std::chrono::milliseconds most,
                                               const surroundings& where, progress& shown,
                                               const client_players& by = {});

// ---- What it says. Pure.

// Whether the bare client can do the job: it asks for messages on connections that last.
[[nodiscard]] bool has_bare_client(const job& what);

// lastbyte-load's rate, as a part of the bare client's.
[[nodiscard]] std::optional<ratio> rate_ratio(const client_standings& of);

// Whether lastbyte-load reaches the bare client's rate: faster, or a tie. Nothing: undecided.
[[nodiscard]] std::optional<bool> reaches(const client_standings& of);

[[nodiscard]] std::string report_text(const std::vector<client_standings>& all);

}  // namespace lastbyte::suite
