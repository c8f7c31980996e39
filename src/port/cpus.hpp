// The CPUs of this machine, and keeping a thread on one of them.
//
// One implementation per platform, chosen by CMake: posix/cpus.cpp, iocp/cpus.cpp. CPUs are numbered as the
// platform's own tools number them.
// Not here: which worker belongs on which CPU (server/placement.hpp).
#pragma once

#include <cstdint>
#include <vector>

#include "port/completion_port.hpp"

namespace lastbyte::port {

// Those that the calling thread may use, in rising order; none if the platform doesn't tell. A new thread may
// use what the one that started it may.
[[nodiscard]] std::vector<std::uint32_t> usable_cpus();

// Keeps the calling thread on one CPU from now on, also when it is not among the usable ones, where the
// platform lets us. On failure nothing has changed.
[[nodiscard]] outcome keep_thread_on(std::uint32_t cpu);

}  // namespace lastbyte::port
