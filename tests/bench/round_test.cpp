// What is read from the two clients: figures only where every byte was right.
#include "suite/round.hpp"

#include <nlohmann/json.hpp>

#include "fake_rounds.hpp"
#include "support/catch.hpp"

using namespace lastbyte::suite;
using namespace lastbyte::suite::test;
using nlohmann::json;

namespace {

// As lastbyte-load writes it, where it is read.
json report() {
  return {{"result", {{"failures", json::array()}, {"stopped_because", "time_over"}}},
          {"rate", {{"messages_per_s", 123'456.0}}},
          {"latency", {{"percentiles_ns", {{"p50", 10'000}, {"p99", 20'000}, {"p99.9", 30'500}}}}},
          {"server", {{"cpu_ns", 900}, {"wall_ns", 1'000}, {"cpu_ns_per_message", 2'500.0}}},
          {"client", {{"cpu_share", 0.75}, {"was_bottleneck", true}}}};
}

round_result read(const json& text) { return read_report(text.dump(), job_named("J1")); }

}  // namespace

TEST_CASE("the load generator's report becomes a sample") {
  const round_result found = read(report());
  REQUIRE(found.what == fault::none);
  CHECK(found.measured.units_per_s == 123'456);
  CHECK(found.measured.cpu_us == Approx(2.5));
  CHECK(found.measured.p50_us == Approx(10));
  CHECK(found.measured.p99_us == Approx(20));
  CHECK(found.measured.p999_us == Approx(30.5));
  CHECK(found.measured.server_share == Approx(0.9));
  CHECK(found.measured.client_share == Approx(0.75));
  CHECK(found.measured.was_client_bottleneck);
}

TEST_CASE("a run in which something failed has no figure") {
  json failed = report();
  failed["result"]["failures"] = {"64 bytes were lost"};
  const round_result found = read(failed);
  CHECK(found.what == fault::wrong);
  CHECK(found.why == "64 bytes were lost");
}

TEST_CASE("a run that ended before its time has no figure") {
  json early = report();
  early["result"]["stopped_because"] = "server_gone";
  CHECK(read(early).what == fault::wrong);
  CHECK(read(early).why == "the server went away");
}

TEST_CASE("a run that never came to be measured has no figure") {
  json late = report();
  late["server"] = nullptr;
  CHECK(read(late).what == fault::wrong);
  CHECK(read(late).why.find("took too long") != std::string::npos);
  late["server"] = {{"cpu_ns", 1}, {"wall_ns", 1}, {"cpu_ns_per_message", nullptr}};
  CHECK(read(late).what == fault::wrong);
}

TEST_CASE("without a report there is no figure") {
  CHECK(read_report("", job_named("J1")).why == "lastbyte-load left no report");
  CHECK(read_report("{", job_named("J1")).what == fault::wrong);
}

TEST_CASE("the bare client's line is its rate") {
  const round_result found = read_bare_rate("212345\n");
  CHECK(found.what == fault::none);
  CHECK(found.measured.units_per_s == 212'345);
}

TEST_CASE("what the bare client says instead of a rate is handed on") {
  CHECK(read_bare_rate("").why == "the bare client said nothing");
  CHECK(read_bare_rate("cannot connect to 127.0.0.1:1; is a server listening there?\n").why ==
        "the bare client: cannot connect to 127.0.0.1:1; is a server listening there?");
  for (const char* each : {"0\n", "12", "12 messages\n", "-5\n", "\n"}) {
    CHECK(read_bare_rate(each).what == fault::wrong);
  }
}
