// Holds what happened against what was said of it. Each rule looks at both programs' records and at the
// network's, never at the server's word alone.
#pragma once

#include <array>
#include <deque>
#include <string>
#include <vector>

#include <lastbyte/report.hpp>
#include <lastbyte/server.hpp>

#include "port/sim/network.hpp"
#include "port/sim/port.hpp"
#include "simulate/chronicle.hpp"
#include "simulate/scenario.hpp"

namespace lastbyte::simulation {

// What the server has told its observer.
struct notices {
  std::array<std::uint64_t, 7> of_kind{};
  std::array<std::uint64_t, ending_count> endings{};
  std::vector<micros> paused_at;  // accepting

  [[nodiscard]] std::uint64_t of(notice::kind which) const noexcept {
    return of_kind[static_cast<std::size_t>(which)];
  }
};

struct evidence {
  const scenario& drawn;
  const std::deque<chronicle>& connections;
  const server_report& report;
  std::uint64_t reset_in_backlog = 0;
  micros quiesced_at = 0;
  micros listeners_closed_at = 0;  // the last of them
  micros stopped_at = 0;           // 0: never
  micros ended_at = 0;
  bool was_memory_refused = false;
  micros longest_turn = 0;  // of a worker, with the time that it waited for it
  port::sim::any_port::accept_counts accepts;
  std::uint64_t refused_accepts = 0;
  std::uint64_t lost_operations = 0;
  notices told;
  std::uint64_t thrown = 0;  // exceptions that handlers let out
};

// @return what is wrong, each with the connection's number.
[[nodiscard]] std::vector<std::string> judge(const evidence& all);

}  // namespace lastbyte::simulation
