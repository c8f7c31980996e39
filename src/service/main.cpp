#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "service/daemon.hpp"
#include "service/exit_code.hpp"
#include "service/manager.hpp"

int main(int argc, char** argv) {
  try {
    std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    if (lastbyte::service::takes_service_flag(arguments)) {
      return lastbyte::service::run_as_service(std::move(arguments));
    }
    return lastbyte::service::run_daemon(std::move(arguments));
  } catch (const std::exception& problem) {
    std::cerr << "lastbyted: " << problem.what() << "; this is a bug, please report it\n";
    return lastbyte::service::exit_failed;
  }
}
