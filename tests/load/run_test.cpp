// Whole runs against servers in this process: both accounts must agree to the byte.
#include "load/run.hpp"

#include <lastbyte/server.hpp>

#include "load/verdict.hpp"
#include "protocol/discard.hpp"
#include "protocol/echo.hpp"
#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::load;

namespace {

// A server on a free loopback port.
class live_server {
 public:
  explicit live_server(handler& serving, options how = {})
      : server_(with_loopback(std::move(how)), serving) {
    const auto problem = server_.start();
    INFO((problem ? problem->text : ""));
    REQUIRE_FALSE(problem);
  }
  [[nodiscard]] endpoint where() const { return server_.listening().at(0); }
  void quiesce() { server_.quiesce(); }
  server_report end() {
    server_.quiesce();
    return server_.wait();
  }

 private:
  static options with_loopback(options how) {
    how.listen = {*parse_endpoint("127.0.0.1:0")};
    how.workers = 1;
    return how;
  }

  server server_;
};

load_options short_run(const endpoint& target) {
  load_options options;
  options.targets = {target};
  options.connections = 4;
  options.requests = 400;
  options.duration_ms = 0;
  options.timeout_ms = 10'000;
  return options;
}

result run_quietly(const load_options& options) {
  interrupts stop;
  live_line progress(stderr, false);
  return run_load(options, stop, progress);
}

void check_same_account(const result& client, const server_report& served) {
  CHECK(served.accepted == client.bytes.opened());
  CHECK(served.received == client.bytes.sent);
  CHECK(served.sent == client.bytes.echoed);
  CHECK(served.unanswered == client.bytes.unanswered);
  CHECK(served.lost_out == 0);
  CHECK(served.lost_in == 0);
}

// Answers with one byte changed.
class liar final : public handler {
 public:
  void on_receive(connection& from, buffer bytes) override {
    bytes.bytes()[0] ^= std::byte{0x01};
    if (from.send(std::move(bytes))) from.close();
  }
};

// Says nothing, and doesn't notice that it should end.
class mute final : public handler {
 public:
  void on_open(connection& opened) override { opened.hold(); }
  void on_receive(connection& /*from*/, buffer /*bytes*/) override {}
  void on_end_of_stream(connection& /*from*/) override {}
};

class resetter final : public handler {
 public:
  void on_receive(connection& from, buffer /*bytes*/) override { from.abort(); }
};

}  // namespace

TEST_CASE("a run of requests brings every byte back, and both sides' accounts agree") {
  protocol::echo echo;
  live_server server(echo);
  const auto options = short_run(server.where());
  const auto run = run_quietly(options);
  const auto served = server.end();
  CHECK(run.why == stop_reason::requests_done);
  CHECK(run.messages == 400);
  CHECK(run.latency.count() == 400);
  CHECK(run.bytes.sent == std::uint64_t{400} * 64);
  CHECK(run.bytes.echoed == std::uint64_t{400} * 64);
  CHECK(run.bytes.lost == 0);
  CHECK(run.bytes.count(observed::client_first) == 4);
  CHECK(judge(run, options).exit_code == 0);
  check_same_account(run, served);
}

TEST_CASE("a run by time ends by itself, pipelined and with large messages too") {
  protocol::echo echo;
  live_server server(echo);
  auto options = short_run(server.where());
  options.requests = 0;
  options.duration_ms = 200;
  options.pipeline = 16;
  options.message_bytes = 65'536;
  const auto run = run_quietly(options);
  const auto served = server.end();
  CHECK(run.why == stop_reason::time_over);
  CHECK(run.messages > 0);
  CHECK(run.bytes.lost == 0);
  CHECK(run.bytes.wrong == 0);
  CHECK(run.bytes.count(observed::client_first) == 4);
  check_same_account(run, served);
}

TEST_CASE("churn opens a connection for each request") {
  protocol::echo echo;
  live_server server(echo);
  auto options = short_run(server.where());
  options.churn = true;
  const auto run = run_quietly(options);
  const auto served = server.end();
  CHECK(run.bytes.opened() == 400);
  CHECK(run.messages == 400);
  CHECK(run.bytes.count(observed::client_first) == 400);
  CHECK(run.bytes.lost == 0);
  check_same_account(run, served);
}

