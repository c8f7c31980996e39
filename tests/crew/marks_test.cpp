// Back-pressure at its very edge.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "simulated_crew.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

struct fills_to_the_mark : scripted_handler {
  void on_send_low(connection& to) override {
    ++lows;
    most_left = std::max(most_left, to.queued());
  }
  int lows = 0;
  std::uint64_t most_left = 0;  // bytes, then
};

}  // namespace

TEST_CASE(
    "who sends until it is told to stop is told when it may go on, also exactly at the mark") {
  fills_to_the_mark serving;
  options how;
  how.high_mark_bytes = 512U << 10U;  // blocks, and more than one send takes
  how.low_mark_bytes = 64U << 10U;
  constexpr std::size_t block = 16U << 10U;
  serving.open = [](connection& opened) {
    while (!opened.above_high_mark()) (void)opened.send(std::string(block, 'x'));
  };
  simulated_crew crew(serving, how);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  std::size_t got = 0;
  for (int rounds = 0; rounds < 1'000 && got < how.high_mark_bytes; ++rounds) {
    got += crew.read(peer).size();
    crew.go_on_for(simulated_crew::ms);
  }
  CHECK(got == how.high_mark_bytes);
  CHECK(serving.lows == 1);
  CHECK(serving.most_left <= how.low_mark_bytes);
  (void)crew.end();
}

TEST_CASE("the high mark is of memory: a few bytes that fill no block are above it, too") {
  options how;
  how.high_mark_bytes = port::receive_block_bytes;
  scripted_handler serving;
  int above = 0;
  serving.receive = [&](connection& from, buffer bytes) {
    (void)from.send(std::move(bytes));  // it is the only one, so its block is kept
    above += from.above_high_mark() ? 1 : 0;
  };
  simulated_crew crew(serving, how);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  crew.say(peer, "few");
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(crew.read(peer) == "few");
  CHECK(above == 1);
  (void)crew.end();
}

