#include "support/skip.hpp"

#include <utility>

namespace lastbyte::test {

namespace {

// Catch2 runs one test at a time, and its macros are for that test's thread only.
std::string& reason_of_running_test() {
  static std::string reason;
  return reason;
}

}  // namespace

void skip(std::string_view reason) { reason_of_running_test() = reason; }

std::string take_skip_reason() { return std::exchange(reason_of_running_test(), {}); }

}  // namespace lastbyte::test
