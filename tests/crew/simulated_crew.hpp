// Workers of the server on the simulated port, where the test says what happens when, and whose turn it is.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "port/sim/port.hpp"
#include "server/crew.hpp"
#include "support/catch.hpp"

namespace lastbyte::test {

template <port::completion_port Port, std::uint32_t Size>
class simulated_workers {
 public:
  using tcp_end = port::sim::tcp_end;
  using micros = port::sim::micros;
  static constexpr micros ms = 1'000;

  explicit simulated_workers(handler& serving, options how = {}, const port::sim::weather& sky = {},
                             observer* watching = nullptr)
      : over(port::sim::network::clock::simulated, 1, sky),
        chosen_(completed(std::move(how))),
        crew_(chosen_, serving, watching, over, 0U) {
    for (std::uint32_t i = 0; i < Size; ++i) REQUIRE_FALSE(crew_.open(i, selves_[i]));
    work();
  }

  // ---- Turns. @param which: the worker.

  void turn(std::uint32_t which = 0) { selves_[which]->turn_once(); }
  // Turns of one worker until it is over: nobody else has any, and no time passes.
  void run(std::uint32_t which) { selves_[which]->run(); }
  // Turns without any time passing, until nothing can be left to do.
  void work(std::uint32_t which) {
    for (int turns = 0; turns < 8; ++turns) turn(which);
  }
  // All of them.
  void work() {
    for (std::uint32_t i = 0; i < Size; ++i) work(i);
  }
  void let_pass(micros time) { over.run_until(over.now() + time); }
  // Time passes, and the workers do what it brings.
  void go_on_for(micros time) {
    for (micros passed = 0; passed < time; passed += ms) {
      let_pass(ms);
      work();
    }
  }
  // When it looks for news by itself; nothing if it never does.
  [[nodiscard]] std::optional<micros> wakes_at(std::uint32_t which) const {
    return crew_.port().sleeps_until(which);
  }
  // How long its last look for news would have waited for it.
  [[nodiscard]] micros sleep() const { return wakes_at(0).value_or(over.now()) - over.now(); }
  // Whether something calls it.
  [[nodiscard]] bool is_awake(std::uint32_t which) const { return crew_.port().is_awake(which); }
  void watch_by(port::sim::spectator* whom) { crew_.port().watch_by(whom); }

  // ---- Peers.

  // @param door: which of the server's endpoints.
  [[nodiscard]] tcp_end& connect(std::size_t door = 0) {
    return over.connect(chosen_.listen.at(door), nullptr);
  }
  // The first worker connects to one of its own endpoints.
  void call(std::size_t door = 0) { crew_.connect(chosen_.listen.at(door), 0, 0); }
  void say(tcp_end& by, std::string_view text) { over.send(by, std::as_bytes(std::span(text))); }
  std::string read(tcp_end& by) {
    std::string all(by.unread(), '\0');
    over.receive(by, std::as_writable_bytes(std::span(all)));
    return all;
  }

  // ---- The end.

  void quiesce() { crew_.quiesce(); }
  void stop() { crew_.stop(); }
  [[nodiscard]] bool is_over() {
    return std::all_of(selves_.begin(), selves_.end(), [](auto& each) { return each->is_over(); });
  }
  [[nodiscard]] server_report report() const { return crew_.report(); }

  // @return what the server says of itself in the end.
  server_report end() {
    crew_.stop();
    for (int turns = 0; turns < 1'000 && !is_over(); ++turns) {
      let_pass(ms);
      for (auto& each : selves_) each->turn_once();
    }
    CHECK(is_over());
    for (auto& each : selves_) each.reset();
    crew_.dismiss();
    CHECK(crew_.outstanding_blocks() == 0);
    return crew_.report();
  }

  port::sim::network over;

 private:
  static options completed(options how) {
    if (how.listen.empty()) how.listen = {*parse_endpoint("127.0.0.1:9000")};
    how.workers = Size;
    return how;
  }

  options chosen_;
  mutable engine::crew<Port> crew_;  // it hands out its port
  std::array<std::optional<engine::worker<Port>>, Size> selves_;
};

// Of no operation anything is heard for so long.
inline port::sim::weather losing_operations_for(std::uint32_t us) {
  port::sim::weather sky;
  sky[port::sim::fault::lost_operation] = 1'000'000;
  sky.lost_us = us;
  return sky;
}

using simulated_crew = simulated_workers<port::sim::port, 1>;
template <port::completion_port Port>
using simulated_pair = simulated_workers<Port, 2>;

}  // namespace lastbyte::test
