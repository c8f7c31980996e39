// Programs of the system that a test needs: run to their end, and asked for what they said.
#pragma once

#include <string>
#include <vector>

#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

struct program_result {
  int exit_code = -1;  // 127: there is no such program
  std::string out;
  std::string err;

  [[nodiscard]] bool is_missing() const { return exit_code == 127; }
};

/// Throws std::runtime_error if it takes longer.
program_result run_program(const std::vector<std::string>& words, milliseconds limit = seconds(20));

}  // namespace lastbyte::test
