// What a handler may say, and what then happens on the wire.
#include <atomic>
#include <stdexcept>
#include <thread>

#include "server_test.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

SERVER_TEST("finish ends our side and keeps delivering what the peer still sends") {
  checks_elsewhere there;
  std::atomic<std::size_t> delivered = 0;
  scripted_handler serving;
  serving.receive = [&](connection& from, buffer bytes) {
    if (delivered == 0) {
      there.expect(!from.send("answer"));
      from.finish();
      from.finish();  // idempotent
      there.expect(from.send("late") == refusal::finished);
    }
    delivered += bytes.size();
  };
  live_server server(io, serving);
  raw_socket client = server.connect();
  say(client, "first");
  CHECK(hear(client, 6) == "answer");
  CHECK(hear_end(client) == raw_end::end_of_stream);
  say(client, "second");
  client.shutdown_send();
  const server_report report = server.end();
  CHECK(there.all_held());
  CHECK(delivered == 11);
  CHECK(report.ended(ending::clean_local_first) == 1);
  CHECK(report.refused == 4);
  CHECK(report.unanswered == 0);
  CHECK(report.lost_out == 0);
}

SERVER_TEST("an exception that leaves the handler aborts its own connection, and no other") {
  scripted_handler serving;
  serving.receive = [](connection& from, buffer bytes) {
    if (bytes.text() == "throw") throw std::runtime_error("on purpose");
    send_back(from, std::move(bytes));
  };
  live_server server(io, serving);
  raw_socket good = server.connect();
  raw_socket bad = server.connect();
  say(bad, "throw");
  CHECK(hear_end(bad) != raw_end::none);
  say(good, "still here");
  CHECK(hear(good, 10) == "still here");
  good.shutdown_send();
  CHECK(hear_end(good) == raw_end::end_of_stream);
  const server_report report = server.end();
  CHECK(report.ended(ending::app_abort) == 1);
  CHECK(report.ended(ending::clean_peer_first) == 1);
}

SERVER_TEST("a paused connection gets at most one more buffer, and everything once it is resumed") {
  constexpr std::size_t total = 8 << 20;
  happening<connection_handle> paused;
  std::atomic<bool> is_resumed = false;
  std::atomic<int> while_paused = -1;
  std::atomic<std::size_t> delivered = 0;
  scripted_handler serving;
  serving.receive = [&](connection& from, buffer bytes) {
    if (delivered == 0) {
      from.pause();
      paused.set(from.handle());
    }
    if (!is_resumed) ++while_paused;
    delivered += bytes.size();
  };
  live_server server(io, serving);
  raw_socket client = server.connect();
  std::thread pusher([&] {
    const std::string all(total, 'x');
    (void)client.send(std::as_bytes(std::span(all)));
    client.shutdown_send();
  });
  const connection_handle handle = paused.wait();
  is_resumed = true;
  CHECK(while_paused <= 1);
  CHECK_FALSE(handle.resume());
  CHECK(hear_end(client) == raw_end::end_of_stream);
  pusher.join();
  const server_report report = server.end();
  CHECK(delivered == total);
  CHECK(report.ended(ending::clean_peer_first) == 1);
}

SERVER_TEST(
    "a held connection survives the peer's end and quiesce, until its answer was sent whole",
    "[case-32]") {
  checks_elsewhere there;
  happening<connection_handle> held;
  scripted_handler serving;
  serving.receive = [&](connection& from, buffer) {
    from.hold();
    held.set(from.handle());
  };
  options how;
  how.quiesce_quiet_ms = 10;
  how.quiesce_cap_ms = 20;
  live_server server(io, serving, how);
  raw_socket client = server.connect();
  say(client, "question");
  client.shutdown_send();
  const connection_handle handle = held.wait();
  std::vector<raw_socket> others;
  for (int i = 0; i < 8; ++i) others.push_back(server.connect());
  std::thread thinker([&] {
    server.quiesce();
    // Until it has ended all those whom nobody holds.
    for (auto& each : others) there.expect(hear_end(each) == raw_end::end_of_stream);
    others.clear();
    there.expect(!handle.send("the answer"));
    there.expect(!handle.release());
  });
  CHECK(hear(client, 10) == "the answer");
  CHECK(hear_end(client) == raw_end::end_of_stream);
  thinker.join();
  CHECK(there.all_held());
  const server_report report = server.end();
  CHECK(report.ended(ending::clean_peer_first) == 1);
  CHECK(report.ended(ending::clean_local_first) == 8);
  CHECK_FALSE(report.cut_something());
}

