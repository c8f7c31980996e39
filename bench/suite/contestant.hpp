// The servers that are compared, and how each is started.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "suite/job.hpp"

namespace lastbyte::suite {

enum class role : std::uint8_t {
  limit,  // a bare program
  ours,
  peer,
};

struct contestant {
  std::string_view name;
  role is = role::peer;
  std::string_view program;  // its path below the build folder
  std::string_view io;       // for lastbyted: --io
  std::string_view limit;    // the bare program on the same interface; for a limit: itself
};

[[nodiscard]] std::span<const contestant> all_contestants();

// The program and its arguments for a job.
// @param build: the build folder. @param address_file: where it shall write its addresses.
[[nodiscard]] std::vector<std::string> command_of(const contestant& who, const job& what,
                                                  const std::string& build,
                                                  const std::string& address_file);

}  // namespace lastbyte::suite
