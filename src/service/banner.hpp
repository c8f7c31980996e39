// What the daemon says of itself once it is ready.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lastbyte/endpoint.hpp>

#include "service/log_line.hpp"
#include "service/settings.hpp"

namespace lastbyte::service {

struct readiness {
  std::vector<endpoint> listening;
  std::string io_name;
  std::uint32_t workers = 0;
  std::uint32_t max_connections = 0;
  std::vector<std::string> warnings;
  std::uint64_t took_ms = 0;
};

// Several aligned lines for a terminal.
[[nodiscard]] std::string banner_text(const settings& chosen, const readiness& now);
// The same as one line with fields, for a log that programs read. The warnings are lines of their own.
[[nodiscard]] log_line banner_line(const settings& chosen, const readiness& now);

}  // namespace lastbyte::service
