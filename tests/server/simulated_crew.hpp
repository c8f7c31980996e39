// One worker of the server on the simulated port, where the test says what happens when.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "port/sim/port.hpp"
#include "server/crew.hpp"
#include "support/catch.hpp"

namespace lastbyte::test {

class simulated_crew {
 public:
  using tcp_end = port::sim::tcp_end;
  using micros = port::sim::micros;
  static constexpr micros ms = 1'000;

  explicit simulated_crew(handler& serving, options how = {}, const port::sim::weather& sky = {})
      : over(port::sim::network::clock::simulated, 1, sky),
        chosen_(alone(std::move(how))),
        crew_(chosen_, serving, nullptr, over, 0U) {
    REQUIRE_FALSE(crew_.open(0, self_));
    work();
  }

  // Turns without any time passing, until nothing can be left to do.
  void work() {
    for (int turns = 0; turns < 8; ++turns) turn();
  }
  void turn() { self_->turn_once(); }
  void let_pass(micros time) { over.run_until(over.now() + time); }
  // Time passes, and the worker does what it brings.
  void go_on_for(micros time) {
    for (micros passed = 0; passed < time; passed += ms) {
      let_pass(ms);
      work();
    }
  }

  [[nodiscard]] tcp_end& connect() { return over.connect(chosen_.listen.front(), nullptr); }
  void say(tcp_end& by, std::string_view text) { over.send(by, std::as_bytes(std::span(text))); }
  // @return how many bytes there were.
  std::size_t read(tcp_end& by) {
    std::vector<std::byte> all(by.unread());
    over.receive(by, all);
    return all.size();
  }
  void quiesce() { crew_.quiesce(); }
  [[nodiscard]] bool is_over() { return self_->is_over(); }
  [[nodiscard]] server_report report() const { return crew_.report(); }
  // How long the worker's last look for news would have waited for it.
  [[nodiscard]] micros sleep() {
    return crew_.port().sleeps_until(0).value_or(over.now()) - over.now();
  }

  // @return what the server says of itself in the end.
  server_report end() {
    crew_.stop();
    for (int turns = 0; turns < 1'000 && !self_->is_over(); ++turns) {
      let_pass(ms);
      turn();
    }
    CHECK(self_->is_over());
    self_.reset();
    crew_.dismiss();
    CHECK(crew_.outstanding_blocks() == 0);
    return crew_.report();
  }

  port::sim::network over;

 private:
  static options alone(options how) {
    how.listen = {*parse_endpoint("127.0.0.1:9000")};
    how.workers = 1;
    return how;
  }

  options chosen_;
  engine::crew<port::sim::port> crew_;
  std::optional<engine::worker<port::sim::port>> self_;
};

}  // namespace lastbyte::test
