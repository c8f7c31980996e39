#include "../process.hpp"

#include <windows.h>

namespace lastbyte::test {

std::vector<std::uint32_t> cpus_of_this_thread() {
  std::vector<std::uint32_t> found;
  GROUP_AFFINITY allowed{};
  if (GetThreadGroupAffinity(GetCurrentThread(), &allowed) == 0) return {};
  for (std::uint32_t cpu = 0; cpu < sizeof(allowed.Mask) * 8; ++cpu) {
    if ((allowed.Mask >> cpu & 1) != 0) found.push_back(cpu);
  }
  return found;
}

std::uint32_t cpu_at_this_moment() { return GetCurrentProcessorNumber(); }

bool can_open(std::uint64_t /*files*/) { return true; }

}  // namespace lastbyte::test
