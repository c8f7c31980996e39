// What a daemon said about itself when it ended: its report, its exit code, its log.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lastbyte::test {

struct account {
  int exit_code = -1;
  nlohmann::json report;
  std::string log;

  /// A number of the report: "received", "lost_out", ...
  [[nodiscard]] std::uint64_t of(const std::string& name) const;
  /// Connections that ended by `cause`.
  [[nodiscard]] std::uint64_t ended(const std::string& cause) const;
  [[nodiscard]] std::uint64_t ended_cleanly() const;
  /// For a reader: what is not zero in the report, and the end of the log.
  [[nodiscard]] std::string text() const;
};

/// The last lines of a log.
std::string tail(const std::string& log);

/// Checks what holds of every report of a server that ended: every connection ended by one cause, and
/// every byte went somewhere.
void check_books(const account& told);

/// The same, and that everything ended well: exit code 0, only clean endings, nothing lost.
void check_all_clean(const account& told);

}  // namespace lastbyte::test
