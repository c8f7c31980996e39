#include <exception>
#include <iostream>

#include "service/daemon.hpp"
#include "service/exit_code.hpp"

int main(int argc, char** argv) {
  try {
    return lastbyte::service::run_daemon({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const std::exception& problem) {
    std::cerr << "lastbyted: " << problem.what() << "; this is a bug, please report it\n";
    return lastbyte::service::exit_failed;
  }
}
