#include <iostream>

#include "service/exit_code.hpp"
#include "service/manager.hpp"

namespace lastbyte::service {

// NOLINTNEXTLINE(performance-unnecessary-value-param): on Windows it keeps them
int run_as_service(std::vector<std::string> /*arguments*/) {
  std::cerr << "lastbyted: --service is for Windows; here a service manager starts it as it is\n";
  return exit_usage;
}

}  // namespace lastbyte::service
