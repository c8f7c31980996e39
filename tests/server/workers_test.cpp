// Several workers: how connections spread over them, and how they reach each other's.
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "process.hpp"
#include "register_of_opened.hpp"
#include "server_test.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

// Bytes that tell their place, so that a piece that is lost, doubled or moved shows.
std::string numbered(std::size_t size, std::uint32_t seed) {
  std::string text;
  for (std::uint32_t i = 0; text.size() < size; ++i) text += std::to_string(seed + i * 7) + ' ';
  text.resize(size);
  return text;
}

}  // namespace

SERVER_TEST("a thousand connections spread over two workers, within a fifth of an even share") {
  if (!stays_on_its_worker(io)) return skip("any worker may see any connection of this port");
  constexpr std::size_t count = 1'000;
  if (!can_open(2 * count + 100)) return skip("it takes 2,100 open files: ulimit -n");
  register_of_opened opened;
  scripted_handler serving;
  serving.open = [&](connection& from) { opened.note(from); };
  live_server server(io, serving);
  std::vector<raw_socket> clients;
  for (std::size_t i = 0; i < count; ++i) clients.push_back(server.connect());
  opened.wait_for(count);
  const auto shares = opened.by_thread();
  CHECK(shares.size() == 2);
  // The kernel deals them by a hash of their addresses: 20 % off is more than six standard deviations.
  for (const auto& [thread, share] : shares) {
    CHECK(share >= count / 2 - count / 10);
    CHECK(share <= count / 2 + count / 10);
  }
  CHECK(server.stop().accepted == count);
}

SERVER_TEST(
    "what a handler sends on another worker's connection arrives whole, in order, with its end",
    "[case-31]") {
  constexpr std::size_t total = 1 << 20;
  constexpr std::size_t most_connections = 64;
  checks_elsewhere there;
  register_of_opened opened;
  std::atomic<std::size_t> second = 1;
  const auto partner_of = [&](connection& from) {
    return opened.handle(from.user_word() == 0 ? second.load() : 0);
  };
  std::mutex guard;
  std::map<std::size_t, std::thread::id> served_by;
  scripted_handler serving;
  serving.open = [&](connection& from) { opened.note(from); };
  serving.receive = [&](connection& from, buffer bytes) {
    {
      const std::lock_guard lock(guard);
      served_by[from.user_word()] = std::this_thread::get_id();
    }
    there.expect(!partner_of(from).send(bytes.text()));
  };
  serving.end = [&](connection& from) { there.expect(!partner_of(from).finish()); };
  live_server server(io, serving);
  std::vector<raw_socket> clients;
  const auto add_one = [&] {
    clients.push_back(server.connect());
    opened.wait_for(clients.size());
  };
  add_one();
  add_one();
  if (stays_on_its_worker(io)) {
    while (!opened.first_elsewhere()) {
      REQUIRE(clients.size() < most_connections);
      add_one();
    }
    second = *opened.first_elsewhere();
    // Each is the first one of its worker: only the worker tells them apart.
    CHECK(opened.handle(0) != opened.handle(second));
  }
  raw_socket& left = clients[0];
  raw_socket& right = clients[second];

  const std::string words[2] = {numbered(total, 1), numbered(total, 5'000)};
  std::thread speakers[2] = {
      std::thread([&] { (void)left.send(std::as_bytes(std::span(words[0]))); }),
      std::thread([&] { (void)right.send(std::as_bytes(std::span(words[1]))); })};
  std::string heard_right;
  std::thread listener([&] { heard_right = hear(right, total); });
  const std::string heard_left = hear(left, total);
  listener.join();
  for (auto& each : speakers) each.join();
  CHECK(heard_left == words[1]);
  CHECK(heard_right == words[0]);
  CHECK(there.all_held());
  if (stays_on_its_worker(io)) CHECK(served_by[0] != served_by[second]);

  // One end of stream is handed on, then the other.
  left.shutdown_send();
  CHECK(hear_end(right) == raw_end::end_of_stream);
  right.shutdown_send();
  CHECK(hear_end(left) == raw_end::end_of_stream);
  for (std::size_t i = 1; i < clients.size(); ++i) {
    if (i != second) clients[i].reset();
  }
  const server_report report = server.end();
  CHECK(report.ended(ending::clean_local_first) + report.ended(ending::clean_peer_first) == 2);
  CHECK(report.lost_out == 0);
  CHECK(report.lost_in == 0);
}

SERVER_TEST("what one thread sends through a handle keeps its order, whichever workers obey it") {
  if (stays_on_its_worker(io))
    return skip("one worker obeys all commands to a connection of its own");
  constexpr std::size_t pairs = 4;
  constexpr std::uint32_t count = 400'000;
  constexpr std::uint32_t read_at_once = 1'000;
  register_of_opened opened;
  scripted_handler serving;
  serving.open = [&](connection& from) { opened.note(from); };
  options how;
  how.workers = 4;
  live_server server(io, serving, how);
  std::vector<raw_socket> clients;
  for (std::size_t i = 0; i < pairs; ++i) {
    clients.push_back(server.connect());
    opened.wait_for(clients.size());
  }
  checks_elsewhere there;
  std::vector<std::thread> busy;
  for (std::size_t i = 0; i < pairs; ++i) {
    busy.emplace_back([&, i] {
      for (std::uint32_t said = 0; said < count; ++said) {
        there.expect(!opened.handle(i).send(std::as_bytes(std::span(&said, 1))));
      }
      there.expect(!opened.handle(i).close());
    });
    busy.emplace_back([&, i] {
      std::vector<std::uint32_t> wanted(read_at_once);
      std::iota(wanted.begin(), wanted.end(), 0U);
      for (std::uint32_t read = 0; read < count; read += read_at_once) {
        const auto as_bytes = std::as_bytes(std::span(wanted));
        const std::string heard = hear(clients[i], as_bytes.size());
        there.expect(heard.size() == as_bytes.size() &&
                     std::memcmp(heard.data(), as_bytes.data(), heard.size()) == 0);
        for (std::uint32_t& each : wanted) each += read_at_once;
      }
    });
  }
  for (auto& each : busy) each.join();
  CHECK(there.all_held());
  (void)server.stop();
}
