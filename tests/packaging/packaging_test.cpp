// cmake --install, then find_package(lastbyte CONFIG) from a project outside of this one.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/catch.hpp"

namespace fs = std::filesystem;

namespace {

// A folder inside the build folder, empty at first; kept afterwards for whoever looks for the cause.
fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::path(LASTBYTE_BUILD_DIR) / "packaging" / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::string quoted(const std::string& word) { return "'" + word + "'"; }

bool succeeds(const std::string& command) {
  INFO(command);
  return std::system(command.c_str()) == 0;
}

const std::string cmake = quoted(LASTBYTE_CMAKE);

void install_to(const fs::path& prefix) {
  REQUIRE(succeeds(cmake + " --install " + quoted(LASTBYTE_BUILD_DIR) + " --prefix " +
                   quoted(prefix.string())));
}

// The first C++ block of the README.
std::string readme_snippet() {
  std::ostringstream whole;
  whole << std::ifstream(LASTBYTE_README).rdbuf();
  const std::string readme = whole.str();
  const std::string fence = "```cpp\n";
  const auto begin = readme.find(fence);
  REQUIRE(begin != std::string::npos);
  const auto end = readme.find("```", begin + fence.size());
  REQUIRE(end != std::string::npos);
  return readme.substr(begin + fence.size(), end - begin - fence.size());
}

}  // namespace

TEST_CASE("installing puts the public headers, and none of ours, under the prefix") {
  const fs::path prefix = fresh_folder("headers");
  install_to(prefix);
  CHECK(fs::exists(prefix / "include/lastbyte/server.hpp"));
  for (const auto& entry : fs::directory_iterator(prefix / "include")) {
    CHECK(entry.path().filename() == "lastbyte");
  }
}

TEST_CASE(
    "a project that finds the installed package builds, links and runs, README's echo server too") {
  const fs::path prefix = fresh_folder("prefix");
  const fs::path build = fresh_folder("consumer");
  const fs::path echo = build / "readme_echo.cpp";
  std::ofstream(echo) << readme_snippet();
  install_to(prefix);
  REQUIRE(succeeds(cmake + " -G Ninja -S " + quoted(LASTBYTE_CONSUMER_DIR) + " -B " +
                   quoted(build.string()) + " -DCMAKE_PREFIX_PATH=" + quoted(prefix.string()) +
                   " -DCMAKE_CXX_COMPILER=" + quoted(LASTBYTE_CXX_COMPILER) +
                   " -DREADME_ECHO=" + quoted(echo.string())));
  REQUIRE(succeeds(cmake + " --build " + quoted(build.string())));
  CHECK(succeeds(quoted((build / "consumer").string())));
  // It serves until its input ends: at once.
  CHECK(succeeds(quoted((build / "readme_echo").string()) + " </dev/null"));
}
