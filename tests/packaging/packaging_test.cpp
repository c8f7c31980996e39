// cmake --install, then find_package(lastbyte CONFIG) from a project outside of this one.

#include <cstdlib>
#include <filesystem>
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

}  // namespace

TEST_CASE("installing puts the public headers, and none of ours, under the prefix") {
  const fs::path prefix = fresh_folder("headers");
  install_to(prefix);
  CHECK(fs::exists(prefix / "include/lastbyte/server.hpp"));
  for (const auto& entry : fs::directory_iterator(prefix / "include")) {
    CHECK(entry.path().filename() == "lastbyte");
  }
}

TEST_CASE("a project that finds the installed package builds, links and runs") {
  const fs::path prefix = fresh_folder("prefix");
  const fs::path build = fresh_folder("consumer");
  install_to(prefix);
  REQUIRE(succeeds(cmake + " -G Ninja -S " + quoted(LASTBYTE_CONSUMER_DIR) + " -B " +
                   quoted(build.string()) + " -DCMAKE_PREFIX_PATH=" + quoted(prefix.string()) +
                   " -DCMAKE_CXX_COMPILER=" + quoted(LASTBYTE_CXX_COMPILER)));
  REQUIRE(succeeds(cmake + " --build " + quoted(build.string())));
  CHECK(succeeds(quoted((build / "consumer").string())));
}
