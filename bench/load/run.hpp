// A run, from the first connection to the end of the last one.
//
// The rule: it ends. Whatever the server does, the run is over at most drain_ms after its end, for then what
// is left is cut off, and said.
// Not here: what a connection does meanwhile (client_handler.hpp).
#pragma once

#include "load/interrupts.hpp"
#include "load/live_line.hpp"
#include "load/options.hpp"
#include "load/result.hpp"

namespace lastbyte::load {

[[nodiscard]] result run_load(const load_options& options, interrupts& stop, live_line& progress);

}  // namespace lastbyte::load
