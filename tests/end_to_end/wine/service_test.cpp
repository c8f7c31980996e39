// The daemon as a service of Windows: made, started, asked, stopped and removed by `sc`, as administrators do.
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* log_file = "drive_c/ProgramData/lastbyte/lastbyted.log";

// What `sc WORDS...` says. Throws if it fails.
std::string sc(std::vector<std::string> words) {
  words.insert(words.begin(), {"wine", "sc"});
  const temporary_folder folder;
  child_process program(words, folder.file("out"), folder.file("err"));
  const auto code = program.wait(time_limit(seconds(30)));
  const std::string said = read_file(folder.file("out"));
  if (code != 0) {
    throw std::runtime_error("sc " + words[2] + " fails: " + said + read_file(folder.file("err")));
  }
  return said;
}

// Nothing tells of a service's state but the question.
void await_state(const std::string& state) {
  const time_limit limit(seconds(60));
  while (sc({"query", "lastbyted"}).find(state) == std::string::npos) {
    if (limit.is_over()) throw std::runtime_error("the service never came to be " + state);
    ::poll(nullptr, 0, 100);
  }
}

// Whatever becomes of the test, the service is gone afterwards.
class installed_service {
 public:
  explicit installed_service(const std::string& command) {
    sc({"create", "lastbyted", "binPath=", command});
  }
  installed_service(const installed_service&) = delete;
  installed_service& operator=(const installed_service&) = delete;
  ~installed_service() {
    try {
      sc({"delete", "lastbyted"});
    } catch (const std::exception& problem) {
      std::printf("%s\n", problem.what());
    }
  }
};

fs::path log_path() { return fs::path(std::getenv("WINEPREFIX")) / log_file; }

// The command line as the service manager keeps it.
std::string command_of(const temporary_folder& folder) {
  std::string program = platform::file_name(platform::daemon_command().back());
  std::replace(program.begin(), program.end(), '/', '\\');
  return program + " --service --listen 127.0.0.1:0 --workers 2 --address-file " +
         platform::file_name(folder.file("address")) + " --report " +
         platform::file_name(folder.file("report.json"));
}

DAEMON_TEST("as a service it is started, queried, stopped as by Ctrl-C, and logs to a file") {
  constexpr std::uint64_t stream_bytes = 8 << 20;
  const temporary_folder folder;
  fs::remove(log_path());
  account told;
  {
    const installed_service installed(command_of(folder));
    sc({"start", "lastbyted"});
    await_state("RUNNING");
    std::string address = read_file(folder.file("address"));
    const auto where = parse_endpoint(address.substr(0, address.find_first_of("\r\n")));
    REQUIRE(where);
    // In the middle of their echo when it is stopped: quiesce gives them everything.
    crowd all(*where, at.kind.quiesce_clients,
              {.to_send = stream_bytes, .reads = false, .half_closes = false});
    all.run_until_stalled(milliseconds(300));
    sc({"stop", "lastbyted"});
    all.each_wants([](client::plan& wants) {
      wants.reads = true;
      wants.to_send = 0;
    });
    all.run_until_over(at.scaled(seconds(30)));
    check_whole_echo(all);
    CHECK(all.received() > 0);
    await_state("STOPPED");
    told.report = nlohmann::json::parse(read_file(folder.file("report.json")));
    told.exit_code = 0;
    CHECK(told.of("received") == all.sent());
  }
  told.log = read_file(log_path().string());
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.ended("clean_local_first") == at.kind.quiesce_clients);
  CHECK(told.log.find("ready in") != std::string::npos);
  CHECK(told.log.find("the service manager: quiescing") != std::string::npos);
  CHECK(told.log.find("quiesced ") != std::string::npos);
  check_no_resets(at.resets);
}

}  // namespace
}  // namespace lastbyte::test
