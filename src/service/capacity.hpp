// How many connections the file limit has room for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/settings.hpp"

namespace lastbyte::service {

struct capacity {
  std::uint32_t max_connections = 0;
  std::string warning;  // if that is less than was wanted: why, and what helps
  std::string problem;  // if it is too few to serve at all: why, and what helps
};

// @param files: how many this process may open; nothing: no limit.
// @param processors: the workers, if none are chosen.
[[nodiscard]] capacity capacity_for(const settings& wanted, std::optional<std::uint64_t> files,
                                    std::uint32_t processors);

}  // namespace lastbyte::service
