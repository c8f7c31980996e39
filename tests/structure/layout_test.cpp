// What may lie at the top of the checkout.

#include <filesystem>
#include <set>
#include <string>

#include "structure/sources.hpp"
#include "support/catch.hpp"

using namespace lastbyte::test;

TEST_CASE("the top of the checkout holds what the design names, and dot-files") {
  static const std::set<std::string> expected{
      "CMakeLists.txt", "CMakePresets.json",
      "README.md",      "LICENSE",
      "CHANGELOG.md",   "src",
      "include",        "bench",
      "tests",          "tools",
      "build",  // made by the presets, and ignored by git
  };
  std::vector<std::string> strangers;
  for (const auto& entry : std::filesystem::directory_iterator(checkout())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && !expected.contains(name)) strangers.push_back(name);
  }
  CHECK(listed(strangers) == "");
}
