#include <cstdio>
#include <exception>

#include "load/program.hpp"

int main(int count, char** words) {
  try {
    return lastbyte::load::run_program({words + 1, words + count});
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "lastbyte-load: %s\n", problem.what());
    return 1;
  }
}
