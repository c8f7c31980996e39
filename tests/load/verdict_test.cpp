// When a run has failed, and by which exit code.
#include "load/verdict.hpp"

#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::load;

namespace {

result good_run(std::uint64_t connections = 2) {
  result run;
  run.why = stop_reason::time_over;
  run.bytes.by_observed[static_cast<std::size_t>(observed::client_first)] = connections;
  run.bytes.by_cause[static_cast<std::size_t>(ending::clean_local_first)] = connections;
  run.latency.record(1'000'000, 100);
  return run;
}

void add_ending(result& to, observed how, ending cause) {
  ++to.bytes.by_observed[static_cast<std::size_t>(how)];
  ++to.bytes.by_cause[static_cast<std::size_t>(cause)];
}

bool says(const std::vector<std::string>& lines, const std::string& part) {
  for (const auto& line : lines) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a run in which all came back ends with 0") {
  const auto made = judge(good_run(), {});
  CHECK(made.exit_code == 0);
  CHECK(made.failures.empty());
  CHECK(made.notes.empty());
}

TEST_CASE("lost bytes and wrong bytes fail, and are named") {
  auto run = good_run();
  run.bytes.lost = 1;
  run.bytes.wrong = 1'234;
  run.first_wrong = wrong_byte{7, 4'096, std::byte{0x0f}, std::byte{0xa0}, false};
  const auto made = judge(run, {});
  CHECK(made.exit_code == 1);
  CHECK(says(made.failures, "1 byte sent and never echoed: lost"));
  CHECK(says(made.failures, "1,234 bytes came back wrong"));
  CHECK(says(made.failures, "connection 7, position 4,096: 0xa0 instead of 0x0f"));
}

TEST_CASE("unanswered bytes are no failure") {
  auto run = good_run();
  run.bytes.unanswered = 100;
  CHECK(judge(run, {}).exit_code == 0);
}

TEST_CASE("a connection that ends badly fails, by its cause") {
  auto run = good_run();
  add_ending(run, observed::failed, ending::peer_reset);
  const auto made = judge(run, {});
  CHECK(made.exit_code == 1);
  CHECK(says(made.failures, "1 connection ended badly: peer_reset 1"));
}

TEST_CASE("connections that we reset on purpose are no failure, and not among the bad causes") {
  load_options options;
  options.ending = ending_wish::reset;
  auto run = good_run(0);
  add_ending(run, observed::cut_by_us, ending::app_abort);
  run.bytes.cut = 640;
  CHECK(judge(run, options).exit_code == 0);
  add_ending(run, observed::failed, ending::peer_vanished);
  const auto made = judge(run, options);
  CHECK(says(made.failures, "peer_vanished 1"));
  CHECK_FALSE(says(made.failures, "app_abort"));
}

TEST_CASE("nothing that could connect is one clear line") {
  auto run = good_run(0);
  add_ending(run, observed::not_connected, ending::connect_failed);
  load_options options;
  options.targets = {*parse_endpoint("127.0.0.1:9")};
  const auto made = judge(run, options);
  CHECK(made.exit_code == 1);
  REQUIRE(made.failures.size() == 1);
  CHECK(says(made.failures, "nothing could connect to 127.0.0.1:9"));
}

TEST_CASE("connections that could not be opened fail, but for a server that leaves during churn") {
  auto run = good_run();
  add_ending(run, observed::not_connected, ending::connect_failed);
  CHECK(judge(run, {}).exit_code == 1);
  load_options churn;
  churn.churn = true;
  const auto made = judge(run, churn);
  CHECK(made.exit_code == 0);
  CHECK(says(made.notes, "1 connection could not be opened"));
}

TEST_CASE("what had to be cut off at the end fails") {
  auto run = good_run();
  run.cut_off = 3;
  const auto made = judge(run, {});
  CHECK(made.exit_code == 1);
  CHECK(says(made.failures, "3 connections had not ended 5 s behind the end"));
}

TEST_CASE("a server that should have finished first and didn't is noted") {
  load_options options;
  options.ending = ending_wish::server_first;
  const auto made = judge(good_run(), options);
  CHECK(made.exit_code == 0);
  CHECK(says(made.notes, "did not finish first on 2 connections"));
  CHECK(judge(good_run(), {}).notes.empty());
}

TEST_CASE("missed thresholds end with 99, failures before them with 1, an interrupt with 130") {
  load_options options;
  options.fail_on = parse_thresholds("p99<5ms,p50<100us").all;
  auto run = good_run();
  const auto missed = judge(run, options);
  CHECK(missed.exit_code == 99);
  REQUIRE(missed.missed.size() == 1);
  CHECK(missed.missed[0].wanted.text == "p50<100us");
  run.bytes.lost = 1;
  CHECK(judge(run, options).exit_code == 1);
  run.why = stop_reason::interrupted;
  CHECK(judge(run, options).exit_code == 130);
}

TEST_CASE("a run that could not start fails with its problem") {
  result run;
  run.problem = "no such port";
  const auto made = judge(run, {});
  CHECK(made.exit_code == 1);
  CHECK(says(made.failures, "no such port"));
}
