// Two workers of the server on the simulated port: the test says whose turn it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "port/sim/port.hpp"
#include "server/crew.hpp"
#include "support/catch.hpp"

namespace lastbyte::test {

template <port::completion_port Port>
class simulated_pair {
 public:
  using micros = port::sim::micros;

  explicit simulated_pair(handler& serving, options how = {})
      : over(port::sim::network::clock::simulated, 1, {}),
        chosen_(of_two(std::move(how))),
        crew_(chosen_, serving, nullptr, over, 0U) {
    for (std::uint32_t i = 0; i < 2; ++i) REQUIRE_FALSE(crew_.open(i, both_[i]));
  }

  void turn(std::uint32_t which) { both_[which]->turn_once(); }
  // Turns without any time passing, until nothing can be left to do.
  void work(std::uint32_t which) {
    for (int turns = 0; turns < 8; ++turns) turn(which);
  }
  // When a worker looks for news by itself; the end of time if it never does.
  [[nodiscard]] micros wakes_at(std::uint32_t which) const {
    return crew_.port().sleeps_until(which).value_or(~micros{0});
  }
  // Whether something calls it.
  [[nodiscard]] bool is_awake(std::uint32_t which) const { return crew_.port().is_awake(which); }

  [[nodiscard]] port::sim::tcp_end& connect() {
    return over.connect(chosen_.listen.front(), nullptr);
  }
  [[nodiscard]] server_report report() const { return crew_.report(); }

  void end() {
    crew_.stop();
    for (int turns = 0; turns < 1'000 && !is_over(); ++turns) {
      over.run_until(over.now() + 1'000);
      for (auto& each : both_) each->turn_once();
    }
    CHECK(is_over());
    for (auto& each : both_) each.reset();
    crew_.dismiss();
  }

  port::sim::network over;

 private:
  static options of_two(options how) {
    how.listen = {*parse_endpoint("127.0.0.1:9000")};
    how.workers = 2;
    return how;
  }
  [[nodiscard]] bool is_over() { return both_[0]->is_over() && both_[1]->is_over(); }

  options chosen_;
  mutable engine::crew<Port> crew_;
  std::array<std::optional<engine::worker<Port>>, 2> both_;
};

}  // namespace lastbyte::test
