#include "faults/injection.hpp"

#include <poll.h>

#include <filesystem>
#include <fstream>

namespace lastbyte::test {
namespace {

namespace fs = std::filesystem;

bool is_traced(const fs::path& thread) {
  std::ifstream lines(thread / "status");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("TracerPid:")) return line.find_first_of("123456789") != line.npos;
  }
  return true;  // it has ended
}

bool are_all_traced(pid_t id) {
  for (const auto& thread : fs::directory_iterator("/proc/" + std::to_string(id) + "/task")) {
    if (!is_traced(thread.path())) return false;
  }
  return true;
}

}  // namespace

injection::injection(const daemon& into, const std::string& calls, const std::string& error,
                     const std::string& when)
    : strace_({"strace", "-f", "-q", "-o", folder_.file("calls"), "-e", "trace=" + calls, "-e",
               "inject=" + calls + ":error=" + error + ":when=" + when, "-p",
               std::to_string(into.id())},
              folder_.file("out"), folder_.file("err")),
      problem_(await_attached(into)) {}

// It says so nowhere else.
std::string injection::await_attached(const daemon& to) {
  const time_limit limit(seconds(10));
  while (!are_all_traced(to.id())) {
    pollfd ended{strace_.ended(), POLLIN, 0};
    if (::poll(&ended, 1, 5) != 0 || limit.is_over()) {
      const std::string why = read_file(folder_.file("err"));
      return "strace can't attach here: " + (why.empty() ? "it is not installed" : why);
    }
  }
  return {};
}

std::size_t injection::struck() const {
  std::ifstream lines(folder_.file("calls"));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) {
    count += line.find("(INJECTED)") != std::string::npos ? 1 : 0;
  }
  return count;
}

}  // namespace lastbyte::test
