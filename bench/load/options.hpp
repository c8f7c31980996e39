// What a run of lastbyte-load shall do, as the command line says it.
//
// Not here: what a threshold means (thresholds.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lastbyte/endpoint.hpp>
#include <lastbyte/options.hpp>

#include "load/thresholds.hpp"

namespace lastbyte::load {

// Who shall end the connections, and how.
enum class ending_wish : std::uint8_t {
  client_first,  // we finish behind our last message and read to the server's end of stream
  server_first,  // we go on until the server finishes
  reset,         // we reset them, on purpose
};
[[nodiscard]] std::string_view to_string(ending_wish wish) noexcept;

// "127.0.0.1:27015", "127.0.0.1:27015 and 3 more".
[[nodiscard]] std::string to_string(const std::vector<endpoint>& targets);

struct load_options {
  std::vector<endpoint> targets;  // connections go to each in turn
  std::uint32_t connections = 64;
  std::uint32_t threads = 1;
  std::vector<std::uint32_t> cpus;     // one for each thread; empty: wherever the system puts them
  std::uint64_t duration_ms = 10'000;  // without the warm-up; 0: until all requests are done
  std::uint64_t requests = 0;          // messages in all; 0: until the time is over
  std::uint32_t message_bytes = 64;
  std::uint32_t pipeline = 1;  // messages outstanding on each connection
  std::uint64_t warm_up_ms = 0;
  std::uint32_t drain_ms = 5'000;  // after the end: how long the server may take to finish
  std::uint32_t timeout_ms = 0;    // a connection on which nothing moves has ended; 0: never
  ending_wish ending = ending_wish::client_first;
  bool churn = false;
  bool verbose = false;
  io_choice io = io_choice::automatic;
  std::uint64_t server_pid = 0;  // whose CPU time is measured too; 0: nobody's
  std::string json_file;         // empty: none
  std::vector<threshold> fail_on;
};

// Bounds. Units: connections, threads, bytes.
inline constexpr std::uint32_t max_connections = 1'000'000;
inline constexpr std::uint32_t max_threads = 1'024;
inline constexpr std::uint32_t max_message_bytes = 64U << 20;
inline constexpr std::uint32_t max_pipeline = 65'536;
inline constexpr std::uint64_t max_outstanding_bytes = 64U << 20;  // a connection

// What the command line asks for: a run, or only text and an exit code.
struct parsed_options {
  std::optional<load_options> run;
  int exit_code = 0;
  std::string out;      // for stdout: help, version
  std::string problem;  // for stderr: what is wrong with the command line
};
// @param arguments: without the program's own name.
[[nodiscard]] parsed_options parse_options(const std::vector<std::string>& arguments);

}  // namespace lastbyte::load
