// What this platform has and allows.
//
// One implementation per platform, chosen by CMake: limits_posix.cpp, limits_windows.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace lastbyte::service {

// Whether the io_choice of this index exists here.
[[nodiscard]] bool is_available_io(std::size_t index);

// Raises the number of files that this process may open as far as it is allowed to.
// @return that number; nothing where there is no such limit.
[[nodiscard]] std::optional<std::uint64_t> raise_file_limit();

// What would raise it further, so that `files` can be open.
[[nodiscard]] std::string file_limit_remedy(std::uint64_t files);

// Why the kernel won't queue `backlog` connections, and what helps; nothing if it will, or can't be asked.
[[nodiscard]] std::optional<std::string> backlog_warning(std::uint32_t backlog);

}  // namespace lastbyte::service
