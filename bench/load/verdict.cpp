#include "load/verdict.hpp"

#include <array>
#include <cstdio>

#include "load/process.hpp"
#include "text/quantity.hpp"

namespace lastbyte::load {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_missed = 99;
constexpr int exit_interrupted = 130;

// "1 connection", "2 connections".
std::string counted(std::uint64_t count, const std::string& noun) {
  return text::grouped(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string hex(std::byte value) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "0x%02x", std::to_integer<unsigned>(value));
  return text.data();
}

std::string describe(const wrong_byte& first) {
  const std::string where = "connection " + std::to_string(first.session) + ", position " +
                            text::grouped(first.position) + ": ";
  if (first.is_surplus) return where + hex(first.actual) + ", where nothing had been sent";
  return where + hex(first.actual) + " instead of " + hex(first.expected);
}

std::string because(int connect_error) {
  return connect_error == 0 ? std::string{} : ": " + describe_error(connect_error);
}

// Connections that could not be opened. With --churn the server may go away: that ends the run, and is
// no failure of the connections that it served.
void judge_connecting(const result& of, const load_options& options, verdict& into) {
  const std::uint64_t refused = of.bytes.count(observed::not_connected);
  if (refused == 0) return;
  if (of.bytes.opened() == 0) {
    into.failures.push_back("nothing could connect to " + to_string(options.targets) +
                            because(of.connect_error) + "; is a server listening there?");
    return;
  }
  const std::string text =
      counted(refused, "connection") + " could not be opened" + because(of.connect_error);
  (options.churn ? into.notes : into.failures).push_back(text);
}

void judge_endings(const result& of, const load_options& options, verdict& into) {
  if (of.bytes.count(observed::failed) == 0) return;
  std::string causes;
  for (std::size_t i = 0; i < ending_count; ++i) {
    const auto cause = static_cast<ending>(i);
    const observed seen = observe(cause, options.ending == ending_wish::reset);
    if (of.bytes.by_cause[i] == 0 || seen != observed::failed) continue;
    causes += causes.empty() ? ": " : ", ";
    causes += std::string(to_string(cause)) + " " + text::grouped(of.bytes.by_cause[i]);
  }
  into.failures.push_back(counted(of.bytes.count(observed::failed), "connection") + " ended badly" +
                          causes);
}

void judge_bytes(const result& of, verdict& into) {
  if (of.bytes.wrong != 0) {
    into.failures.push_back(counted(of.bytes.wrong, "byte") + " came back wrong" +
                            (of.first_wrong ? "; the first on " + describe(*of.first_wrong) : ""));
  }
  if (of.bytes.lost != 0) {
    into.failures.push_back(counted(of.bytes.lost, "byte") + " sent and never echoed: lost");
  }
}

void note_end(const result& of, const load_options& options, verdict& into) {
  if (of.why == stop_reason::server_gone && of.bytes.opened() != 0) {
    into.notes.emplace_back(of.gave_up != 0
                                ? "the server took no more connections: the run ended early"
                                : "the server ended every connection: the run ended early");
  }
  const std::uint64_t finished = of.bytes.count(observed::client_first);
  if (options.ending == ending_wish::server_first && finished != 0) {
    into.notes.push_back("the server did not finish first on " + counted(finished, "connection") +
                         ": we did, in the end");
  }
  if (of.cut_off != 0) {
    into.failures.push_back(counted(of.cut_off, "connection") + " had not ended " +
                            text::readable(options.drain_ms, text::unit::milliseconds) +
                            " behind the end: cut off");
  }
}

}  // namespace

verdict judge(const result& of, const load_options& options) {
  verdict made;
  if (of.why == stop_reason::not_started) {
    made.failures.push_back(of.problem);
    made.exit_code = exit_failed;
    return made;
  }
  judge_connecting(of, options, made);
  judge_bytes(of, made);
  judge_endings(of, options, made);
  note_end(of, options, made);
  for (const threshold& wanted : options.fail_on) {
    const auto actual = of.figure(wanted, options);
    if (!is_met(wanted, actual)) made.missed.push_back({wanted, actual});
  }
  if (of.why == stop_reason::interrupted) {
    made.exit_code = exit_interrupted;
  } else if (!made.failures.empty()) {
    made.exit_code = exit_failed;
  } else if (!made.missed.empty()) {
    made.exit_code = exit_missed;
  }
  return made;
}

}  // namespace lastbyte::load
