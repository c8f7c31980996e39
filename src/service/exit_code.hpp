// What the process tells who started it.
#pragma once

namespace lastbyte::service {

inline constexpr int exit_ok = 0;  // everything ended well
inline constexpr int exit_failed =
    1;  // it could not serve or write the report, or quiesce cut something
inline constexpr int exit_usage = 2;  // the command line, the environment, or too low a limit

}  // namespace lastbyte::service
