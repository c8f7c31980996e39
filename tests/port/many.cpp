#include "port_test.hpp"

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

PORT_TEST("idle connections hold no buffer") {
  constexpr std::size_t count = 100;
  std::vector<typename driver<Port>::raw_pair> pairs;
  pairs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    pairs.push_back(drive.connect_raw());
    drive.keep_receiving(pairs.back().ours);
  }
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.pool().outstanding() == 0);
  for (auto& each : pairs) CHECK(send_pattern(each.raw, 0, 1'000) == 1'000);
  for (auto& each : pairs) {
    drive.until("its bytes are there", [&] { return drive.seen(each.ours).received == 1'000; });
  }
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.pool().outstanding() == 0);
}

PORT_TEST(
    "bytes that wait on more connections than a port has buffers are all received, in streams "
    "too") {
  constexpr std::size_t count = 300;
  constexpr std::uint64_t first = 5'000;
  constexpr std::uint64_t then = 100'000;
  std::vector<typename driver<Port>::raw_pair> pairs;
  pairs.reserve(count);
  for (std::size_t i = 0; i < count; ++i) pairs.push_back(drive.connect_raw());
  for (auto& each : pairs) CHECK(send_pattern(each.raw, 0, first) == first);
  for (auto& each : pairs) drive.keep_receiving(each.ours);
  for (auto& each : pairs) {
    drive.until("its bytes are there", [&] { return drive.seen(each.ours).received == first; });
  }
  for (auto& each : pairs) {
    CHECK(send_pattern(each.raw, first, then) == then);
    each.raw.shutdown_send();
  }
  for (auto& each : pairs) {
    drive.until("the stream has ended", [&] { return drive.seen(each.ours).has_ended; });
    CHECK(drive.seen(each.ours).received == first + then);
  }
}

PORT_TEST("thousands of connections each echo 1 KiB") {
  const std::size_t count = facts().many_connections;
  if (allowed_sockets() < 2 * count) return skip("the limit of open files is too low");
  constexpr std::size_t at_once = 200;
  auto& on = drive.listen();
  on.on_adopted = [&](auto& server) { drive.begin_echo(server); };
  drive.accept(on);
  std::vector<typename driver<Port>::connection*> clients;
  clients.reserve(count);
  while (clients.size() < count) {
    const std::size_t first = clients.size();
    while (clients.size() < std::min(count, first + at_once)) {
      clients.push_back(&drive.connect(on.where));
    }
    for (std::size_t i = first; i < clients.size(); ++i) {
      auto& each = *clients[i];
      drive.until("it is connected", [&] { return !drive.seen(each).is_connecting; });
      REQUIRE(!drive.seen(each).connect_result.failed());
    }
  }
  for (auto* each : clients) {
    drive.keep_receiving(*each);
    drive.push(*each, 1'024);
  }
  for (auto* each : clients) {
    drive.until("its echo is there", [&] { return drive.seen(*each).received == 1'024; });
  }
  CHECK(drive.accepted(on) == count);
  for (auto* each : clients) drive.finish_when_sent(*each);
  for (auto* each : clients) {
    drive.until("it has ended", [&] { return drive.seen(*each).has_ended; });
  }
}

PORT_TEST("sends that end at once keep nobody's news waiting") {
  constexpr std::size_t count = 4 * port::max_batch;
  constexpr std::uint64_t each_sends =
      200;  // its bytes, one at a time; a thousand took 9 s under Wine
  std::vector<typename driver<Port>::raw_pair> streams;
  streams.reserve(count);
  for (std::size_t i = 0; i < count; ++i) streams.push_back(drive.connect_raw());
  auto& listener = drive.accepting();
  auto asking = drive.connect_raw();
  drive.keep_receiving(asking.ours);
  for (auto& each : streams) {
    each.ours.out.slice_bytes = 1;
    drive.push(each.ours, each_sends);
  }
  CHECK(send_pattern(asking.raw, 0, 1'000) == 1'000);
  auto& new_one = drive.connect(listener.where);
  drive.until("a byte and a connection have come", [&] {
    return drive.seen(asking.ours).received == 1'000 && drive.accepted(listener) == 1;
  });
  std::uint64_t sent = 0;
  for (auto& each : streams) sent += drive.seen(each.ours).sent;
  INFO(sent << " sends had ended before");
  CHECK(sent < count * each_sends / 2);
  for (auto& each : streams) {
    drive.until("all is sent", [&] { return drive.seen(each.ours).sent == each_sends; });
  }
  CHECK_FALSE(drive.seen(new_one).connect_result.failed());
}

PORT_TEST("the same memory serves a thousand connections, one behind the other") {
  auto& on = drive.listen();
  on.adopts = false;
  drive.accept(on);
  auto& client = drive.add();
  auto& server = drive.add();
  client.keeps_memory = server.keeps_memory = true;
  for (int round = 0; round < 1'000; ++round) {
    drive.connect(client, on.where);
    drive.until("it is accepted", [&] {
      return !drive.seen(client).is_connecting &&
             drive.accepted(on) == static_cast<unsigned>(round) + 1;
    });
    drive.adopt(server, on.waiting.back());
    on.waiting.clear();
    drive.keep_receiving(client);
    drive.keep_receiving(server);
    drive.push(client, 100);
    drive.push(server, 200);
    drive.until("both have their bytes", [&] {
      return drive.seen(client).received == 200 && drive.seen(server).received == 100;
    });
    // In turn: joined by the peer's end, by a reset, and by cancelling.
    if (round % 3 == 0) {
      drive.finish_when_sent(client);
      drive.until("the server has its end", [&] { return drive.seen(server).has_ended; });
    }
    for (auto* each : {&client, &server}) {
      drive.cancel_receive(*each);
      drive.until("it is joined", [&] { return !drive.seen(*each).is_in_flight(); });
      drive.close(*each, round % 3 == 1 ? port::close_mode::orderly : port::close_mode::reset);
    }
  }
}

PORT_TEST("memory that is used again at once gets no event of its past", "[case-14]") {
  auto& on = drive.listen();
  on.adopts = false;
  drive.accept(on);
  auto& server = drive.add();
  server.keeps_memory = true;
  for (std::uint32_t round = 0; round < 200; ++round) {
    auto noisy = drive.raw_connect(on.where);
    drive.until("it is accepted", [&] { return drive.accepted(on) == 2 * round + 1; });
    drive.adopt(server, on.waiting.back());
    drive.receive(server);
    drive.cancel_receive(server);
    drive.until("it is joined", [&] { return !drive.seen(server).is_in_flight(); });
    // Its news are on their way, or a reset is, when it is closed.
    CHECK(send_pattern(noisy, 0, 10) == 10);
    noisy.reset();
    drive.close(server, port::close_mode::orderly);

    auto quiet = drive.raw_connect(on.where);
    drive.until("the next is accepted", [&] { return drive.accepted(on) == 2 * round + 2; });
    drive.adopt(server, on.waiting.back());
    on.waiting.clear();
    drive.keep_receiving(server);
    drive.pump_for(std::chrono::milliseconds(0));
    CHECK(drive.seen(server).receive_completions == 0);
    CHECK(send_pattern(quiet, 0, 20) == 20);
    drive.until("its bytes are there", [&] { return drive.seen(server).received == 20; });
    drive.cancel_receive(server);
    drive.until("it is joined", [&] { return !drive.seen(server).is_in_flight(); });
    drive.close(server, port::close_mode::reset);
  }
}

}  // namespace
}  // namespace lastbyte::test
