// describe_machine README.md: makes the generated parts of the file anew.
#include <fstream>
#include <iostream>
#include <sstream>

#include "describe_machine/describe.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: describe_machine src/core/README.md\n";
    return 2;
  }
  std::ostringstream before;
  before << std::ifstream(argv[1]).rdbuf();
  const auto after = describe_machine::refresh(before.str());
  if (!after) {
    std::cerr << "describe_machine: " << argv[1] << " has no markers to write between\n";
    return 1;
  }
  std::ofstream out(argv[1]);
  out << *after << std::flush;
  if (!out) {
    std::cerr << "describe_machine: cannot write " << argv[1] << '\n';
    return 1;
  }
}
