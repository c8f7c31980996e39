#include "suite/served.hpp"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <sstream>

#include "suite/machine.hpp"

namespace lastbyte::suite {
namespace {

// Units: ms. A program under strace or valgrind takes seconds to start.
constexpr std::uint32_t start_ms = 20'000;
constexpr std::uint32_t look_every_ms = 5;
constexpr std::uint32_t end_ms = 20'000;

std::string last_line(const std::string& text) {
  std::istringstream lines(text);
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace

served::served(const contestant& who, const job& what, const surroundings& where,
               const std::vector<std::string>& before) {
  const std::string file = where.scratch + "/address";
  const std::string log = where.scratch + "/" + std::string(who.name) + ".log";
  std::filesystem::remove(file);
  std::vector<std::string> words = before;
  for (std::string& each : command_of(who, what, where.build, file))
    words.push_back(std::move(each));
  process_ = std::make_unique<child_process>(words, log, where.server_processor);
  await_addresses(file, log);
}

void served::await_addresses(const std::string& file, const std::string& log) {
  for (std::uint32_t waited_ms = 0; waited_ms < start_ms; waited_ms += look_every_ms) {
    if (const auto text = read_file(file); text && !text->empty()) {
      std::istringstream lines(*text);
      for (std::string line; std::getline(lines, line);) addresses_.push_back(line);
      return;
    }
    if (process_->wait(look_every_ms)) {
      problem_ = last_line(read_file(log).value_or(""));
      if (problem_.empty()) problem_ = "it ended before it served; see " + log;
      return;
    }
  }
  problem_ = "it did not serve after " + std::to_string(start_ms / 1'000) + " s; see " + log;
}

std::optional<ended> served::end() {
  process_->signal(SIGTERM);
  return process_->wait(end_ms);
}

}  // namespace lastbyte::suite
