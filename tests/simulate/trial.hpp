// One connection before the court: what its two programs, its port and the network have seen of it, against
// what the server says.
#pragma once

#include <string>
#include <vector>

#include "simulate/judge.hpp"

namespace lastbyte::simulation {

// How much earlier or later than said a thing may be: the clock is read once a turn and in whole milliseconds,
// the timer wheel's buckets are 4 ms wide, and a worker may have to wait for its turn.
[[nodiscard]] micros slack_of(const evidence& all);

// Adds to `found` what is wrong.
void try_connection(const evidence& all, const chronicle& about, std::vector<std::string>& found);

}  // namespace lastbyte::simulation
