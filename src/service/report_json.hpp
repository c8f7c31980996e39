// The server's report for programs.
#pragma once

#include <string>

#include <lastbyte/report.hpp>

namespace lastbyte::service {

// Shape: one object; its keys are the fields of server_report, `endings` and `unproven` objects by cause
// (every cause, also those that didn't occur), `slowest_peer` null if there was none; and cut_something.
[[nodiscard]] std::string to_json(const server_report& report);

}  // namespace lastbyte::service
