// DAEMON_TEST: a test case that is held for each kind of daemon of this suite and named after it.
//
//     DAEMON_TEST("an echo comes back") { auto& server = at.start(); ... }
//     DAEMON_TEST("a reset is seen", "[case-4]") { ... }    shows this row of tests/cases/README.md
//
// In the body, `at` is the stage: the kind of daemon, and the daemons that were started for the test.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "end_to_end/crowd.hpp"
#include "end_to_end/daemon.hpp"
#include "end_to_end/network.hpp"
#include "kinds_under_test.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace lastbyte::test {

/// More than the buffers of both sides hold.
inline constexpr std::uint64_t stream_bytes = 8 << 20;

class stage {
 public:
  explicit stage(const daemon_kind& of) : kind(of) {}

  const daemon_kind& kind;
  reset_counter resets;

  daemon& start(const std::vector<std::string>& flags = {}) {
    started_.push_back(std::make_unique<daemon>(kind, flags));
    return *started_.back();
  }
  /// A bound of time of this kind of daemon.
  [[nodiscard]] milliseconds scaled(milliseconds natively) const {
    return natively * kind.slowness;
  }
  /// For a test that ends before it has asked its daemon for an account.
  [[nodiscard]] std::string logs() const {
    std::string all;
    for (const auto& each : started_) all += tail(each->log());
    return all;
  }

 private:
  std::vector<std::unique_ptr<daemon>> started_;
};

template <std::size_t Kind, void (*Body)(stage&)>
void run_daemon_test() {
  const std::string missing = platform::why_unavailable(kinds_under_test[Kind]);
  if (!missing.empty()) return skip(missing);
  enter_own_network();
  stage at(kinds_under_test[Kind]);
  try {
    Body(at);
  } catch (...) {
    std::printf("the end of the daemon's log:\n%s\n", at.logs().c_str());
    throw;
  }
}

template <void (*Body)(stage&), std::size_t... Kinds>
bool register_daemon_test(std::index_sequence<Kinds...> /*each*/, const std::string& sentence,
                          const std::string& more_tags = {}) {
  const auto add = [&](std::string_view kind, void (*test)()) {
    const std::string name = std::string(kind) + ": " + sentence;
    const std::string tags = "[" + std::string(kind) + "]" + more_tags;
    REGISTER_TEST_CASE(test, name, tags);
  };
  (add(kinds_under_test[Kinds].name, &run_daemon_test<Kinds, Body>), ...);
  return true;
}

}  // namespace lastbyte::test

#define DAEMON_TEST_NAMED(function, ...)                                                       \
  static void function(::lastbyte::test::stage& at);                                           \
  [[maybe_unused]] static const bool function##_is_registered =                                \
      ::lastbyte::test::register_daemon_test<function>(                                        \
          std::make_index_sequence<::lastbyte::test::kinds_under_test.size()>{}, __VA_ARGS__); \
  static void function(::lastbyte::test::stage& at)
#define DAEMON_TEST_JOINED(number, ...) DAEMON_TEST_NAMED(daemon_test_##number, __VA_ARGS__)
#define DAEMON_TEST_COUNTED(number, ...) DAEMON_TEST_JOINED(number, __VA_ARGS__)

#define DAEMON_TEST(...) DAEMON_TEST_COUNTED(__COUNTER__, __VA_ARGS__)
