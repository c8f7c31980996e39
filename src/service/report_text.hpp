// The server's report for people.
#pragma once

#include <string>

#include <lastbyte/report.hpp>

namespace lastbyte::service {

// Shape: a verdict in one line, then tables: endings by cause, bytes in and out, the quiesce. A row that
// would only say 0 is left out, but lost and unanswered always stand there.
[[nodiscard]] std::string to_text(const server_report& report);

}  // namespace lastbyte::service
