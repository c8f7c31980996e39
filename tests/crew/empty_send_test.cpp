// What a handler offers that has no bytes.
#include <string_view>
#include <utility>

#include "simulated_crew.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

TEST_CASE("nothing is sent of nothing: of no bytes, and of a buffer that was sent already") {
  scripted_handler serving;
  serving.receive = [](connection& from, buffer bytes) {
    CHECK_FALSE(from.send(std::string_view()));
    CHECK_FALSE(from.send(buffer()));
    const auto first = from.send(std::move(bytes));
    const auto again = from.send(std::move(bytes));  // NOLINT(bugprone-use-after-move): the case
    CHECK_FALSE(first);
    CHECK_FALSE(again);
  };
  simulated_crew crew(serving);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(peer, "few");
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(crew.read(peer) == "few");
  (void)crew.end();
}
