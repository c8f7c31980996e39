// Rounds that nobody plays: what a contest and its tables are told instead of measurements.
#pragma once

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "suite/contest.hpp"

namespace lastbyte::suite::test {

inline const contestant& contestant_named(std::string_view name) {
  for (const contestant& each : all_contestants()) {
    if (each.name == name) return each;
  }
  throw std::out_of_range(std::string(name));
}

inline const job& job_named(std::string_view name) {
  for (const job& each : all_jobs()) {
    if (each.name == name) return each;
  }
  throw std::out_of_range(std::string(name));
}

inline sample sample_of(double cpu_us, double units_per_s = 100'000) {
  sample made;
  made.units_per_s = units_per_s;
  made.cpu_us = cpu_us;
  made.p50_us = 10;
  made.p99_us = 20;
  made.p999_us = 30;
  made.server_share = 0.9;
  made.client_share = 0.5;
  return made;
}

inline round_result good(double cpu_us, double units_per_s = 100'000) {
  return {sample_of(cpu_us, units_per_s), fault::none, {}};
}
inline round_result disturbed() { return {{}, fault::disturbed, "something else ran"}; }
inline round_result wrong() { return {{}, fault::wrong, "bytes were lost"}; }

inline record record_of(std::string_view name, const std::vector<double>& cpu_us) {
  record made;
  made.who = &contestant_named(name);
  for (const double each : cpu_us) made.rounds.emplace_back(sample_of(each));
  return made;
}

inline standings standings_of(std::vector<record> all, std::string_view job_name = "J1") {
  standings made;
  made.what = &job_named(job_name);
  made.all = std::move(all);
  made.is_decided = is_decided(made);
  return made;
}

// A file that nobody reads, for the progress that nobody shall see.
inline progress silent() {
  static std::FILE* const nowhere = std::fopen("/dev/null", "w");
  return {nowhere, false};
}

}  // namespace lastbyte::suite::test
