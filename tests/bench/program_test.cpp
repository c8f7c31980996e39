// bench/versus as a program, on this machine: what it prints, writes and returns. No figure of it is looked at.
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "port/uring/port.hpp"
#include "suite/child_process.hpp"
#include "suite/machine.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"
#include "support/skip.hpp"

using namespace lastbyte::suite;
using lastbyte::test::contains;
using nlohmann::json;

namespace {

constexpr std::uint32_t patience_ms = 60'000;

// A folder that is gone with the object.
class scratch_folder {
 public:
  scratch_folder()
      : path_(std::filesystem::temp_directory_path() /
              ("lastbyte-versus-test-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct outcome {
  int exit_code = -1;
  std::string said;
};

outcome run(const scratch_folder& in, std::vector<std::string> arguments) {
  std::vector<std::string> command{LASTBYTE_BUILD "/bench/versus", "--build", LASTBYTE_BUILD};
  command.insert(command.end(), arguments.begin(), arguments.end());
  child_process program(command, in.file("log"), std::nullopt);
  const auto how = program.wait(patience_ms);
  REQUIRE(how);
  return {how->exit_code, read_file(in.file("log")).value_or("")};
}

}  // namespace

TEST_CASE("versus --help ends with 0 and says how it goes") {
  const scratch_folder here;
  const outcome done = run(here, {"--help"});
  CHECK(done.exit_code == 0);
  CHECK(contains(done.said, "bench/README.md"));
  CHECK(contains(done.said, "Exit codes"));
}

TEST_CASE("versus ends wrong usage with 2 and the next command") {
  const scratch_folder here;
  for (const char* each : {"--jobs=J9", "--no-such-flag", "--time=0"}) {
    const outcome done = run(here, {each});
    CHECK(done.exit_code == 2);
    CHECK(contains(done.said, "see bench/versus --help"));
  }
}

TEST_CASE("versus runs a job of two servers, prints its table and writes its JSON") {
  const scratch_folder here;
  const outcome done =
      run(here, {"--jobs", "J1", "--servers", "limit-epoll,lastbyte-epoll", "--quick", "--time",
                 "1", "--disturbance", "100000", "--json", here.file("json")});
  INFO(done.said);
  CHECK(done.exit_code == 0);
  CHECK(contains(done.said, "J1  ping-pong, 64 B, 50 connections"));
  CHECK(contains(done.said, "lastbyte-epoll"));
  const json report = json::parse(read_file(here.file("json")).value_or(""));
  const json& servers = report["contests"][0]["servers"];
  REQUIRE(servers.size() == 2);
  for (const json& each : servers) {
    CHECK(each["problem"].is_null());
    CHECK(each["median"]["units_per_s"] > 0);
  }
}

TEST_CASE("versus says that it can't write its JSON, with 1") {
  const scratch_folder here;
  const outcome done =
      run(here, {"--jobs", "J1", "--servers", "limit-epoll", "--quick", "--time", "1",
                 "--disturbance", "100000", "--json", here.file("no/such/folder")});
  CHECK(done.exit_code == 1);
  CHECK(contains(done.said, "name another --json FILE"));
}

TEST_CASE("versus --clients compares both clients on a bare server") {
  if (lastbyte::port::uring::port::try_out().failed()) {
    return lastbyte::test::skip("the bare client needs io_uring, and this machine refuses it");
  }
  const scratch_folder here;
  const outcome done =
      run(here, {"--clients", "--jobs", "J1", "--servers", "limit-epoll", "--quick", "--time", "1",
                 "--disturbance", "100000", "--json", here.file("json")});
  INFO(done.said);
  CHECK(done.exit_code == 0);
  CHECK(contains(done.said, "clients against limit-epoll; messages a second"));
  const json report = json::parse(read_file(here.file("json")).value_or(""));
  REQUIRE(report["clients"].size() == 1);
  CHECK(report["clients"][0]["problem"].is_null());
  REQUIRE_FALSE(report["clients"][0]["messages_per_s"].empty());
  CHECK(report["clients"][0]["messages_per_s"][0]["bare"] > 0);
}
