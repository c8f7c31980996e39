// What a fuzz target is: a function that takes any bytes at all and throws if a law is broken by them.
//
// The rule: one target per file, one idea per target. Each is compiled twice: alone with libFuzzer
// (libfuzzer_main.cpp), and into the suite `fuzz_replay`, which replays the committed corpus everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>

namespace lastbyte::fuzz {

using fuzz_one = void(std::span<const std::uint8_t> input);

fuzz_one connection;      // the sans-I/O machine, by any sequence of events
fuzz_one daemon_options;  // the command line and the environment of lastbyted
fuzz_one endpoint_text;   // addresses, read and written
fuzz_one load_options;    // the command line of lastbyte-load
fuzz_one quantity_text;   // numbers with units
fuzz_one send_queue;      // the queue against a string
fuzz_one thresholds;      // --fail-on

// Under libFuzzer nobody catches it: the program ends where it was thrown, with the stack still there.
struct broken : std::logic_error {
  using std::logic_error::logic_error;
};

inline void demand(bool holds, const char* otherwise) {
  if (!holds) throw broken(otherwise);
}

}  // namespace lastbyte::fuzz
