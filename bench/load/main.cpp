#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "load/program.hpp"
#include "load/reconcile.hpp"

int main(int count, char** words) {
  try {
    const std::vector<std::string> arguments(words + 1, words + count);
    if (!arguments.empty() && arguments.front() == "reconcile") {
      return lastbyte::load::reconcile({arguments.begin() + 1, arguments.end()});
    }
    return lastbyte::load::run_program(arguments);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "lastbyte-load: %s\n", problem.what());
    return 1;
  }
}
