// All that can be set on the daemon: the server's options, and what only a daemon has.
#pragma once

#include <cstdint>
#include <string>

#include <lastbyte/options.hpp>

namespace lastbyte::service {

enum class protocol_choice : std::uint8_t { echo, discard, chargen };
enum class log_level : std::uint8_t { debug, info, warn, error };
enum class log_format : std::uint8_t { text, json };
enum class log_endings : std::uint8_t { all, unclean, none };

struct settings : options {
  settings();  // listens on every IPv4 address, TCP port 27015, unless told otherwise

  std::string address_file;
  protocol_choice protocol = protocol_choice::echo;
  std::uint64_t chargen_bytes = 1U << 20;
  std::uint64_t finish_after = 0;
  log_level level = log_level::info;
  log_format format = log_format::text;
  log_endings endings = log_endings::unclean;
  std::string report_file;
};

}  // namespace lastbyte::service
