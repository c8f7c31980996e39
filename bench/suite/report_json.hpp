// Every figure of bench/versus, for programs.
#pragma once

#include <string>
#include <vector>

#include "suite/clients.hpp"
#include "suite/contest.hpp"
#include "suite/counts.hpp"
#include "suite/options.hpp"
#include "suite/residence.hpp"

namespace lastbyte::suite {

// What bench/versus found.
struct findings {
  std::vector<standings> contests;
  std::vector<residences> open_connections;
  std::vector<counts> counted;
  std::vector<client_standings> clients;
};

[[nodiscard]] std::string report_json(const findings& all, const suite_options& options,
                                      const std::vector<std::string>& command);

}  // namespace lastbyte::suite
