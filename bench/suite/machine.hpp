// What the suite asks the kernel about the machine and about other processes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lastbyte::suite {

// Time that these processors together had nothing to do, since the machine started. Units: ns.
[[nodiscard]] std::uint64_t idle_ns(const std::vector<unsigned>& processors);

[[nodiscard]] unsigned processors();

// User and system time of a process. Units: ns.
[[nodiscard]] std::uint64_t cpu_ns(pid_t of);

// What a process itself holds in memory that nobody shares (PSS); the kernel's part is not in it. Units: bytes.
[[nodiscard]] std::uint64_t memory_bytes(pid_t of);

// Files that one process may have open at most. Units: descriptors.
[[nodiscard]] std::uint64_t most_files();

// The whole text of a file; nothing if there is none.
[[nodiscard]] std::optional<std::string> read_file(const std::string& path);

}  // namespace lastbyte::suite