namespace {

// A kernel that takes back its window of so many bytes as soon as half of it is full.
port::sim::weather taking_back_windows_of(std::uint32_t bytes) {
  port::sim::weather sky;
  sky.send_room = sky.receive_room = bytes;
  sky[port::sim::fault::window_taken_back] = 1'000'000;
  return sky;
}

// Says all that there is room for, for so long, behind what was sent before.
void speak_for(simulated_crew& crew, simulated_crew::tcp_end& peer, std::string& sent,
               simulated_crew::micros time) {
  for (simulated_crew::micros passed = 0; passed < time; passed += simulated_crew::ms) {
    const std::string piece(4'096, static_cast<char>('a' + sent.size() % 26));
    sent += piece.substr(0, crew.over.send(peer, std::as_bytes(std::span(piece))));
    crew.go_on_for(simulated_crew::ms);
  }
}

}  // namespace

TEST_CASE(
    "where the kernel takes back its window, one mark more is received at each look, and no more",
    "[case-10]") {
  constexpr std::uint32_t block = port::receive_block_bytes;
  constexpr std::uint32_t mark = 4 * block;
  options how;
  how.high_mark_bytes = mark;
  how.low_mark_bytes = mark / 4;
  how.send_stall_ms = GENERATE(8'000U, 0U);
  const simulated_crew::micros look =
      (how.send_stall_ms == 0 ? 5'000 : how.send_stall_ms / 4 + 1) * simulated_crew::ms;
  fills_to_the_mark serving;
  serving.receive = [](connection& from, buffer bytes) { send_back(from, std::move(bytes)); };
  simulated_crew crew(serving, how, taking_back_windows_of(block));
  auto& peer = crew.connect();
  std::string sent;

  std::string heard;
  for (int times = 0; times < 3; ++times) {
    // Nobody reads, and the peer has filled all that there is to fill.
    speak_for(crew, peer, sent, 500 * simulated_crew::ms);
    const std::uint64_t before = peer.out().read;
    REQUIRE(peer.out().taken_back_at);
    speak_for(crew, peer, sent, look);
    CHECK(peer.out().read >= before + mark - block);
    CHECK(peer.out().read <= before + mark + block);

    for (int i = 0; i < 60'000 && heard.size() < sent.size(); ++i) {
      heard += crew.read(peer);
      crew.go_on_for(simulated_crew::ms);
    }
  }
  CHECK((heard == sent));
  CHECK(serving.lows >= 3);
  (void)crew.end();
}

TEST_CASE("what one mark more was received for is forgotten with its connection") {
  constexpr std::uint32_t block = port::receive_block_bytes;
  constexpr std::uint32_t mark = 4 * block;
  options how;
  how.high_mark_bytes = mark;
  how.low_mark_bytes = mark / 4;
  how.send_stall_ms = 8'000;
  const simulated_crew::micros look = (how.send_stall_ms / 4 + 1) * simulated_crew::ms;
  scripted_handler serving;
  serving.receive = [](connection& from, buffer bytes) { send_back(from, std::move(bytes)); };
  simulated_crew crew(serving, how, taking_back_windows_of(block));
  auto& first = crew.connect();
  std::string sent;
  speak_for(crew, first, sent, 500 * simulated_crew::ms);
  REQUIRE(first.out().taken_back_at);
  crew.go_on_for(look);
  REQUIRE_FALSE(first.out().taken_back_at);  // received, and there is room for most of a mark still
  crew.over.close(first, port::close_mode::reset);
  crew.go_on_for(10 * simulated_crew::ms);
  REQUIRE(crew.report().open == 0);

  // In its slot.
  auto& second = crew.connect();
  sent.clear();
  speak_for(crew, second, sent, 500 * simulated_crew::ms);
  // Beside the mark two blocks are with the kernels, and one is on its way.
  CHECK(second.out().read <= mark + 3 * block);
  speak_for(crew, second, sent, look);
  CHECK(second.out().read <= 2 * mark + 3 * block);
  (void)crew.end();
}

TEST_CASE("a handler that has paused hears nothing, also where one mark more is received") {
  constexpr std::uint32_t mark = 64U << 10U;
  constexpr auto ms = simulated_crew::ms;
  options how;
  how.high_mark_bytes = mark;
  how.low_mark_bytes = mark / 4;
  how.send_stall_ms = 8'000;
  scripted_handler serving;
  int heard = 0;
  std::optional<connection_handle> paused;
  serving.receive = [&](connection& from, const buffer& /*unused*/) {
    if (paused) {
      ++heard;
      return;
    }
    paused = from.handle();
    [[maybe_unused]] const auto refused = from.send(std::string(std::size_t{4} * mark, 'x'));
    from.pause();
  };
  simulated_crew crew(serving, how, taking_back_windows_of(mark));
  auto& peer = crew.connect();
  std::string sent;
  speak_for(crew, peer, sent, 7'500 * ms);
  REQUIRE(paused);
  REQUIRE(peer.out().taken_back_at);
  CHECK(heard == 0);

  // However often one mark more might have been received meanwhile.
  REQUIRE_FALSE(paused->resume());
  speak_for(crew, peer, sent, 100 * ms);
  CHECK(heard <= 1);
  (void)crew.end();
}

TEST_CASE("a mark that is not met is not lifted") {
  constexpr std::uint32_t block = port::receive_block_bytes;
  constexpr auto ms = simulated_crew::ms;
  options how;
  how.high_mark_bytes = 4 * block;
  how.low_mark_bytes = block;
  how.idle_ms = 1'000;  // then it is looked at
  scripted_handler serving;
  connection_handle handle;
  serving.open = [&](connection& opened) {
    handle = opened.handle();
    opened.pause();
  };
  simulated_crew crew(serving, how, taking_back_windows_of(block));
  auto& peer = crew.connect();
  std::string sent;
  // Nobody receives, so that nobody learns what the peer takes.
  speak_for(crew, peer, sent, 100 * ms);
  REQUIRE(peer.out().taken_back_at);
  REQUIRE_FALSE(handle.send("more"));
  speak_for(crew, peer, sent, 3'000 * ms);
  REQUIRE(peer.out().read == 0);

  REQUIRE_FALSE(handle.resume());
  speak_for(crew, peer, sent, 500 * ms);
  CHECK(peer.out().read >= how.high_mark_bytes);
  CHECK(peer.out().read <= how.high_mark_bytes + 4 * block);
  (void)crew.end();
}

TEST_CASE("who answers only at the end of the request is told when it may go on, too") {
  constexpr std::size_t block = 16U << 10U;
  constexpr std::size_t all = 64 * block;
  struct answers_at_the_end : scripted_handler {
    void on_end_of_stream(connection& from) override { go_on(from); }
    void on_send_low(connection& to) override { go_on(to); }
    void go_on(connection& to) {
      for (; said < all && !to.above_high_mark(); said += block)
        (void)to.send(std::string(block, 'x'));
      if (said == all) to.close();
    }
    std::size_t said = 0;
  } serving;
  options how;
  how.high_mark_bytes = 256U << 10U;
  how.low_mark_bytes = 64U << 10U;
  port::sim::weather roomy;  // the first send takes all that the mark lets in
  roomy.send_room = roomy.receive_room = 1U << 20U;
  simulated_crew crew(serving, how, roomy);
  auto& peer = crew.connect();
  crew.go_on_for(simulated_crew::ms);
  REQUIRE_FALSE(crew.over.shutdown_send(peer).failed());
  std::size_t got = 0;
  for (int rounds = 0; rounds < 1'000 && got < all; ++rounds) {
    crew.go_on_for(simulated_crew::ms);
    got += crew.read(peer).size();
  }
  CHECK(got == all);
  crew.over.close(peer, port::close_mode::orderly);
  crew.go_on_for(10 * simulated_crew::ms);
  CHECK(crew.end().ended(ending::clean_peer_first) == 1);
}
