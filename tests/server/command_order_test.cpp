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

// Does something once, in the middle of a worker's turn: when it submits a send.
struct interruption final : port::sim::spectator {
  void on_call(std::string_view what, void*, std::uint64_t) override {
    if (what != "submit_send" || !then) return;
    std::exchange(then, nullptr)();
  }
  void on_return(std::string_view) override {}
  void on_completion(const port::completion&) override {}
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
  interruption between;
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
