// What each thread counts for itself, so that the hot path shares nothing.
//
// The rule: one writer. A thread's block is written by that thread alone; the figures of the live line are
// read by others meanwhile, so they are relaxed atomics, written by a plain load and store. The rest is read
// when the threads are gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "load/account.hpp"
#include "load/session.hpp"
#include "metrics/histogram.hpp"

namespace lastbyte::load {

// A figure with one writer and many readers.
class live_count {
 public:
  void add(std::uint64_t more) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  void raise_to(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

struct alignas(64) tally {
  live_count messages;         // that came back whole
  live_count window_messages;  // of these: while the run was measured
  live_count opened;           // connections
  live_count ended;            // connections that had been open
  live_count refused;          // connections that could not be opened
  live_count done;             // sessions that will do no more
  live_count last_message_ns;
  live_count last_opened_ns;

  // Read when the threads are gone.
  metrics::histogram latency;
  account bytes;
  std::optional<wrong_byte> first_wrong;
  int connect_error = 0;  // the platform's code of the first connection that could not be opened
};

// The sum of the live figures.
struct live_figures {
  std::uint64_t messages = 0;
  std::uint64_t window_messages = 0;
  std::uint64_t opened = 0;
  std::uint64_t ended = 0;
  std::uint64_t refused = 0;
  std::uint64_t done = 0;
  std::uint64_t last_message_ns = 0;
  std::uint64_t last_opened_ns = 0;

  [[nodiscard]] std::uint64_t open() const noexcept { return opened > ended ? opened - ended : 0; }
};

class tallies {
 public:
  tallies();

  // The calling thread's own block. Cost: a comparison, but for the first call of a thread.
  [[nodiscard]] tally& mine();
  // Thread: any.
  [[nodiscard]] live_figures live() const;
  // Only when no thread writes any more.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const tally& each : blocks_) visit(each);
  }

 private:
  tally& add();

  std::uint64_t id_;  // never used again, unlike an address
  mutable std::mutex guard_;
  std::deque<tally> blocks_;
};

}  // namespace lastbyte::load
