// The README of the core shows the machine as it is, not as it was.
#include <fstream>
#include <sstream>

#include "describe_machine/describe.hpp"
#include "support/catch.hpp"

TEST_CASE("the diagram and the truth table of src/core/README.md are up to date") {
  std::ostringstream committed;
  committed << std::ifstream(LASTBYTE_CORE_README).rdbuf();
  const auto fresh = describe_machine::refresh(committed.str());
  REQUIRE(fresh.has_value());
  INFO("run: build/release/test-files/describe_machine/describe_machine src/core/README.md");
  CHECK(committed.str() == *fresh);
}
