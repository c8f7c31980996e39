// What may lie at the top of the checkout, and in its rooms.

#include <filesystem>
#include <set>
#include <string>
#include <vector>

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

TEST_CASE("in a room lie its sources, what says what it is, and how it is built") {
  static const std::set<std::string> extensions{".hpp", ".cpp"};
  static const std::set<std::string> names{"README.md", "CMakeLists.txt"};
  std::vector<std::string> strangers;
  for (const char* folder : {"src", "include"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(checkout() / folder)) {
      const std::filesystem::path& path = entry.path();
      if (entry.is_directory() || extensions.contains(path.extension().string()) ||
          names.contains(path.filename().string()))
        continue;
      strangers.push_back(path.lexically_relative(checkout()).generic_string());
    }
  }
  CHECK(listed(strangers) == "");
}
