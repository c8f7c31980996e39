// Whether a run was a success: what failed, which thresholds were missed, and the exit code.
#pragma once

#include <string>
#include <vector>

#include "load/options.hpp"
#include "load/result.hpp"

namespace lastbyte::load {

struct missed_threshold {
  threshold wanted;
  std::optional<double> actual;  // nothing: the run has no such figure
};

struct verdict {
  std::vector<std::string> failures;  // each makes the run fail
  std::vector<std::string> notes;     // worth a line, but no failure
  std::vector<missed_threshold> missed;
  // 130 interrupted; else 1 something failed; else 99 a threshold was missed; else 0.
  int exit_code = 0;
};
[[nodiscard]] verdict judge(const result& of, const load_options& options);

}  // namespace lastbyte::load
