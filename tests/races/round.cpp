#include "races/round.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <lastbyte/server.hpp>

#include "end_to_end/crowd.hpp"
#include "races/tunnel.hpp"
#include "support/catch.hpp"
#include "support/other_threads.hpp"

namespace lastbyte::test {
namespace {

constexpr std::size_t client_count = 16;
constexpr std::uint64_t stream_bytes = 512 << 10;
constexpr std::chrono::microseconds tunnel_block{2'000};

options options_for(io_choice io) {
  options chosen;
  chosen.listen = {*parse_endpoint("127.0.0.1:0")};
  chosen.io = io;
  chosen.workers = 4;
  chosen.quiesce_quiet_ms = 10;
  chosen.quiesce_cap_ms = 200;
  // What is looked for is races, also where the machine is so busy that everything takes seconds.
  chosen.quiesce_hard_ms = chosen.drain_total_ms = chosen.drain_idle_ms = 50'000;
  return chosen;
}

// Does to connections of others what a handle allows, and asks how the server is.
void interfere(tunnel& with, const server& whose, std::uint64_t seed,
               const std::atomic<bool>& is_over) {
  std::mt19937_64 dice(seed);
  while (!is_over) {
    const connection_handle any = with.handle(dice() % client_count);
    switch (dice() % 16) {
      case 0: (void)any.close(); break;
      case 1: (void)any.abort(); break;
      case 2: (void)any.finish(); break;
      default: (void)any.resume();
    }
    (void)whose.report();
    std::this_thread::sleep_for(std::chrono::microseconds(dice() % 4'000));
  }
}

// Ends its threads with the round, whatever becomes of that.
class strangers {
 public:
  strangers(tunnel& with, const server& whose, std::uint64_t seed) {
    for (std::uint64_t i = 0; i < 2; ++i) {
      threads_.emplace_back(
          [this, &with, &whose, seed, i] { interfere(with, whose, seed + i, is_over_); });
    }
  }
  strangers(const strangers&) = delete;
  strangers& operator=(const strangers&) = delete;
  ~strangers() { is_over_ = true; }

 private:
  std::atomic<bool> is_over_ = false;
  std::vector<std::jthread> threads_;  // joined before what they use is gone
};

// Starts a server on a thread of its own, which goes on as one that got buffers of a handler and lets go of them.
class builder {
 public:
  builder(std::optional<server>& made, io_choice io, tunnel& serving)
      : thread_([this, &made, io, &serving](const std::stop_token& is_over) {
          made.emplace(options_for(io), serving);
          is_started_.set(!made->start());
          while (!is_over.stop_requested()) {
            serving.drop_kept();
            std::this_thread::sleep_for(std::chrono::microseconds(100));
          }
          serving.drop_kept();
        }) {}
  builder(const builder&) = delete;
  builder& operator=(const builder&) = delete;
  ~builder() = default;

  [[nodiscard]] bool is_started() { return is_started_.wait(); }

 private:
  happening<bool> is_started_;
  std::jthread thread_;
};

std::string endings_text(const server_report& told) {
  std::string text;
  for (std::size_t i = 0; i < ending_count; ++i) {
    if (told.endings[i] == 0) continue;
    text += ' ' + std::string(to_string(static_cast<ending>(i))) + '=' +
            std::to_string(told.endings[i]);
  }
  return text;
}

void check_account(const server_report& told, const tunnel& service) {
  CHECK(service.overlaps() == 0);
  CHECK(service.wrong_ledgers() == 0);
  CHECK(told.accepted == client_count);
  CHECK(told.open == 0);
  CHECK(told.quarantined == 0);
  // What one connection brought another was given, or refused: nothing between them was lost.
  CHECK(told.delivered == told.queued + told.refused + service.refused());
}

void check_all_clean(const server_report& told, const crowd& clients) {
  CHECK(told.ended(ending::clean_local_first) + told.ended(ending::clean_peer_first) ==
        client_count);
  CHECK(told.lost_out == 0);
  CHECK(told.lost_in == 0);
  CHECK(clients.ended_by(stream_end::end_of_stream) == client_count);
}

}  // namespace

round_result run_round(io_choice io, interference by, std::uint64_t seed) {
  tunnel service(client_count, tunnel_block);
  std::optional<server> running;
  builder owner(running, io, service);
  REQUIRE(owner.is_started());
  crowd clients(running->listening().front(), client_count, {.half_closes = false});
  REQUIRE(service.await_all(time_limit(seconds(20))));
  clients.each_wants([](client::plan& wants) {
    wants.to_send = stream_bytes;
    wants.half_closes = true;
  });
  {
    std::jthread quiescing;
    std::optional<strangers> meddling;
    if (by == interference::strangers) meddling.emplace(service, *running, seed);
    if (by != interference::nobody) {
      const auto middle = std::chrono::milliseconds(5 + seed % 60);
      quiescing = std::jthread([&running, middle] {
        std::this_thread::sleep_for(middle);
        running->quiesce();
      });
    }
    clients.run_until_over(seconds(60));
  }
  running->quiesce();
  const server_report told = running->wait();
  INFO("seed " << seed << "; ended by" << endings_text(told) << "; " << clients.text());
  check_account(told, service);
  CHECK(clients.wrong() == 0);
  if (by != interference::strangers) check_all_clean(told, clients);
  if (by == interference::nobody) {
    CHECK(clients.received() == client_count * stream_bytes);
    CHECK(told.acknowledged == client_count * stream_bytes);
  }
  return {told.accepted, told.queued, told.refused + service.refused(), service.blocked()};
}

}  // namespace lastbyte::test
