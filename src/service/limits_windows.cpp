#include <lastbyte/options.hpp>

#include "service/limits.hpp"

namespace lastbyte::service {

bool is_available_io(std::size_t index) {
  const auto which = static_cast<io_choice>(index);
  return which == io_choice::automatic || which == io_choice::iocp;
}

// Handles are bounded by memory only: 16 million a process.
std::optional<std::uint64_t> raise_file_limit() { return std::nullopt; }

std::string file_limit_remedy(std::uint64_t /*files*/) { return {}; }

// Windows adjusts the backlog by itself and tells nobody.
std::optional<std::string> backlog_warning(std::uint32_t /*backlog*/) { return std::nullopt; }

}  // namespace lastbyte::service
