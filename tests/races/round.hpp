// One server, its clients, and everybody who interferes: once.
#pragma once

#include <cstdint>

#include <lastbyte/options.hpp>

namespace lastbyte::test {

/// Who interferes with the tunnels.
enum class interference : std::uint8_t {
  nobody,   // then every byte arrives
  quiesce,  // in the middle, from a thread of its own: then every connection ends cleanly
  strangers  // threads that close, abort and resume connections which aren't theirs, and then quiesce
};

struct round_result {
  std::uint64_t connections = 0;
  std::uint64_t crossed = 0;  // bytes that went from one connection to another
  std::uint64_t refused = 0;
  std::uint64_t blocked = 0;  // handler calls
};

/// Runs it and checks it, by Catch2's checks.
round_result run_round(io_choice io, interference by, std::uint64_t seed);

}  // namespace lastbyte::test
