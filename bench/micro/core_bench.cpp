// Question: what do the machine, its send queue and its ledger cost a message, alone and in a warm cache?
// Not answered: what they cost between two system calls, when the kernel has used the cache. That is bench/versus.

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>

#include "core/check.hpp"
#include "core/connection.hpp"
#include "core/laws.hpp"
#include "core/send_queue.hpp"
#include "micro/benches.hpp"

namespace lastbyte::micro {
namespace {

constexpr std::uint32_t message_bytes = 64;
constexpr core::tick now = 1;

// One block that is received, queued, sent, and taken again.
struct one_block {
  std::array<std::byte, message_bytes> memory{};
  block header;

  block& fresh() noexcept {
    header = {};
    header.storage = header.begin = memory.data();
    header.size = header.capacity = message_bytes;
    return header;
  }
};

// A message of an echo server: received, sent back, taken by the kernel; three events and their steps.
void echo_through_machine(benchmark::State& state) {
  core::connection machine(core::connection::origin::accepted, now);
  while (machine.next(now) != core::step::nothing) {
    // it asks for its receive, which never ends here
  }
  one_block message;
  std::array<std::span<const std::byte>, 16> slices;
  for (auto unused : state) {
    benchmark::DoNotOptimize(machine.on_received(message_bytes, now));
    benchmark::DoNotOptimize(machine.request_send(message.fresh()));
    benchmark::DoNotOptimize(machine.next(now));
    benchmark::DoNotOptimize(machine.queue().gather(slices));
    machine.on_sent(message_bytes, now);
    benchmark::DoNotOptimize(machine.next(now));
    benchmark::DoNotOptimize(machine.queue().pop_sent());
  }
  state.SetItemsProcessed(state.iterations());
}

// One event: bytes arrived, and what follows from that.
void event_through_machine(benchmark::State& state) {
  core::connection machine(core::connection::origin::accepted, now);
  while (machine.next(now) != core::step::nothing) {
    // as above
  }
  for (auto unused : state) {
    benchmark::DoNotOptimize(machine.on_received(message_bytes, now));
    benchmark::DoNotOptimize(machine.next(now));
  }
  state.SetItemsProcessed(state.iterations());
}

void send_queue_round(benchmark::State& state) {
  core::send_queue queue;
  one_block message;
  std::array<std::span<const std::byte>, 16> slices;
  for (auto unused : state) {
    queue.push(message.fresh());
    benchmark::DoNotOptimize(queue.gather(slices));
    queue.mark_sent(message_bytes);
    benchmark::DoNotOptimize(queue.pop_sent());
  }
  state.SetItemsProcessed(state.iterations());
}

// Four columns and both laws, as a message in and out costs them.
void ledger_update(benchmark::State& state) {
  ledger bytes;
  for (auto unused : state) {
    bytes.received += message_bytes;
    bytes.delivered += message_bytes;
    bytes.queued += message_bytes;
    bytes.sent += message_bytes;
    benchmark::DoNotOptimize(bytes);
    LASTBYTE_CHECK(core::incoming_balances(bytes));
    LASTBYTE_CHECK(core::outgoing_balances(bytes, 0));
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void add_core() {
  benchmark::RegisterBenchmark("machine/event", event_through_machine);
  benchmark::RegisterBenchmark("machine/echo", echo_through_machine);
  benchmark::RegisterBenchmark("send_queue/round", send_queue_round);
  benchmark::RegisterBenchmark("ledger/update", ledger_update);
}

}  // namespace lastbyte::micro
