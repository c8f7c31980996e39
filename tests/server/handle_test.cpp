// Reaching a connection from elsewhere: other threads, other connections, too late.
#include <cstring>
#include <map>
#include <optional>
#include <thread>

#include "server_test.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

SERVER_TEST("two handlers that send to each other's connections at once do not block each other",
            "[case-31]") {
  constexpr std::size_t total = 1 << 20;
  checks_elsewhere there;
  std::mutex guard;
  std::vector<connection_handle> handles;
  handles.reserve(2);
  happening<bool> both_open;
  scripted_handler serving;
  serving.open = [&](connection& opened) {
    const std::lock_guard lock(guard);
    opened.user_word() = handles.size();
    handles.push_back(opened.handle());
    if (handles.size() == 2) both_open.set(true);
  };
  serving.receive = [&](connection& from, buffer bytes) {
    there.expect(!handles[1 - from.user_word()].send(bytes.text()));
  };
  // Its end comes when both have everything: the other one still has to be answered.
  serving.end = [](connection&) {};
  live_server server(io, serving);
  raw_socket clients[2] = {server.connect(), server.connect()};
  REQUIRE(both_open.wait());
  std::thread pushers[2];
  for (int i = 0; i < 2; ++i) {
    pushers[i] = std::thread([&clients, i] {
      const std::string all(total, static_cast<char>('a' + i));
      (void)clients[i].send(std::as_bytes(std::span(all)));
    });
  }
  std::string heard[2];
  std::thread listener([&] { heard[1] = hear(clients[1], total); });
  heard[0] = hear(clients[0], total);
  listener.join();
  for (auto& each : pushers) each.join();
  CHECK(there.all_held());
  CHECK(heard[0].size() == total);
  CHECK(heard[1].size() == total);
  CHECK(heard[0].front() != heard[1].front());
  for (const auto& each : handles) CHECK_FALSE(each.close());
  for (raw_socket& each : clients) {
    CHECK(hear_end(each) == raw_end::end_of_stream);
    each.shutdown_send();
  }
  const server_report report = server.end();
  CHECK(report.ended(ending::clean_local_first) == 2);
  CHECK(report.sent == 2 * total);
}

SERVER_TEST("sends from several threads all arrive, each whole", "[case-22]") {
  constexpr int threads = 4;
  constexpr int sends = 500;
  checks_elsewhere there;
  happening<connection_handle> open;
  scripted_handler serving;
  serving.open = [&](connection& opened) { open.set(opened.handle()); };
  live_server server(io, serving);
  raw_socket client = server.connect();
  const connection_handle handle = open.wait();
  std::vector<std::thread> senders;
  senders.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    senders.emplace_back([&there, &handle, i] {
      const std::string piece(64, static_cast<char>('a' + i));
      for (int n = 0; n < sends; ++n) there.expect(!handle.send(piece));
    });
  }
  const std::string all = hear(client, std::size_t{64} * threads * sends);
  for (auto& each : senders) each.join();
  CHECK(there.all_held());
  std::map<char, int> pieces;
  for (std::size_t at = 0; at + 64 <= all.size(); at += 64) {
    CHECK(all.substr(at, 64) == std::string(64, all[at]));
    ++pieces[all[at]];
  }
  CHECK(pieces.size() == threads);
  for (const auto& [letter, count] : pieces) CHECK(count == sends);
  CHECK_FALSE(handle.close());
  CHECK(hear_end(client) == raw_end::end_of_stream);
  client.shutdown_send();
  CHECK(server.end().ended(ending::clean_local_first) == 1);
}

SERVER_TEST("what one thread sends arrives in its order, whichever worker takes each piece",
            "[case-22]") {
  constexpr std::uint32_t sends = 20'000;
  checks_elsewhere there;
  happening<connection_handle> open;
  scripted_handler serving;
  serving.open = [&](connection& opened) { open.set(opened.handle()); };
  options how;
  how.workers = 4;
  live_server server(io, serving, how);
  raw_socket client = server.connect();
  const connection_handle handle = open.wait();
  std::thread sender([&there, &handle] {
    for (std::uint32_t n = 0; n < sends; ++n) {
      there.expect(!handle.send(std::as_bytes(std::span(&n, 1))));
    }
  });
  const std::string all = hear(client, sends * sizeof(std::uint32_t));
  sender.join();
  CHECK(there.all_held());
  REQUIRE(all.size() == sends * sizeof(std::uint32_t));
  std::uint32_t out_of_order = 0;
  for (std::uint32_t n = 0; n < sends; ++n) {
    std::uint32_t found = 0;
    std::memcpy(&found, all.data() + std::size_t{n} * sizeof found, sizeof found);
    out_of_order += found == n ? 0 : 1;
  }
  CHECK(out_of_order == 0);
  CHECK_FALSE(handle.close());
  CHECK(hear_end(client) == raw_end::end_of_stream);
  client.shutdown_send();
  CHECK(server.end().ended(ending::clean_local_first) == 1);
}

SERVER_TEST("a handle that outlived its connection is refused, and never reaches the next one",
            "[case-14]") {
  std::mutex guard;
  std::optional<connection_handle> first;
  happening<bool> ended;
  scripted_handler serving;
  serving.open = [&](connection& opened) {
    const std::lock_guard lock(guard);
    if (!first) first = opened.handle();
  };
  serving.ended = [&](const ending_report&) { ended.set(true); };
  options how;
  how.workers = 1;
  live_server server(io, serving, how);
  {
    raw_socket client = server.connect();
    client.shutdown_send();
    CHECK(hear_end(client) == raw_end::end_of_stream);
  }
  REQUIRE(ended.wait());
  // The next connections use its memory again.
  for (int i = 0; i < 20; ++i) {
    raw_socket client = server.connect();
    say(client, "mine");
    CHECK(hear(client, 4) == "mine");
    const auto refused = first->send("not yours");
    CHECK(refused == refusal::gone);
    client.shutdown_send();
    CHECK(hear_end(client) == raw_end::end_of_stream);
  }
  const server_report report = server.end();
  CHECK(report.ended(ending::clean_peer_first) == 21);
  CHECK(first->send("too late") == refusal::stopped);
}

TEST_CASE("an empty handle reaches nobody, and says so") {
  const connection_handle nobody;
  CHECK(nobody.send("x") == refusal::gone);
  CHECK(nobody.close() == refusal::gone);
}

TEST_CASE("a refusal says why") {
  CHECK(make_error_code(refusal::finished).message().find("ending") != std::string::npos);
  CHECK(make_error_code(refusal::gone).message().find("connection has ended") != std::string::npos);
  CHECK(make_error_code(refusal::stopped).message().find("server has stopped") !=
        std::string::npos);
  const std::error_code unheard_of(99, make_error_code(refusal::gone).category());
  CHECK(unheard_of.message() == "refused");
}
