// --fail-on: what is read, what is refused, what is met.
#include "load/thresholds.hpp"

#include "support/catch.hpp"

using namespace lastbyte::load;

namespace {

threshold only(std::string_view text) {
  const auto parsed = parse_thresholds(text);
  INFO(parsed.problem);
  REQUIRE(parsed.problem.empty());
  REQUIRE(parsed.all.size() == 1);
  return parsed.all.front();
}

std::string problem_of(std::string_view text) { return parse_thresholds(text).problem; }

}  // namespace

TEST_CASE("a list of thresholds is read in its order, blanks or not") {
  const auto parsed = parse_thresholds("p99<5ms, lost = 0 ,rate>=100k");
  REQUIRE(parsed.problem.empty());
  REQUIRE(parsed.all.size() == 3);
  CHECK(parsed.all[0].what == measure::percentile);
  CHECK(parsed.all[0].percent == 99);
  CHECK(parsed.all[0].how == comparison::less);
  CHECK(parsed.all[0].value == 5e6);
  CHECK(parsed.all[0].text == "p99<5ms");
  CHECK(parsed.all[1].what == measure::lost);
  CHECK(parsed.all[1].how == comparison::equal);
  CHECK(parsed.all[1].value == 0);
  CHECK(parsed.all[2].what == measure::rate);
  CHECK(parsed.all[2].how == comparison::at_least);
  CHECK(parsed.all[2].value == 100'000);
}

TEST_CASE("each measure takes its own unit") {
  CHECK(only("p99.99<=250us").percent == 99.99);
  CHECK(only("p99.99<=250us").value == 250e3);
  CHECK(only("max<2s").value == 2e9);
  CHECK(only("throughput>1MiB").value == 1'048'576);
  CHECK(only("lost<=1k").value == 1'024);
  CHECK(only("messages>1k").value == 1'000);
  CHECK(only("cpu<90%").value == 90);
  CHECK(only("cpu<90").value == 90);
}

TEST_CASE("every comparison is known") {
  CHECK(only("lost<1").how == comparison::less);
  CHECK(only("lost<=1").how == comparison::at_most);
  CHECK(only("lost=1").how == comparison::equal);
  CHECK(only("lost==1").how == comparison::equal);
  CHECK(only("lost!=1").how == comparison::not_equal);
  CHECK(only("lost>=1").how == comparison::at_least);
  CHECK(only("lost>1").how == comparison::greater);
}

TEST_CASE("an unknown measure is refused with the list of the known ones") {
  const auto problem = problem_of("lots=0");
  CHECK(problem.find("'lots'") != std::string::npos);
  CHECK(problem.find("lost") != std::string::npos);
  CHECK(problem.find("p99.9") != std::string::npos);
  CHECK_FALSE(problem_of("p101<5ms").empty());
  CHECK_FALSE(problem_of("p<5ms").empty());
  CHECK_FALSE(problem_of("p9x<5ms").empty());
}

TEST_CASE("what is not a threshold is refused, wherever it stands in the list") {
  CHECK_FALSE(problem_of("").empty());
  CHECK_FALSE(problem_of("p99").empty());
  CHECK_FALSE(problem_of("p99<").empty());
  CHECK_FALSE(problem_of("p99<5 parsecs").empty());
  CHECK_FALSE(problem_of("p99!5ms").empty());
  CHECK_FALSE(problem_of("cpu<120").empty());
  CHECK_FALSE(problem_of("cpu<some").empty());
  CHECK_FALSE(problem_of("lost=0,").empty());
  CHECK_FALSE(problem_of("lost=0,,wrong=0").empty());
}

TEST_CASE("a threshold is met or missed as its comparison says") {
  CHECK(is_met(only("lost<5"), 4.0));
  CHECK_FALSE(is_met(only("lost<5"), 5.0));
  CHECK(is_met(only("lost<=5"), 5.0));
  CHECK_FALSE(is_met(only("lost<=5"), 6.0));
  CHECK(is_met(only("lost=5"), 5.0));
  CHECK_FALSE(is_met(only("lost=5"), 4.0));
  CHECK(is_met(only("lost!=5"), 4.0));
  CHECK_FALSE(is_met(only("lost!=5"), 5.0));
  CHECK(is_met(only("lost>=5"), 5.0));
  CHECK_FALSE(is_met(only("lost>=5"), 4.0));
  CHECK(is_met(only("lost>5"), 6.0));
  CHECK_FALSE(is_met(only("lost>5"), 5.0));
}

TEST_CASE("what was not measured is missed") {
  CHECK_FALSE(is_met(only("p99<5ms"), std::nullopt));
  CHECK_FALSE(is_met(only("p99!=5ms"), std::nullopt));
}
