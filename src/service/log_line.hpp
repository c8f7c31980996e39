// What a line of the log says, in both formats; without time and level, which logging.cpp puts before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <lastbyte/handler.hpp>

#include "service/settings.hpp"

namespace lastbyte::service {

// One thing beside the message. What isn't known is std::monostate: "unknown", in JSON null.
struct log_field {
  std::string_view name;
  std::variant<std::monostate, std::uint64_t, std::string> value;
};

struct log_line {
  std::string message;
  std::vector<log_field> fields;
};

// "connection ended peer=127.0.0.1:40812 cause=peer_reset", or the inside of a JSON object:
// `"message":"connection ended","peer":"127.0.0.1:40812"}`.
[[nodiscard]] std::string to_text(const log_line& line, log_format how);

// The line about a connection that has ended.
[[nodiscard]] log_line describe(const ending_report& how);

}  // namespace lastbyte::service
