// Windows divides a machine with more than 64 CPUs into groups of at most 64, and a mask speaks of one group: that
// in which the process began. Its CPUs are those that can be named here; the others are refused.
// @source learn.microsoft.com, "Processor Groups".
#include "port/cpus.hpp"

#include "port/iocp/error_map.hpp"
#include "port/iocp/native.hpp"

namespace lastbyte::port {
namespace {

constexpr std::uint32_t most_cpus = sizeof(DWORD_PTR) * 8;  // bits of a mask

constexpr DWORD_PTR mask_of(std::uint32_t cpu) { return DWORD_PTR{1} << cpu; }

outcome last_error() { return iocp::from_code(static_cast<int>(GetLastError())); }

}  // namespace

// Threads have no way to ask but by setting: it is the process that was given a mask.
std::vector<std::uint32_t> usable_cpus() {
  std::vector<std::uint32_t> found;
  DWORD_PTR ours = 0;
  DWORD_PTR machine = 0;
  // Both are 0 in a process with threads in several groups.
  if (GetProcessAffinityMask(GetCurrentProcess(), &ours, &machine) == 0) return {};
  for (std::uint32_t cpu = 0; cpu < most_cpus; ++cpu) {
    if ((ours & mask_of(cpu)) != 0) found.push_back(cpu);
  }
  return found;
}

outcome keep_thread_on(std::uint32_t cpu) {
  if (cpu >= most_cpus) return iocp::from_code(ERROR_INVALID_PARAMETER);
  if (SetThreadAffinityMask(GetCurrentThread(), mask_of(cpu)) == 0) return last_error();
  return {};
}

}  // namespace lastbyte::port
