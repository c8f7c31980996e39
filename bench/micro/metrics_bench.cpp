// Question: what does it cost the load generator to record a latency?
// Not answered: the cache misses of a wide distribution under load; the values here are those of a quiet loopback.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#include "metrics/histogram.hpp"
#include "micro/benches.hpp"

namespace lastbyte::micro {
namespace {

void histogram_record(benchmark::State& state) {
  metrics::histogram latencies;
  std::array<std::uint64_t, 1'024> values{};
  std::uint64_t spread = 1;
  for (auto& each : values) {
    spread = spread * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    each = 100'000 + (spread >> 44U);  // 0.1 to 1.1 ms
  }
  std::size_t at = 0;
  for (auto unused : state) latencies.record(values[at++ % values.size()]);
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void add_metrics() { benchmark::RegisterBenchmark("histogram/record", histogram_record); }

}  // namespace lastbyte::micro
