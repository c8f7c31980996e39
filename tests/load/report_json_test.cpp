// The report for programs.
#include "load/report_json.hpp"

#include <nlohmann/json.hpp>

#include "load/clock.hpp"
#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::load;

namespace {

nlohmann::json json_of(const result& run, const load_options& options = {}) {
  const machine_facts machine{"Linux 6.18.0 x86_64", "A Processor", ""};
  return nlohmann::json::parse(
      report_json(run, judge(run, options), options, machine, {"127.0.0.1:1", "-n", "10"}));
}

}  // namespace

TEST_CASE("the JSON report holds the account, column by column") {
  result run;
  run.why = stop_reason::requests_done;
  run.bytes.sent = 100;
  run.bytes.acknowledged = 100;
  run.bytes.echoed = 90;
  run.bytes.unanswered = 10;
  run.bytes.by_observed[static_cast<std::size_t>(observed::server_first)] = 1;
  run.bytes.by_cause[static_cast<std::size_t>(ending::clean_peer_first)] = 1;
  const auto report = json_of(run);
  CHECK(report["bytes"]["sent"] == 100);
  CHECK(report["bytes"]["acknowledged"] == 100);
  CHECK(report["bytes"]["echoed"] == 90);
  CHECK(report["bytes"]["lost"] == 0);
  CHECK(report["bytes"]["unanswered"] == 10);
  CHECK(report["bytes"]["wrong"] == 0);
  CHECK(report["bytes"]["cut_by_us"] == 0);
  CHECK(report["connections"]["opened"] == 1);
  CHECK(report["connections"]["observed"]["server_first"] == 1);
  CHECK(report["connections"]["causes"]["clean_peer_first"] == 1);
  CHECK(report["result"]["exit_code"] == 0);
  CHECK(report["result"]["stopped_because"] == "requests_done");
}

TEST_CASE("what is not known is null") {
  result run;
  run.why = stop_reason::time_over;
  run.bytes.unknown = 1;
  const auto report = json_of(run);
  CHECK(report["bytes"]["acknowledged"].is_null());
  CHECK(report["latency"]["percentiles_ns"].is_null());
  CHECK(report["latency"]["max_ns"].is_null());
  CHECK(report["rate"]["messages_per_s"].is_null());
  CHECK(report["client"]["cpu_share"].is_null());
  CHECK(report["first_wrong"].is_null());
  CHECK(report["settings"]["requests"].is_null());
  CHECK(report["environment"]["governor"].is_null());
}

TEST_CASE("the JSON report holds percentiles by name, and the buckets they come from") {
  result run;
  run.why = stop_reason::time_over;
  run.latency.record(1'000, 999);
  run.latency.record(2'000'000, 1);
  const auto report = json_of(run);
  const auto& percentiles = report["latency"]["percentiles_ns"];
  CHECK(percentiles["p50"] == 1'000);
  CHECK(percentiles["p99.9"] == 1'000);
  CHECK(percentiles["p99.99"] == 2'000'000);
  CHECK(percentiles["p100"] == 2'000'000);
  CHECK(report["latency"]["count"] == 1'000);
  CHECK(report["latency"]["buckets_ns"].size() == 2);
}

TEST_CASE("the JSON report holds the run's settings and where it ran") {
  result run;
  run.why = stop_reason::time_over;
  run.io_name = "epoll";
  load_options options;
  options.fail_on = parse_thresholds("lost=0").all;
  const auto report = json_of(run, options);
  CHECK(report["settings"]["connections"] == 64);
  CHECK(report["settings"]["io"] == "epoll");
  CHECK(report["settings"]["ending"] == "client_first");
  CHECK(report["environment"]["version"] == LASTBYTE_VERSION);
  CHECK(report["environment"]["system"] == "Linux 6.18.0 x86_64");
  CHECK(report["environment"]["command"].size() == 3);
  CHECK(report["result"]["thresholds"][0]["wanted"] == "lost=0");
  CHECK(report["result"]["thresholds"][0]["met"] == true);
}

TEST_CASE("the first wrong byte is described") {
  result run;
  run.why = stop_reason::time_over;
  run.bytes.wrong = 1;
  run.first_wrong = wrong_byte{3, 4'096, std::byte{1}, std::byte{2}, false};
  const auto first = json_of(run)["first_wrong"];
  CHECK(first["connection"] == 3);
  CHECK(first["position"] == 4'096);
  CHECK(first["expected"] == 1);
  CHECK(first["actual"] == 2);
}
