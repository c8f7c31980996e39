#include "end_to_end/account.hpp"

#include <numeric>

#include "support/catch.hpp"

namespace lastbyte::test {
namespace {

std::uint64_t sum_of(const nlohmann::json& counts) {
  std::uint64_t sum = 0;
  for (const auto& each : counts) sum += each.get<std::uint64_t>();
  return sum;
}

std::string counts_text(const nlohmann::json& counts) {
  std::string text;
  for (const auto& [name, value] : counts.items()) {
    if (value != 0) text += ' ' + name + '=' + value.dump();
  }
  return text.empty() ? " none" : text;
}

}  // namespace

std::string tail(const std::string& log) {
  constexpr int most_lines = 30;
  std::size_t begin = log.size();
  for (int lines = 0; begin > 0 && lines <= most_lines; --begin) {
    if (log[begin - 1] == '\n' && ++lines > most_lines) break;
  }
  return log.substr(begin);
}

std::uint64_t account::of(const std::string& name) const {
  return report.at(name).get<std::uint64_t>();
}

std::uint64_t account::ended(const std::string& cause) const {
  return report.at("endings").at(cause).get<std::uint64_t>();
}

std::uint64_t account::ended_cleanly() const {
  return ended("clean_local_first") + ended("clean_peer_first");
}

std::string account::text() const {
  std::string text = "the daemon's own account: exit code " + std::to_string(exit_code) + '\n';
  if (report.is_object()) {
    text += "  endings:" + counts_text(report.at("endings")) + '\n';
    text += "  unproven:" + counts_text(report.at("unproven")) + '\n';
    nlohmann::json numbers;
    for (const auto& [name, value] : report.items()) {
      if (!value.is_object() && !value.is_null()) numbers[name] = value;
    }
    text += " " + counts_text(numbers) + '\n';
  }
  return text + "the end of its log:\n" + tail(log);
}

void check_books(const account& told) {
  CHECK(sum_of(told.report.at("endings")) == told.of("accepted"));
  CHECK(told.of("open") == 0);
  CHECK(told.of("quarantined") == 0);
  CHECK(told.of("received") == told.of("delivered") + told.of("discarded") + told.of("unanswered"));
  CHECK(told.of("queued") == told.of("sent") + told.of("unsent"));
  CHECK(told.of("acknowledged") <= told.of("sent"));
}

void check_all_clean(const account& told) {
  check_books(told);
  CHECK(told.exit_code == 0);
  CHECK(told.ended_cleanly() == told.of("accepted"));
  CHECK(told.of("unsent") == 0);
  CHECK(told.of("lost_out") == 0);
  CHECK(told.of("lost_in") == 0);
}

}  // namespace lastbyte::test
