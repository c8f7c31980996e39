// The jobs: what is asked of every server.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lastbyte::suite {

enum class measure : std::uint8_t {
  rounds,       // load in rounds, one server against the other
  idle_memory,  // connections that are open and say nothing
  crowd,        // as many connections as there can be, each of which says something now and then
};

enum class ends_first : std::uint8_t { neither, client, server };

struct job {
  std::string_view name;
  std::string_view question;  // in a few words: the heading of its table
  measure how = measure::rounds;
  std::string_view unit;           // what is counted: "message", "connection"
  std::uint32_t connections = 50;  // 0: as many as one process may have
  std::uint32_t message_bytes = 64;
  std::uint32_t outstanding = 1;
  ends_first ending = ends_first::neither;  // neither: connections last as long as the round
  bool is_bulk = false;
  std::uint32_t addresses = 1;  // that the server listens on
  std::uint32_t warm_up_ms = 150;
  bool is_quick = true;  // part of --quick
};

[[nodiscard]] std::span<const job> all_jobs();

// What lastbyte-load is told, but for where to and how long.
[[nodiscard]] std::vector<std::string> load_arguments(const job& of);

}  // namespace lastbyte::suite
