// The daemon as a service of Windows: made, started, asked, stopped and removed by `sc`, as administrators do. Its log
// file is read; what it tells the event log is not, since Wine 8 keeps none.
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "end_to_end/daemon_test.hpp"

namespace lastbyte::test {
namespace {

namespace fs = std::filesystem;

constexpr int no_such_service = 1060;  // ERROR_SERVICE_DOES_NOT_EXIST
constexpr int code_of_its_own = 1066;  // ERROR_SERVICE_SPECIFIC_ERROR
constexpr const char* log_file = "drive_c/ProgramData/lastbyte/lastbyted.log";

struct answer {
  std::optional<int> code;
  std::string said;
};

// Wine's sc tells why it fails only on this channel.
answer ask_sc(std::vector<std::string> words) {
  words.insert(words.begin(), {"env", "WINEDEBUG=-all,err+sc", "wine", "sc"});
  const temporary_folder folder;
  child_process program(words, folder.file("out"), folder.file("err"));
  const auto code = program.wait(time_limit(seconds(30)));
  return {code, read_file(folder.file("out")) + read_file(folder.file("err"))};
}

// What `sc WORDS...` says. Throws if it fails.
std::string sc(const std::vector<std::string>& words) {
  const answer got = ask_sc(words);
  if (got.code != 0) throw std::runtime_error("sc " + words[0] + " fails: " + got.said);
  return got.said;
}

// A line "NAME : number ..." of what it says.
long number_in(const std::string& said, const std::string& name) {
  const auto line = said.find(name);
  INFO(said);
  REQUIRE(line != std::string::npos);
  return std::stol(said.substr(said.find(':', line) + 1));
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
    if (is_installed_) (void)ask_sc({"delete", "lastbyted"});
  }

  void remove() {
    sc({"delete", "lastbyted"});
    is_installed_ = false;
  }

 private:
  bool is_installed_ = true;
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

// @return where it listens.
endpoint start_service(const temporary_folder& folder) {
  sc({"start", "lastbyted"});
  await_state("RUNNING");
  const std::string address = read_file(folder.file("address"));
  const auto where = parse_endpoint(address.substr(0, address.find_first_of("\r\n")));
  REQUIRE(where);
  return *where;
}

DAEMON_TEST("as a service it is started, queried, stopped as by Ctrl-C, and logs to a file") {
  const temporary_folder folder;
  fs::remove(log_path());
  account told;
  {
    installed_service installed(command_of(folder));
    const endpoint where = start_service(folder);
    // In the middle of their echo when it is stopped: quiesce gives them everything.
    crowd all(where, at.kind.quiesce_clients,
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
    told.exit_code = static_cast<int>(number_in(sc({"query", "lastbyted"}), "WIN32_EXIT_CODE"));
    CHECK(told.of("received") == all.sent());
    installed.remove();
  }
  const answer gone = ask_sc({"query", "lastbyted"});
  INFO(gone.said);
  CHECK(gone.code != 0);
  CHECK(gone.said.find(std::to_string(no_such_service)) != std::string::npos);
  told.log = read_file(log_path().string());
  INFO(told.text());
  check_all_clean(told);
  CHECK(told.ended("clean_local_first") == at.kind.quiesce_clients);
  CHECK(told.log.find("ready in") != std::string::npos);
  CHECK(told.log.find("the service manager: quiescing") != std::string::npos);
  CHECK(told.log.find("quiesced ") != std::string::npos);
  check_no_resets(at.resets);
}

DAEMON_TEST("a service that had to cut somebody off ends with the daemon's exit code") {
  const temporary_folder folder;
  installed_service installed(command_of(folder) + " --quiesce-cap 200ms --quiesce-hard 1s");
  crowd all(start_service(folder), 1, {.to_send = client::endless, .reads = false});
  all.run_until_stalled(milliseconds(300));
  sc({"stop", "lastbyted"});
  await_state("STOPPED");
  const std::string said = sc({"query", "lastbyted"});
  all.each_wants([](client::plan& wants) {
    wants.to_send = 0;
    wants.reads = true;
    wants.half_closes = false;
  });
  all.run_until_over(at.scaled(seconds(20)));
  INFO(all.text());
  CHECK(all.ended_by(stream_end::reset) == 1);
  CHECK(number_in(said, "WIN32_EXIT_CODE") == code_of_its_own);
  CHECK(number_in(said, "SERVICE_EXIT_CODE") == 1);
  installed.remove();
}

}  // namespace
}  // namespace lastbyte::test
