#include "end_to_end/daemon.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace lastbyte::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> command(const daemon_kind& kind, const temporary_folder& folder,
                                 const std::vector<std::string>& flags) {
  auto words = platform::daemon_command();
  const std::vector<std::string> always{
      "--listen", "127.0.0.1:0", "--io", std::string(kind.io), "--workers", "2", "--address-file",
      platform::file_name(folder.file("address")), "--report",
      platform::file_name(folder.file("report.json")),
      // With the hard deadline, less than a test waits: an operation that never comes back is then told.
      "--join", "10s"};
  words.insert(words.end(), always.begin(), always.end());
  words.insert(words.end(), flags.begin(), flags.end());
  return words;
}

// A line "Name:   value ..." of a file like /proc/PID/status.
std::uint64_t status_number(const fs::path& file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + ':')) return std::stoull(line.substr(name.size() + 1));
  }
  return 0;  // a thread that has ended meanwhile
}

fs::path folder_of(pid_t id) { return fs::path("/proc") / std::to_string(id); }

}  // namespace

daemon::daemon(const daemon_kind& kind, const std::vector<std::string>& flags)
    : watch_(folder_.path()),
      process_(command(kind, folder_, flags), folder_.file("out"), folder_.file("log")),
      where_(await_address()) {}

endpoint daemon::await_address() {
  const time_limit limit(seconds(30));
  for (;;) {
    std::istringstream text(read_file(folder_.file("address")));
    std::string line;
    if (std::getline(text, line)) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const auto parsed = parse_endpoint(line);
      if (!parsed) throw std::runtime_error("not an address in the address file: " + line);
      return *parsed;
    }
    if (watch_.wait(process_.ended(), limit) != folder_watch::news::changed) {
      throw std::runtime_error("the daemon did not start to listen; its log:\n" + tail(log()));
    }
  }
}

void daemon::freeze() const { process_.stop(); }

void daemon::thaw() const { process_.signal(SIGCONT); }

void daemon::kill() const { process_.signal(SIGKILL); }

void daemon::ask_to_end() const { process_.signal(platform::end_signal()); }

account daemon::wait(milliseconds limit) {
  const auto code = process_.wait(time_limit(limit));
  if (!code) {
    throw std::runtime_error("the daemon had not ended after " + std::to_string(limit.count()) +
                             " ms; the end of its log:\n" + tail(log()));
  }
  account told{*code, {}, log()};
  const std::string report = read_file(folder_.file("report.json"));
  if (report.empty()) {
    throw std::runtime_error("the daemon left no report, exit code " + std::to_string(*code) +
                             "; the end of its log:\n" + tail(told.log));
  }
  told.report = nlohmann::json::parse(report);
  return told;
}

account daemon::end(milliseconds limit) {
  ask_to_end();
  return wait(limit);
}

std::string daemon::log() const { return read_file(folder_.file("log")); }

std::size_t daemon::lines_with(std::string_view words) const {
  std::istringstream lines(log());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);)
    count += line.find(words) != std::string::npos ? 1 : 0;
  return count;
}

bool daemon::has_logged(std::string_view words, std::size_t count, milliseconds limit) {
  const time_limit until(limit);
  while (lines_with(words) < count) {
    if (watch_.wait(process_.ended(), until) != folder_watch::news::changed) {
      return lines_with(words) >= count;
    }
  }
  return true;
}

void daemon::await_log(std::string_view words, std::size_t count, milliseconds limit) {
  if (has_logged(words, count, limit)) return;
  throw std::runtime_error("the daemon's log has " + std::to_string(lines_with(words)) +
                           " lines, not " + std::to_string(count) + ", with '" +
                           std::string(words) + "' after " + std::to_string(limit.count()) + " ms");
}

std::uint64_t daemon::resident_bytes() const {
  return status_number(folder_of(id()) / "status", "VmRSS") * 1024;
}

std::uint64_t daemon::wake_ups() const {
  std::uint64_t sum = 0;
  for (const auto& thread : fs::directory_iterator(folder_of(id()) / "task")) {
    sum += status_number(thread.path() / "status", "voluntary_ctxt_switches");
  }
  return sum;
}

std::size_t daemon::open_files() const {
  const fs::directory_iterator all(folder_of(id()) / "fd");
  return static_cast<std::size_t>(std::distance(fs::begin(all), fs::end(all)));
}

void daemon::limit_open_files(std::uint64_t count) const {
  rlimit limit{};
  if (::prlimit(id(), RLIMIT_NOFILE, nullptr, &limit) != 0) {
    throw std::system_error(errno, std::generic_category(), "prlimit");
  }
  limit.rlim_cur = std::min<rlim_t>(count, limit.rlim_max);
  if (::prlimit(id(), RLIMIT_NOFILE, &limit, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "prlimit");
  }
}

}  // namespace lastbyte::test
