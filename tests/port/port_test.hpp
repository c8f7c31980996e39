// PORT_TEST: a test case that is held for each port of this platform and named after it.
//
//     PORT_TEST("a half-close is seen once") { auto [client, server] = drive.connect_pair(); ... }
//
// In the body `Port` is the port's type and `drive` the driver; PORT_TEST_AT(4, "...") has four workers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "driver.hpp"
#include "platform.hpp"
#include "ports_under_test.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"

namespace lastbyte::test {

template <class Port, std::uint32_t Workers, void (*Body)(driver<Port>&)>
void run_port_test() {
  auto drive = std::make_unique<driver<Port>>(Workers);
  REQUIRE(!drive->port().problem().failed());
  try {
    Body(*drive);
    drive->check_the_end();
  } catch (...) {
    // The failure is told already. What can't be joined may still be used: it is left behind.
    if (!drive->join(std::chrono::seconds(2))) (void)drive.release();
    throw;
  }
}

/// @param choose: gives, for a port, its instance of the test.
template <class... Ports, class Choose>
bool register_port_test(port_list<Ports...>, const std::string& sentence, Choose choose) {
  const auto add = [&](std::string_view port, void (*test)()) {
    const std::string name = std::string(port) + ": " + sentence;
    const std::string tag = "[" + std::string(port) + "]";
    REGISTER_TEST_CASE(test, name, tag);
  };
  (add(Ports::name, choose.template operator()<Ports>()), ...);
  return true;
}

}  // namespace lastbyte::test

// NOLINTBEGIN(bugprone-macro-parentheses): a template's name can't stand in parentheses
#define PORT_TEST_NAMED_(function, workers, sentence)                                 \
  template <class Port>                                                               \
  static void function(::lastbyte::test::driver<Port>& drive);                        \
  [[maybe_unused]] static const bool function##_is_registered =                       \
      ::lastbyte::test::register_port_test(                                           \
          ::lastbyte::test::ports_under_test{}, sentence, []<class Port> {            \
            return &::lastbyte::test::run_port_test<Port, (workers), function<Port>>; \
          });                                                                         \
  template <class Port>                                                               \
  static void function([[maybe_unused]] ::lastbyte::test::driver<Port>& drive)
// NOLINTEND(bugprone-macro-parentheses)
#define PORT_TEST_JOINED_(line, workers, sentence) \
  PORT_TEST_NAMED_(port_test_of_line_##line, workers, sentence)
#define PORT_TEST_AT_LINE_(line, workers, sentence) PORT_TEST_JOINED_(line, workers, sentence)

#define PORT_TEST(sentence) PORT_TEST_AT_LINE_(__LINE__, 1, sentence)
#define PORT_TEST_AT(workers, sentence) PORT_TEST_AT_LINE_(__LINE__, workers, sentence)
