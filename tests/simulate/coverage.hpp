// What of the machine the runs so far have reached: every legal cell of its table, every rare branch.
#pragma once

namespace lastbyte::simulation {

// Prints how often, and what was never reached.
// @return whether all was; also if this build doesn't count.
[[nodiscard]] bool print_coverage();

}  // namespace lastbyte::simulation