TEST_CASE("a server that finishes first leaves bytes unanswered, and counts the same ones") {
  protocol::echo echo(10'000);
  live_server server(echo);
  auto options = short_run(server.where());
  options.ending = ending_wish::server_first;
  options.requests = 0;
  options.duration_ms = 5'000;
  options.pipeline = 8;
  const auto run = run_quietly(options);
  const auto served = server.end();
  CHECK(run.why == stop_reason::server_gone);
  CHECK(run.bytes.count(observed::server_first) == 4);
  CHECK(run.bytes.echoed >= 40'000);
  CHECK(run.bytes.lost == 0);
  CHECK(run.bytes.sent == run.bytes.echoed + run.bytes.unanswered);
  CHECK(judge(run, options).exit_code == 0);
  CHECK(served.sent == run.bytes.echoed);
  CHECK(served.received == run.bytes.sent);
  CHECK(served.unanswered == run.bytes.unanswered);
}

TEST_CASE("where the server does not finish first, we do in the end, and say so") {
  protocol::echo echo;
  live_server server(echo);
  auto options = short_run(server.where());
  options.ending = ending_wish::server_first;
  options.requests = 0;
  options.duration_ms = 100;
  const auto run = run_quietly(options);
  const auto served = server.end();
  CHECK_FALSE(judge(run, options).notes.empty());
  CHECK(run.bytes.count(observed::client_first) == 4);
  CHECK(run.bytes.lost == 0);
  check_same_account(run, served);
}

TEST_CASE("connections that we reset have their own column") {
  protocol::echo echo;
  live_server server(echo);
  auto options = short_run(server.where());
  options.ending = ending_wish::reset;
  options.requests = 0;
  options.duration_ms = 100;
  options.pipeline = 4;
  const auto run = run_quietly(options);
  (void)server.end();
  CHECK(run.bytes.count(observed::cut_by_us) == 4);
  CHECK(run.bytes.lost == 0);
  CHECK(run.bytes.sent == run.bytes.echoed + run.bytes.cut);
  CHECK(judge(run, options).exit_code == 0);
}

TEST_CASE("wrong bytes are found, counted and described") {
  liar handler;
  live_server server(handler);
  auto options = short_run(server.where());
  options.connections = 1;
  options.requests = 10;
  const auto run = run_quietly(options);
  (void)server.end();
  CHECK(run.bytes.wrong >= 1);
  REQUIRE(run.first_wrong);
  CHECK(run.first_wrong->position == 0);
  CHECK(judge(run, options).exit_code == 1);
}

TEST_CASE("what a server swallows is lost, though it ends cleanly") {
  protocol::discard discard;
  live_server server(discard);
  auto options = short_run(server.where());
  options.requests = 0;
  options.duration_ms = 100;
  const auto run = run_quietly(options);
  (void)server.end();
  CHECK(run.messages == 0);
  CHECK(run.bytes.count(observed::client_first) == 4);
  CHECK(run.bytes.lost == std::uint64_t{4} * 64);
  CHECK(judge(run, options).exit_code == 1);
}

TEST_CASE("a server that never ends cannot make the run last") {
  mute handler;
  options how;
  how.quiesce_hard_ms = 100;
  how.quiesce_cap_ms = 50;
  live_server server(handler, how);
  auto options = short_run(server.where());
  options.requests = 0;
  options.duration_ms = 100;
  options.drain_ms = 100;
  const auto run = run_quietly(options);
  (void)server.end();
  CHECK(run.cut_off == 4);
  CHECK(run.bytes.count(observed::failed) == 4);
  CHECK(run.bytes.lost == std::uint64_t{4} * 64);
  CHECK(judge(run, options).exit_code == 1);
}

TEST_CASE("a server that resets is reported as such") {
  resetter handler;
  live_server server(handler);
  const auto options = short_run(server.where());
  const auto run = run_quietly(options);
  (void)server.end();
  CHECK(run.why == stop_reason::server_gone);
  CHECK(run.bytes.count(ending::peer_reset) == 4);
  CHECK(run.bytes.lost == run.bytes.sent);
  CHECK(judge(run, options).exit_code == 1);
}

TEST_CASE("where nobody listens, nothing can connect, and that is said at once") {
  endpoint nobody;
  {
    protocol::echo echo;
    live_server server(echo);
    nobody = server.where();
    (void)server.end();
  }
  const auto options = short_run(nobody);
  const auto run = run_quietly(options);
  CHECK(run.bytes.opened() == 0);
  CHECK(run.bytes.count(observed::not_connected) == 4);
  CHECK(judge(run, options).exit_code == 1);
}

TEST_CASE("the warm-up is verified and accounted for, and not measured") {
  protocol::echo echo;
  live_server server(echo);
  auto options = short_run(server.where());
  options.requests = 0;
  options.warm_up_ms = 100;
  options.duration_ms = 100;
  const auto run = run_quietly(options);
  const auto served = server.end();
  CHECK(run.window_ns == 100'000'000);
  CHECK(run.window_messages < run.messages);
  CHECK(run.latency.count() < run.messages);
  check_same_account(run, served);
}
