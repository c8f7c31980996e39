// The Windows build under Wine, with a Wine server of the suite's own: it is the Wine server that opens
// the sockets, so only one that was started inside our network has its resets counted there.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "end_to_end/child_process.hpp"
#include "end_to_end/daemon_kind.hpp"
#include "end_to_end/network.hpp"
#include "end_to_end/temporary_folder.hpp"

namespace lastbyte::test::platform {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path daemon_file() { return variable("LASTBYTE_WINDOWS_DAEMON"); }

std::string find_problem() {
  if (variable("LASTBYTE_WINDOWS_DAEMON").empty()) {
    return "LASTBYTE_WINDOWS_DAEMON doesn't say where lastbyted.exe is; tools/test sets it";
  }
  // Whoever asks for it must get it, or see a failure: a suite skipped as a whole proves nothing.
  if (!fs::exists(daemon_file())) {
    throw std::runtime_error("there is no " + daemon_file().string());
  }
  if (!fs::exists(fs::path(variable("WINEPREFIX")) / "system.reg")) {
    throw std::runtime_error(
        "WINEPREFIX is no prefix that Wine has set up; tools/wine-setup makes one");
  }
  return {};
}

// A prefix that shares its drive with WINEPREFIX: Wine has one server for each prefix.
class own_prefix {
 public:
  own_prefix() {
    enter_own_network();
    const fs::path from = variable("WINEPREFIX");
    const fs::path to = folder_.path();
    for (const auto& entry : fs::directory_iterator(from)) {
      if (entry.is_regular_file()) fs::copy_file(entry, to / entry.path().filename());
    }
    fs::copy(from / "dosdevices", to / "dosdevices",
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    fs::create_directory_symlink(fs::canonical(from / "drive_c"), to / "drive_c");
    ::setenv("WINEPREFIX", to.c_str(), 1);
    run({"wineserver", "-p60"});  // it ends by itself, too
    // Starts what else Wine runs in the background, so that no test waits for it.
    run({"wine", "wineboot"});
  }
  own_prefix(const own_prefix&) = delete;
  own_prefix& operator=(const own_prefix&) = delete;
  ~own_prefix() {
    child_process stops({"wineserver", "-k"}, "/dev/null", "/dev/null");
    stops.wait(time_limit(seconds(20)));
  }

 private:
  void run(const std::vector<std::string>& words) {
    child_process program(words, folder_.file("out"), folder_.file("err"));
    if (program.wait(time_limit(seconds(120))) == 0) return;
    throw std::runtime_error(words.front() + " failed: " + read_file(folder_.file("err")));
  }

  temporary_folder folder_;
};

void enter_own_prefix() { static const own_prefix here; }

}  // namespace

std::string why_unavailable(const daemon_kind& /*kind*/) {
  static const std::string problem = find_problem();
  if (problem.empty()) enter_own_prefix();
  return problem;
}

std::vector<std::string> daemon_command() { return {"wine", daemon_file().string()}; }

std::vector<std::string> tutorial_client_command() {
  return {"wine", (daemon_file().parent_path() / "tests/tutorial_client.exe").string()};
}

std::string file_name(const std::string& path) { return "Z:" + path; }

// Wine turns it into Ctrl-C; SIGTERM would just kill.
int end_signal() { return SIGINT; }

}  // namespace lastbyte::test::platform
