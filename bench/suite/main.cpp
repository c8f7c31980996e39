#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "suite/program.hpp"

int main(int count, char** words) {
  try {
    return lastbyte::suite::run_program({words + 1, words + count});
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "versus: %s\n", problem.what());
    return 1;
  }
}
