// What the load generator asks of the platform about processes. One file per platform.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lastbyte::load {

// User and system time of all threads so far. Units: nanoseconds.
[[nodiscard]] std::uint64_t process_cpu_ns() noexcept;

// The same of another process. @return nothing if there is no such process, or it is none of ours.
[[nodiscard]] std::optional<std::uint64_t> process_cpu_ns(std::uint64_t pid) noexcept;

// How many processors this process may use.
[[nodiscard]] unsigned usable_processors() noexcept;

// Lets the process have `wanted` handles, if that is for it to say.
// @return how many it may have now.
std::uint64_t raise_handle_limit(std::uint64_t wanted) noexcept;

// The platform's words for its error code, with the code.
[[nodiscard]] std::string describe_error(int native_error);

// Facts for the report; empty where the platform doesn't say.
struct machine_facts {
  std::string system;    // "Linux 6.18.0 x86_64"
  std::string cpu;       // the processor's name
  std::string governor;  // of processor 0: how its clock is governed
};
[[nodiscard]] machine_facts describe_machine();

}  // namespace lastbyte::load
