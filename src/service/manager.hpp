// Running as a service of Windows: `lastbyted --service ...`, started and stopped by the service manager.
//
// One implementation per platform, chosen by CMake: manager_posix.cpp, manager_windows.cpp.
#pragma once

#include <string>
#include <vector>

namespace lastbyte::service {

// Whether the arguments ask for it. Takes that one away.
[[nodiscard]] bool takes_service_flag(std::vector<std::string>& arguments);

// Runs until the service was stopped. @return the exit code of the process.
int run_as_service(std::vector<std::string> arguments);

}  // namespace lastbyte::service
