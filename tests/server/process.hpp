// What the platform says of the test's own process, asked without any of our code.
#pragma once

#include <cstdint>
#include <vector>

namespace lastbyte::test {

/// The CPUs that the calling thread may use, in rising order.
std::vector<std::uint32_t> cpus_of_this_thread();

/// The CPU on which the calling thread runs at this moment.
std::uint32_t cpu_at_this_moment();

/// Whether so many files can be open at once; raises the limit if it must and may.
bool can_open(std::uint64_t files);

}  // namespace lastbyte::test
