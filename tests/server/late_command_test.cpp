// A command that comes too late, on the simulated port: there the order of things can be said.
#include <optional>
#include <string>

#include "port/sim/port.hpp"
#include "server/crew.hpp"
#include "support/catch.hpp"

using namespace lastbyte;

namespace {

using sim_port = port::sim::port;
using port::sim::network;
using port::sim::tcp_end;

struct latest_keeper : handler {
  void on_open(connection& opened) override { latest = opened.handle(); }
  void on_receive(connection&, buffer) override {}
  connection_handle latest;
};

options one_worker() {
  options chosen;
  chosen.listen = {*parse_endpoint("127.0.0.1:9000")};
  chosen.workers = 1;
  return chosen;
}

}  // namespace

TEST_CASE(
    "a command that was posted before its connection ended never reaches the next in its slot") {
  network over(network::clock::simulated, 1, port::sim::weather{});
  latest_keeper serving;
  const options chosen = one_worker();
  engine::crew<sim_port> crew(chosen, serving, nullptr, over, 0U);
  std::optional<engine::worker<sim_port>> self;
  REQUIRE_FALSE(crew.open(0, self));
  const auto let_pass = [&over] { over.run_until(over.now() + 1'000); };
  const auto work = [&] {
    for (int turns = 0; turns < 4; ++turns) self->turn_once();
  };
  work();
  tcp_end& first = over.connect(chosen.listen.front(), nullptr);
  let_pass();
  work();
  const connection_handle old = serving.latest;

  // While the worker is busy elsewhere: the first one is reset, another comes, and somebody sends.
  over.close(first, port::close_mode::reset);
  let_pass();
  tcp_end& second = over.connect(chosen.listen.front(), nullptr);
  let_pass();
  REQUIRE_FALSE(old.send("not yours"));
  work();
  REQUIRE(crew.report().accepted == 2);
  REQUIRE(old.send("too late") == refusal::gone);
  let_pass();
  CHECK(second.unread() == 0);
  CHECK(crew.report().refused == 9);

  over.close(second, port::close_mode::orderly);
  crew.stop();
  for (int turns = 0; turns < 100 && !self->is_over(); ++turns) {
    let_pass();
    self->turn_once();
  }
  CHECK(self->is_over());
  self.reset();
  crew.dismiss();
  CHECK(crew.outstanding_blocks() == 0);
  CHECK(crew.report().ended(ending::peer_reset) == 1);
}
