// What bench/versus shall do, as the command line says it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "suite/contestant.hpp"
#include "suite/job.hpp"
#include "suite/served.hpp"

namespace lastbyte::suite {

struct suite_options {
  std::vector<const job*> jobs;
  std::vector<const contestant*> servers;
  bool is_quick = false;
  bool is_counting = false;           // system calls and instructions instead of time
  bool is_comparing_clients = false;  // lastbyte-load against a bare client instead of servers
  std::chrono::seconds most{};
  std::string json_file;  // empty: none
  surroundings where;
};

// What the command line asks for: a run, or only text and an exit code.
struct parsed_options {
  std::optional<suite_options> run;
  int exit_code = 0;
  std::string out;
  std::string problem;
};
// @param arguments: without the program's own name.
[[nodiscard]] parsed_options parse_options(std::vector<std::string> arguments);

}  // namespace lastbyte::suite
