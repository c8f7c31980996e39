// How many workers serve, and on which CPU each of them runs.
#pragma once

#include <cstdint>
#include <optional>

#include <lastbyte/options.hpp>
#include <lastbyte/server.hpp>

namespace lastbyte::engine {

// As many as were asked for; else one for each CPU that was named; else one for each of the machine.
[[nodiscard]] std::uint32_t worker_count(const options& chosen);

// Whether each worker can have its CPU, if CPUs were named: before anybody can connect.
//
// A worker without a CPU of its own is refused, and not put beside another: two that share one CPU serve
// no more than one does, and each waits for the other's handlers; nobody asks for that but by mistake. So is a
// CPU that this process was not given, also where the system would let it be taken.
// Thread: the one that will start the workers.
// @return why not, or nothing.
[[nodiscard]] std::optional<start_problem> check_cpus(const options& chosen);

// Keeps the calling thread, worker `index`, on its CPU, if CPUs were named.
// @return why the system won't, or nothing.
[[nodiscard]] std::optional<start_problem> place_worker(const options& chosen, std::uint32_t index);

// The command that tells which CPUs a process gets on this platform.
[[nodiscard]] std::string_view usable_cpus_command();

}  // namespace lastbyte::engine
