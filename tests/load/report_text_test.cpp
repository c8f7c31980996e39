// The report for people.
#include "load/report_text.hpp"

#include "load/clock.hpp"
#include "support/catch.hpp"
#include "support/contains.hpp"

using namespace lastbyte;
using namespace lastbyte::load;
using lastbyte::test::contains;

namespace {

result sample_run() {
  result run;
  run.why = stop_reason::time_over;
  run.io_name = "epoll";
  run.processors = 2;
  run.messages = 3'000'000;
  run.window_messages = 2'500'000;
  run.window_ns = 10'000 * ms_to_ns;
  run.connect_ns = 12 * ms_to_ns;
  run.cpu_ns = 9'500 * ms_to_ns;
  run.cpu_wall_ns = 10'000 * ms_to_ns;
  run.latency.record(171'000, 1'000);
  run.latency.record(4'060'000, 5);
  run.bytes.sent = 192'000'000;
  run.bytes.acknowledged = 192'000'000;
  run.bytes.echoed = 192'000'000;
  run.bytes.by_observed[static_cast<std::size_t>(observed::client_first)] = 64;
  run.bytes.by_cause[static_cast<std::size_t>(ending::clean_local_first)] = 64;
  return run;
}

load_options sample_options() {
  load_options options;
  options.targets = {*parse_endpoint("127.0.0.1:27015")};
  return options;
}

std::string report_of(const result& run, const load_options& options = sample_options()) {
  return report_text(run, judge(run, options), options, {"Linux 6.18.0 x86_64", "A Processor", ""});
}

}  // namespace

TEST_CASE("the report names the run, its rate, latencies, endings and every column of bytes") {
  const auto text = report_of(sample_run());
  INFO(text);
  CHECK(contains(text, "127.0.0.1:27015, 64 connections, messages of 64 bytes, 1 outstanding"));
  CHECK(contains(text, "250,000 messages/s, 15.3 MiB/s each way: 2,500,000 messages in 10.000 s"));
  CHECK(contains(text, "p99.99"));
  CHECK(contains(text, "171 us"));
  CHECK(contains(text, "4.06 ms"));
  CHECK(contains(text, "seen here: client_first 64"));
  CHECK(contains(text, "by cause: clean_local_first 64"));
  CHECK(contains(text, "sent          192,000,000"));
  CHECK(contains(text, "acknowledged  192,000,000"));
  CHECK(contains(text, "lost                    0"));
  CHECK(contains(text, "unanswered              0"));
  CHECK(contains(text, "wrong                   0"));
  CHECK(contains(text, "Linux 6.18.0 x86_64, 2 processors, A Processor"));
  CHECK(contains(text, "ok: "));
}

TEST_CASE("a client that had nothing left says so, and what would help") {
  auto run = sample_run();
  CHECK(contains(report_of(run), "the load generator itself was the bottleneck"));
  CHECK(contains(report_of(run), "(-t)"));
  run.threads = 2;
  CHECK_FALSE(contains(report_of(run), "bottleneck"));
  CHECK(contains(report_of(run), "48 % of 2 threads on 2 processors"));
}

TEST_CASE("acknowledgements that are unknown are called so") {
  auto run = sample_run();
  run.bytes.acknowledged = 0;
  run.bytes.unknown = 64;
  run.bytes.unproven = 64;
  CHECK(contains(report_of(run), "acknowledged      unknown"));
  CHECK(contains(report_of(run), "64 of them unproven"));
  run.bytes.acknowledged = 1'000;
  run.bytes.unknown = 1;
  CHECK(contains(report_of(run), "1,000 and unknown on 1 connection"));
}

TEST_CASE("failures and missed thresholds stand plainly in the report") {
  auto run = sample_run();
  run.bytes.lost = 10;
  auto options = sample_options();
  options.fail_on = parse_thresholds("p99<1us,rate>1G,cpu<5").all;
  const auto text = report_of(run, options);
  CHECK(contains(text, "FAILED: 10 bytes sent and never echoed: lost"));
  CHECK(contains(text, "missed p99<1us: 171 us"));
  CHECK(contains(text, "missed rate>1G: 250,000"));
  CHECK(contains(text, "missed cpu<5: 95.0 %"));
  CHECK_FALSE(contains(text, "ok: "));
}

TEST_CASE("a run without a connection reports its failure alone") {
  result run;
  run.why = stop_reason::server_gone;
  run.bytes.by_observed[static_cast<std::size_t>(observed::not_connected)] = 1;
  const auto text = report_of(run);
  CHECK(contains(text, "nothing could connect"));
  CHECK_FALSE(contains(text, "latency"));
}

TEST_CASE("latencies have three digits and the unit that suits") {
  CHECK(latency_text(0) == "0 ns");
  CHECK(latency_text(850) == "850 ns");
  CHECK(latency_text(999) == "999 ns");
  CHECK(latency_text(1'234) == "1.23 us");
  CHECK(latency_text(12'345) == "12.3 us");
  CHECK(latency_text(99'960) == "100 us");
  CHECK(latency_text(999'400) == "999 us");
  CHECK(latency_text(999'600) == "1.00 ms");
  CHECK(latency_text(9'996'000) == "10.0 ms");
  CHECK(latency_text(1'500'000'000) == "1.50 s");
  CHECK(latency_text(1'234'000'000'000) == "1234 s");
}
