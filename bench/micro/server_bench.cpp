// Question: what does the server spend on a message, in all, when the kernel costs nothing? And what on finding a
// connection, and on its timer?
// Not answered: what a system call does to the caches in between, and what the ports themselves cost.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "micro/benches.hpp"
#include "micro/null_port.hpp"
#include "protocol/echo.hpp"
#include "server/crew.hpp"

namespace lastbyte::micro {
namespace {

constexpr std::uint32_t spread = 2'654'435'761U;  // visits in an order that no prefetcher guesses

void slot_look_up(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  engine::slot_table<null_port> table(count);
  for (std::uint32_t i = 0; i < count; ++i) benchmark::DoNotOptimize(table.take());
  std::uint32_t next = 0;
  for (auto unused : state) {
    benchmark::DoNotOptimize(table.is_current(next % count, 1));
    benchmark::DoNotOptimize(&table.at(next % count));
    next += spread;
  }
  state.SetItemsProcessed(state.iterations());
}

// A timer moved to another deadline, and the look whether one is due: what a change of state costs.
void timer_wheel_set(benchmark::State& state) {
  engine::timer_wheel wheel(0);
  engine::timer one;
  core::tick due = 0;
  for (auto unused : state) {
    wheel.set(one, 1'000 + (due++ & 1'023U));
    benchmark::DoNotOptimize(wheel.expire(0));
    benchmark::DoNotOptimize(wheel.next_wait(0));
  }
  state.SetItemsProcessed(state.iterations());
}

// Whole turns of a worker: a batch of completions dealt, machine, handler, echo, the next submissions. An item is a
// message: received, echoed, and the completion of its send.
void turns_of_worker(benchmark::State& state) {
  const auto connections = static_cast<std::uint32_t>(state.range(0));
  options chosen;
  chosen.workers = 1;
  chosen.max_connections = connections;
  protocol::echo serving;
  engine::crew<null_port> crew(chosen, serving, nullptr);
  std::optional<engine::worker<null_port>> self;
  if (crew.open(0, self) || !self) return state.SkipWithError("the worker could not be opened");
  engine::worker<null_port>& worker = *self;
  for (std::uint32_t i = 0; i < connections; ++i) crew.connect({}, 0, 0);
  while (crew.report().open < connections) worker.turn_once();
  // Now all are open; and behind this, all have begun.
  for (std::uint32_t i = 0; i < connections; ++i) worker.turn_once();

  for (auto unused : state) worker.turn_once();
  // One turn deals a batch of receives, the next one the sends that follow from it.
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(port::max_batch) / 2);
  crew.stop();
  while (!worker.is_over()) worker.turn_once();
  self.reset();
  crew.dismiss();
}

}  // namespace

void add_server() {
  benchmark::RegisterBenchmark("slot/look_up", slot_look_up)->Arg(50)->Arg(10'000);
  benchmark::RegisterBenchmark("timer_wheel/set", timer_wheel_set);
  benchmark::RegisterBenchmark("worker/turns_on_null_port", turns_of_worker)->Arg(64)->Arg(10'000);
}

}  // namespace lastbyte::micro
