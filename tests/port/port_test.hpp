// PORT_TEST: a test case that is held for each port of this platform and named after it.
//
//     PORT_TEST("a half-close is seen once") { auto [client, server] = drive.connect_pair(); ... }
//
// In the body `Port` is the port's type and `drive` the driver; PORT_TEST_AT(4, "...") has four workers. Behind
// the sentence may stand "[case-4]": the row of tests/cases/README.md that it shows.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "driver.hpp"
#include "own_thread.hpp"
#include "platform.hpp"
#include "ports_under_test.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace lastbyte::test {

template <class Setting>
using port_test_body = void (*)(driver<typename Setting::port>&);

template <class Setting>
void run_port_test_here(std::uint32_t workers, port_test_body<Setting> body) {
  auto drive = Setting::make_driver(workers);
  const port::outcome problem = drive->port().problem();
  // A port that can be tried out may be forbidden here: in containers io_uring often is.
  if constexpr (requires { Setting::port::try_out(); }) {
    if (problem.failed())
      return skip("this machine refuses it, errno " + std::to_string(problem.native));
  }
  REQUIRE(!problem.failed());
  try {
    body(*drive);
    drive->check_the_end();
  } catch (...) {
    // The failure is told already. What can't be joined may still be used: it is left behind.
    if (!drive->join(std::chrono::seconds(2))) (void)drive.release();
    throw;
  }
}

/// On a thread of its own: a while after a ring was closed, the kernel interrupts the system calls of the threads
/// that have used it, and those would be the next test's.
template <class Setting>
void run_port_test(std::uint32_t workers, port_test_body<Setting> body) {
  own_thread([=] { run_port_test_here<Setting>(workers, body); }).join();
}

/// What Catch2 can hold.
template <class Setting, std::uint32_t Workers, port_test_body<Setting> Body>
void port_test() {
  run_port_test<Setting>(Workers, Body);
}

/// @param choose: gives, for a setting of a port, its instance of the test.
template <class... Settings, class Choose>
bool register_port_test(port_list<Settings...> /*each*/, Choose choose, const std::string& sentence,
                        const std::string& more_tags = {}) {
  const auto add = [&](std::string_view port, void (*test)()) {
    const std::string name = std::string(port) + ": " + sentence;
    const std::string tags = "[" + std::string(port) + "]" + more_tags;
    REGISTER_TEST_CASE(test, name, tags);
  };
  (add(Settings::name, choose.template operator()<Settings>()), ...);
  return true;
}

}  // namespace lastbyte::test

// NOLINTBEGIN(bugprone-macro-parentheses): a template's name can't stand in parentheses
#define PORT_TEST_NAMED(function, workers, ...)                                    \
  template <class Port>                                                            \
  static void function(::lastbyte::test::driver<Port>& drive);                     \
  [[maybe_unused]] static const bool function##_is_registered =                    \
      ::lastbyte::test::register_port_test(                                        \
          ::lastbyte::test::ports_under_test{},                                    \
          []<class Setting> {                                                      \
            return &::lastbyte::test::port_test<Setting, (workers),                \
                                                function<typename Setting::port>>; \
          },                                                                       \
          __VA_ARGS__);                                                            \
  template <class Port>                                                            \
  static void function([[maybe_unused]] ::lastbyte::test::driver<Port>& drive)
// NOLINTEND(bugprone-macro-parentheses)
#define PORT_TEST_JOINED(number, workers, ...) \
  PORT_TEST_NAMED(port_test_##number, workers, __VA_ARGS__)
#define PORT_TEST_COUNTED(number, workers, ...) PORT_TEST_JOINED(number, workers, __VA_ARGS__)

#define PORT_TEST(...) PORT_TEST_COUNTED(__COUNTER__, 1, __VA_ARGS__)
#define PORT_TEST_AT(workers, ...) PORT_TEST_COUNTED(__COUNTER__, workers, __VA_ARGS__)
