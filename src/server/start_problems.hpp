// Why a server could not start, in words that help.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <lastbyte/server.hpp>

#include "port/completion_port.hpp"

namespace lastbyte::engine {

[[nodiscard]] start_problem listen_problem(const endpoint& where, const port::outcome& why);
[[nodiscard]] start_problem port_problem(std::string_view port_name, const port::outcome& why);
// @param index: the worker that has no thread.
[[nodiscard]] start_problem thread_problem(std::uint32_t index, std::error_code why);
[[nodiscard]] start_problem missing_port_problem(std::string_view wanted,
                                                 std::string_view available);

// The command that tells who listens on a TCP port of this platform.
[[nodiscard]] std::string who_listens_command(std::uint16_t tcp_port);

}  // namespace lastbyte::engine
