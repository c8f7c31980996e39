#include "load/engine_options.hpp"

namespace lastbyte::load {
namespace {

// A high mark of so many times what is outstanding is never reached, however the copies are cut up.
constexpr std::uint64_t mark_factor = 4;
constexpr std::uint64_t least_mark_bytes = 1U << 20;
static_assert(max_outstanding_bytes * mark_factor + least_mark_bytes <= UINT32_MAX);

}  // namespace

options engine_options(const load_options& load) {
  const std::uint64_t outstanding = std::uint64_t{load.pipeline} * load.message_bytes;
  options engine;
  engine.io = load.io;
  engine.workers = load.threads;
  engine.cpus = load.cpus;
  engine.max_connections = load.connections;
  engine.first_byte_ms = 0;  // idle_ms bounds the silence of a server
  engine.idle_ms = load.timeout_ms;
  engine.drain_total_ms = load.drain_ms;
  engine.drain_idle_ms = load.drain_ms;
  // The mark must never stop the receiving: an echo server stops reading when nobody reads from it.
  engine.high_mark_bytes = static_cast<std::uint32_t>(outstanding * mark_factor + least_mark_bytes);
  engine.low_mark_bytes = engine.high_mark_bytes / 4;
  return engine;
}

}  // namespace lastbyte::load