SERVER_TEST("at the connection limit new clients wait, and are served when another has gone") {
  options how;
  how.max_connections = 1;
  how.accept_depth = 1;
  how.workers = 1;
  scripted_handler serving;
  live_server server(io, serving, how);
  raw_socket first = server.connect();
  say(first, "one");
  CHECK(hear(first, 3) == "one");
  std::vector<raw_socket> others;
  for (int i = 0; i < 5; ++i) {
    others.push_back(server.connect());
    say(others.back(), "two");
  }
  first.shutdown_send();
  CHECK(hear_end(first) == raw_end::end_of_stream);
  for (raw_socket& each : others) {
    CHECK(hear(each, 3) == "two");
    each.shutdown_send();
    CHECK(hear_end(each) == raw_end::end_of_stream);
  }
  CHECK(server.end().ended(ending::clean_peer_first) == 6);
}

SERVER_TEST("a handler that speaks first and closes loses nothing, and counts what comes behind",
            "[case-2][case-5]") {
  constexpr std::size_t total = 4 << 20;
  checks_elsewhere there;
  scripted_handler serving;
  serving.open = [&there](connection& opened) {
    const std::string whole(total, 'r');
    there.expect(!opened.send(whole));
    opened.close();
    there.expect(opened.send("more") == refusal::finished);
  };
  live_server server(io, serving);
  raw_socket client = server.connect();
  say(client, "nobody listens");
  CHECK(hear(client, total) == std::string(total, 'r'));
  CHECK(hear_end(client) == raw_end::end_of_stream);
  client.shutdown_send();
  const server_report report = server.end();
  CHECK(report.ended(ending::clean_local_first) == 1);
  CHECK(there.all_held());
  CHECK(report.unanswered == 14);
  CHECK(report.sent == total);
}

SERVER_TEST("sending nothing is no error, and nothing is sent") {
  checks_elsewhere there;
  scripted_handler serving;
  serving.open = [&](connection& opened) {
    there.expect(!opened.send(""));
    there.expect(!opened.send(buffer()));
    opened.close();
    there.expect(!opened.send(""));
  };
  live_server server(io, serving);
  raw_socket client = server.connect();
  CHECK(hear_end(client) == raw_end::end_of_stream);
  client.shutdown_send();
  const server_report report = server.end();
  CHECK(there.all_held());
  CHECK(report.queued == 0);
  CHECK(report.refused == 0);
}

SERVER_TEST("whoever asks for as much as can be written down is served like anybody else") {
  constexpr std::uint32_t most = ~std::uint32_t{0};
  options how;
  how.max_connections = how.keepalive_ms = most;
  how.first_byte_ms = how.idle_ms = how.send_stall_ms = most;
  how.drain_total_ms = how.drain_idle_ms = how.confirm_ms = how.join_ms = most;
  scripted_handler serving;
  live_server server(io, serving, how);
  // More at once than a batch and a listener may bring beyond the limit.
  constexpr std::size_t crowd = 200;
  std::vector<raw_socket> clients;
  for (std::size_t i = 0; i < crowd; ++i) {
    clients.push_back(server.connect());
    say(clients.back(), "hello");
    CHECK(hear(clients.back(), 5) == "hello");
  }
  for (raw_socket& each : clients) {
    each.shutdown_send();
    CHECK(hear_end(each) == raw_end::end_of_stream);
  }
  const server_report report = server.end();
  CHECK(report.accept_failures == 0);
  CHECK(report.ended(ending::clean_peer_first) == crowd);
}
