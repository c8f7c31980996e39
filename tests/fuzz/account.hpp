// The fuzzer's own account of one connection: what truly went in and out, counted where the fuzzer makes
// it happen and never where the machine says that it did.
#pragma once

#include <cstdint>
#include <optional>

#include <lastbyte/ending.hpp>
#include <lastbyte/ledger.hpp>

#include "core/connection.hpp"

namespace lastbyte::fuzz {

// Units: bytes.
struct account {
  std::uint64_t delivered = 0;
  std::uint64_t discarded = 0;   // arrived for nobody, close() was not asked for
  std::uint64_t unanswered = 0;  // arrived for nobody, behind close()
  std::uint64_t accepted = 0;    // offered by the handler, and taken into the queue
  std::uint64_t refused = 0;
  std::uint64_t taken = 0;         // by the kernel
  std::uint64_t acknowledged = 0;  // by the peer, our FIN counting as one
  std::uint64_t footprint = 0;     // of the blocks that the queue has not given back

  bool finish_said = false;
  bool close_said = false;
  bool fin_sent = false;
  bool fin_seen = false;
  bool fin_seen_first = false;  // before we sent ours
};

// Holds the machine's ledger against ours. Throws broken.
void check_bytes(const account& ours, const core::connection& machine);

// Whether the cause is one that these events can have. Throws broken.
void check_cause(const account& ours, const core::connection& machine, const core::limits& bounds);

}  // namespace lastbyte::fuzz
