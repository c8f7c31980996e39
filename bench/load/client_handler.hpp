// What the load generator does with its connections.
//
// The rule: the hot path allocates nothing, locks nothing and reads the clock once for each batch of bytes.
// What a batch completes is measured, and as much is sent again.
// Not here: when the run begins and ends (run.hpp), what the figures mean (account.hpp, verdict.hpp).
#pragma once

#include <atomic>
#include <cstdint>

#include <lastbyte/handler.hpp>

#include "load/options.hpp"
#include "load/roster.hpp"
#include "load/session.hpp"
#include "load/tally.hpp"
#include "server/runtime.hpp"

namespace lastbyte::load {

// Units: nanoseconds of now_ns().
struct schedule {
  std::uint64_t measure_from_ns = 0;  // fixed before the first connection
  alignas(64) std::atomic<std::uint64_t> stop_at_ns = UINT64_MAX;  // then nothing new is sent

  [[nodiscard]] bool is_over(std::uint64_t now_ns) const noexcept {
    return now_ns >= stop_at_ns.load(std::memory_order_relaxed);
  }
};

class client_handler final : public handler {
 public:
  // All of these outlive the handler.
  client_handler(const load_options& options, const schedule& times, session_table& sessions,
                 tallies& figures, roster& reachable)
      : options_(options),
        times_(times),
        sessions_(sessions),
        figures_(figures),
        reachable_(reachable) {}

  // Who opens the connections. Before the first connect().
  void drive(engine::runtime& by) noexcept { runtime_ = &by; }
  // Opens the next connection of a session that has none. Thread: any.
  void connect(std::uint64_t session);

  void on_open(connection& opened) override;
  void on_receive(connection& from, buffer bytes) override;
  void on_end_of_stream(connection& from) override;
  void on_ended(connection& ended, const ending_report& how) override;

 private:
  void send_messages(connection& to, session& by, std::uint64_t most, std::uint64_t now_ns);
  void end_after_last(connection& which, const session& by);
  void end_now(connection& which);
  void go_on(std::uint64_t index, const session& by, ending cause, tally& mine);

  const load_options& options_;
  const schedule& times_;
  session_table& sessions_;
  tallies& figures_;
  roster& reachable_;
  engine::runtime* runtime_ = nullptr;
};

}  // namespace lastbyte::load
