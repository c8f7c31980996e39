// Commands of one thread to one connection, on the simulated port: there another worker can be let in between.
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "port/sim/port.hpp"
#include "server/crew.hpp"
#include "support/catch.hpp"

using namespace lastbyte;

namespace {

using port_type = port::sim::shared_port;
using port::sim::network;
using port::sim::tcp_end;

struct keeper : handler {
  void on_open(connection& opened) override { handles.push_back(opened.handle()); }
  void on_receive(connection&, buffer) override {}
  std::vector<connection_handle> handles;
};

// Does something once, in the middle of a worker's turn: at that call of the port.
struct interruption final : port::sim::spectator {
  explicit interruption(std::string_view call) : at(call) {}
  void on_call(std::string_view what, void*, std::uint64_t) override {
    if (what != at || !then) return;
    std::exchange(then, nullptr)();
  }
  void on_return(std::string_view) override {}
  void on_completion(const port::completion&) override {}
  std::string_view at;
  std::function<void()> then;
};

std::string read_all(network& over, tcp_end& from) {
  std::string text(from.unread(), '\0');
  over.receive(from, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace

TEST_CASE("sends of one thread arrive in their order, though another worker obeys the later one") {
  network over(network::clock::simulated, 1, port::sim::weather{});
  keeper serving;
  options chosen;
  chosen.listen = {*parse_endpoint("127.0.0.1:9000")};
  chosen.workers = 2;
  engine::crew<port_type> crew(chosen, serving, nullptr, over, 0U);
  interruption between("submit_send");
  crew.port().watch_by(&between);
  std::optional<engine::worker<port_type>> workers[2];
  REQUIRE_FALSE(crew.open(0, workers[0]));
  REQUIRE_FALSE(crew.open(1, workers[1]));
  const auto go_on = [&] {
    for (int i = 0; i < 8; ++i) {
      workers[0]->turn_once();
      over.run_until(over.now() + 1'000);
    }
  };
  go_on();
  tcp_end& one = over.connect(chosen.listen.front(), nullptr);
  tcp_end& other = over.connect(chosen.listen.front(), nullptr);
  go_on();
  REQUIRE(serving.handles.size() == 2);

  // One worker has both in hand, and is busy with the first; meanwhile the third comes to the other worker.
  REQUIRE_FALSE(serving.handles[0].send("-"));
  REQUIRE_FALSE(serving.handles[1].send("1"));
  between.then = [&] {
    REQUIRE_FALSE(serving.handles[1].send("2"));
    workers[1]->turn_once();
  };
  go_on();
  CHECK(read_all(over, one) + read_all(over, other) == "-12");

  crew.stop();
  for (int turns = 0; turns < 100 && !workers[0]->is_over(); ++turns) go_on();
  CHECK(workers[0]->is_over());
  for (auto& each : workers) each.reset();
  crew.dismiss();
  CHECK(crew.outstanding_blocks() == 0);
}

namespace {

// Says as much as the marks let it, once it is asked for the second time.
struct fills_when_asked : handler {
  static constexpr std::size_t block = 16U << 10U;
  static constexpr std::size_t all = 4U << 20U;
  void on_open(connection&) override {}
  void on_receive(connection& from, buffer) override {
    if (std::exchange(is_first, false)) {
      for (int i = 0; i < 12; ++i) say(from);  // below the mark
    } else {
      go_on(from);
    }
  }
  void on_send_low(connection& to) override { go_on(to); }
  void go_on(connection& to) {
    while (said < all && !to.above_high_mark()) say(to);
    if (said == all) to.close();
  }
  void say(connection& to) {
    (void)to.send(std::string(block, 'x'));
    said += block;
  }
  bool is_first = true;
  std::size_t said = 0;
};

}  // namespace

TEST_CASE("who met the mark is told to go on, though what it waits for came in the same round") {
  port::sim::weather narrow;
  narrow.send_room = 64U << 10U;
  narrow.receive_room = 32U << 10U;
  network over(network::clock::simulated, 1, narrow);
  fills_when_asked serving;
  options chosen;
  chosen.listen = {*parse_endpoint("127.0.0.1:9000")};
  chosen.workers = 2;
  chosen.idle_ms = 5'000;
  chosen.first_byte_ms = 0;
  engine::crew<port_type> crew(chosen, serving, nullptr, over, 0U);
  std::optional<engine::worker<port_type>> workers[2];
  REQUIRE_FALSE(crew.open(0, workers[0]));
  REQUIRE_FALSE(crew.open(1, workers[1]));
  const auto go_on_for = [&](int ms) {
    for (int i = 0; i < ms; ++i) {
      over.run_until(over.now() + 1'000);
      for (int turns = 0; turns < 4; ++turns) {
        workers[0]->turn_once();
        workers[1]->turn_once();
      }
    }
  };
  go_on_for(1);
  tcp_end& peer = over.connect(chosen.listen.front(), nullptr);
  go_on_for(2);
  over.send(peer, std::as_bytes(std::span("1", 1)));
  go_on_for(2);
  REQUIRE_FALSE(serving.is_first);

  // While the first worker owns the connection, in an alarm, the second one brings it the next request, and then the
  // end of the send.
  std::size_t got = 0;
  interruption between("witness");
  crew.port().watch_by(&between);
  between.then = [&] {
    over.send(peer, std::as_bytes(std::span("2", 1)));
    over.run_until(over.now() + 1'000);
    workers[1]->turn_once();
    for (int i = 0; i < 8; ++i) {
      got += read_all(over, peer).size();
      over.run_until(over.now() + 1'000);
    }
    workers[1]->turn_once();
  };
  for (int i = 0; i < 10'000 && between.then; ++i) {
    over.run_until(over.now() + 1'000);
    workers[0]->turn_once();
  }
  REQUIRE_FALSE(between.then);
  for (int i = 0; i < 6'000 && got < fills_when_asked::all; ++i) {
    got += read_all(over, peer).size();
    go_on_for(1);
  }
  CHECK(got == fills_when_asked::all);
  crew.port().watch_by(nullptr);
  crew.stop();
  for (int i = 0; i < 1'000 && !(workers[0]->is_over() && workers[1]->is_over()); ++i) go_on_for(1);
  for (auto& each : workers) each.reset();
  crew.dismiss();
}
