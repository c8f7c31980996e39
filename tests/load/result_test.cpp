// What follows from the figures of a run.
#include "load/result.hpp"

#include "load/clock.hpp"
#include "support/catch.hpp"

using namespace lastbyte::load;

namespace {

std::optional<double> figure(const result& of, std::string_view wanted) {
  return of.figure(parse_thresholds(wanted).all.at(0), load_options{});
}

}  // namespace

TEST_CASE("the rate is taken over the measured time, and unknown without one") {
  result run;
  CHECK_FALSE(run.rate());
  run.window_ns = 2'000 * ms_to_ns;
  run.window_messages = 5'000;
  run.messages = 9'000;
  CHECK(*run.rate() == Approx(2'500));
  CHECK(*figure(run, "throughput>0") == Approx(2'500 * 64));
  CHECK(*figure(run, "messages>0") == 9'000);
}

TEST_CASE("the share of the processors counts no more threads than there are processors") {
  result run;
  run.cpu_wall_ns = 1'000 * ms_to_ns;
  run.cpu_ns = 1'900 * ms_to_ns;
  run.threads = 4;
  run.processors = 2;
  CHECK(*run.cpu_share() == Approx(0.95));
  CHECK(run.was_bottleneck());
  run.processors = 4;
  CHECK(*run.cpu_share() == Approx(0.475));
  CHECK_FALSE(run.was_bottleneck());
}

TEST_CASE("too short a time says nothing about the processors") {
  result run;
  run.cpu_wall_ns = 100 * ms_to_ns;
  run.cpu_ns = 100 * ms_to_ns;
  CHECK_FALSE(run.cpu_share());
  CHECK_FALSE(run.was_bottleneck());
  CHECK_FALSE(figure(run, "cpu<90"));
}

TEST_CASE("latencies are unknown where none was measured") {
  result run;
  CHECK_FALSE(figure(run, "p99<1s"));
  CHECK_FALSE(figure(run, "mean<1s"));
  CHECK_FALSE(figure(run, "max<1s"));
  run.latency.record(1'000, 10);
  CHECK(*figure(run, "p99<1s") == 1'000);
  CHECK(*figure(run, "mean<1s") == Approx(1'000));
  CHECK(*figure(run, "max<1s") == 1'000);
}

TEST_CASE("every column of the account can be a threshold") {
  result run;
  run.bytes.sent = 1;
  run.bytes.echoed = 2;
  run.bytes.lost = 3;
  run.bytes.unanswered = 4;
  run.bytes.wrong = 5;
  run.bytes.cut = 6;
  run.bytes.by_observed[static_cast<std::size_t>(observed::failed)] = 7;
  run.bytes.by_observed[static_cast<std::size_t>(observed::not_connected)] = 8;
  CHECK(*figure(run, "sent=0") == 1);
  CHECK(*figure(run, "echoed=0") == 2);
  CHECK(*figure(run, "lost=0") == 3);
  CHECK(*figure(run, "unanswered=0") == 4);
  CHECK(*figure(run, "wrong=0") == 5);
  CHECK(*figure(run, "cut=0") == 6);
  CHECK(*figure(run, "failed=0") == 15);
  CHECK(*figure(run, "connections=0") == 7);
}
