// What the connection promises beside its table: deadlines, holds, back-pressure, confirmation.
#include "core/connection.hpp"

#include "block_supply.hpp"
#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::core;
using lastbyte::test::block_supply;

namespace {

constexpr tick born = 1'000;

limits bounds_of(tick each) {
  limits bounds;
  bounds.ms.fill(each);
  bounds.send_stall_bytes = 1'024;
  bounds.drain_bytes = 10;
  return bounds;
}

limits bounds_of(tick each, tick send_stall) {
  limits bounds = bounds_of(each);
  bounds.ms[static_cast<std::size_t>(deadline::send_stall)] = send_stall;
  return bounds;
}

witness acknowledged(std::uint64_t count, bool is_closed = false) {
  witness said;
  said.known = true;
  said.acknowledged = count;
  said.is_closed = is_closed;
  said.unread = 0;
  return said;
}

void settle(connection& machine, tick now) {
  while (machine.next(now) != step::nothing) {
  }
}

// A timer's expiry, with all news told.
void ring(connection& machine, const witness& kernel, tick now, const limits& bounds) {
  machine.on_timer(kernel, now, now, bounds);
}

connection serving() {
  connection machine(connection::origin::accepted, born);
  settle(machine, born);
  return machine;
}

}  // namespace

TEST_CASE("a client that says nothing ends by first_byte, one that has spoken by idle") {
  connection silent = serving();
  ring(silent, acknowledged(0), born + 100, bounds_of(100));
  CHECK(silent.cause() == ending::first_byte);

  connection spoke = serving();
  REQUIRE(spoke.on_received(1, born + 50) == disposition::deliver);
  ring(spoke, acknowledged(0), born + 149, bounds_of(100));
  CHECK(spoke.cause() == ending::none);
  ring(spoke, acknowledged(0), born + 150, bounds_of(100));
  CHECK(spoke.cause() == ending::idle);
}

TEST_CASE("a client that only listens is bound neither by first_byte nor by idle while it reads") {
  block_supply supply;
  const limits bounds = bounds_of(100, 0);
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("banner")));
  settle(machine, born);
  machine.on_sent(6, born + 10);
  ring(machine, acknowledged(3), born + 105, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(3), born + 115, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(6), born + 230, bounds);
  CHECK(machine.cause() == ending::idle);
}

TEST_CASE("while an answer is being computed neither idle strikes nor the peer's end is told") {
  connection machine = serving();
  REQUIRE(machine.on_received(1, born) == disposition::deliver);
  machine.hold();
  ring(machine, acknowledged(0), born + 1'000, bounds_of(100));
  CHECK(machine.cause() == ending::none);
  machine.on_end_of_stream(proof::proven, born + 1'000);
  CHECK(machine.next(born + 1'000) == step::nothing);
  machine.release();
  CHECK(machine.next(born + 1'000) == step::tell_end);
}

TEST_CASE("who finishes hears of the peer's end all the same, and whoever closes does not") {
  const bool is_close = GENERATE(false, true);
  connection machine = serving();
  machine.hold();
  machine.on_end_of_stream(proof::proven, born);
  is_close ? machine.request_close(intent::application, born)
           : machine.request_finish(intent::application, born);
  CHECK(machine.next(born) == step::shutdown_send);
  machine.release();
  CHECK(machine.next(born) == (is_close ? step::ask_kernel : step::tell_end));
}

TEST_CASE("an end of stream that tells of our end's acknowledgement spares a question") {
  connection machine = serving();
  machine.request_finish(intent::application, born);
  REQUIRE(machine.next(born) == step::shutdown_send);
  SECTION("our end was acknowledged") {
    machine.on_end_of_stream(proof::proven, born, 1);
    CHECK(machine.next(born) == step::tell_end);
    CHECK(machine.next(born) == step::close_socket);
    CHECK(machine.cause() == ending::clean_local_first);
  }
  SECTION("it was not yet") {
    machine.on_end_of_stream(proof::proven, born, 0);
    CHECK(machine.next(born) == step::tell_end);
    CHECK(machine.next(born) == step::ask_kernel);
    CHECK(machine.current() == state::confirming);
  }
}

TEST_CASE("bytes of a send in flight are not taken for our end of stream") {
  block_supply supply(4'096);
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("x")));
  settle(machine, born);
  machine.on_end_of_stream(proof::proven, born, 1);  // the completion of the send is still to come
  settle(machine, born);
  machine.request_finish(intent::application, born);
  machine.on_sent(1, born);
  CHECK(machine.next(born) == step::shutdown_send);
  CHECK(machine.next(born) == step::ask_kernel);
}

TEST_CASE(
    "a reader that makes the configured progress is served, one that doesn't is cut off by reset") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100);
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make(std::string(4'096, 'x'))));
  settle(machine, born);
  machine.on_sent(2'048, born);
  settle(machine, born);
  tick now = born;
  for (std::uint64_t read : {1'024U, 2'048U}) {
    now += 100;
    (void)machine.on_received(1, now);  // it is alive otherwise
    ring(machine, acknowledged(read), now, bounds);
    CHECK(machine.cause() == ending::none);
  }
  ring(machine, acknowledged(2'048), now + 99, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'048), now + 100, bounds);
  CHECK(machine.cause() == ending::slow_reader);
  CHECK(machine.closes_by_reset());
}

TEST_CASE("whoever stops reading behind more bytes than 32 bits can count is a slow reader, too") {
  constexpr std::uint32_t much = 3U << 30U;
  block_supply supply;
  const limits bounds = bounds_of(100);
  connection machine = serving();
  for (int i = 0; i < 2; ++i) {
    block& huge = supply.make("x");
    huge.size = huge.capacity = much;
    REQUIRE(machine.request_send(huge));
  }
  settle(machine, born);
  machine.on_sent(std::uint64_t{2} * much, born);
  ring(machine, acknowledged(5ULL << 30U), born + 50, bounds);
  ring(machine, acknowledged(5ULL << 30U), born + 149, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(5ULL << 30U), born + 150, bounds);
  CHECK(machine.cause() == ending::slow_reader);
}

TEST_CASE("the drain ends by idle, in all, or by bytes: each by its own cause") {
  limits bounds = bounds_of(0);
  const auto drained_to = [&](deadline which, tick bound) {
    bounds.ms.fill(0);
    bounds.ms[static_cast<std::size_t>(which)] = bound;
    connection machine = serving();
    machine.request_close(intent::application, born);
    settle(machine, born);
    for (tick now = born + 30; now <= born + 120; now += 30) {
      if (machine.cause() == ending::none) (void)machine.on_received(1, now);
      ring(machine, acknowledged(1), now, bounds);
    }
    ring(machine, acknowledged(1), born + 200, bounds);
    return machine.cause();
  };
  CHECK(drained_to(deadline::drain_total, 100) == ending::drain_total);
  CHECK(drained_to(deadline::drain_idle, 60) == ending::drain_idle);

  connection flooded = serving();
  flooded.request_close(intent::application, born);
  settle(flooded, born);
  CHECK(flooded.on_received(10, born) == disposition::discard);
  flooded.check_drain_bytes(born, bounds);
  CHECK(flooded.cause() == ending::none);
  CHECK(flooded.on_received(1, born) == disposition::discard);
  flooded.check_drain_bytes(born, bounds);
  CHECK(flooded.cause() == ending::drain_bytes);
  CHECK(flooded.bytes().unanswered == 11);

  // No bytes are a bound, too.
  limits none = bounds;
  none.drain_bytes = 0;
  connection talkative = serving();
  talkative.request_close(intent::application, born);
  settle(talkative, born);
  talkative.check_drain_bytes(born, none);
  CHECK(talkative.cause() == ending::none);
  CHECK(talkative.on_received(1, born) == disposition::discard);
  talkative.check_drain_bytes(born, none);
  CHECK(talkative.cause() == ending::drain_bytes);
}

namespace {

// One whose reply the kernel has taken whole.
connection replied(block_supply& supply, std::uint32_t bytes) {
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make(std::string(bytes, 'x'))));
  settle(machine, born);
  machine.on_sent(bytes, born);
  return machine;
}

// Likewise, and it was told to close behind that.
connection closed_behind(block_supply& supply, std::uint32_t bytes) {
  connection machine = replied(supply, bytes);
  machine.request_close(intent::application, born);
  settle(machine, born);
  return machine;
}

}  // namespace

TEST_CASE("the drain's clock does not run while the peer still reads what it was sent") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 1'000);
  connection machine = closed_behind(supply, 2'048);
  REQUIRE(machine.current() == state::draining);
  tick now = born;
  for (; now < born + 900; now += 100) {
    ring(machine, acknowledged(100), now, bounds);
    REQUIRE(machine.cause() == ending::none);
  }
  ring(machine, acknowledged(2'049), now, bounds);
  ring(machine, acknowledged(2'049), now + 99, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'049), now + 100, bounds);
  CHECK(machine.cause() == ending::drain_total);
}

TEST_CASE(
    "the drain counts from when the peer was seen to have taken everything, not from when the "
    "kernel had") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 0);
  connection machine = closed_behind(supply, 2'048);
  const auto first_look = machine.next_timer(born, bounds);
  REQUIRE(first_look.has_value());
  CHECK(*first_look <= 26);  // a quarter
  // It has read slowly, until just before we look: as long as the drain may last in all.
  ring(machine, acknowledged(2'049), born + 100, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'049), born + 199, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'049), born + 200, bounds);
  CHECK(machine.cause() == ending::drain_total);

  // Where nothing was sent, nothing is waited for.
  connection mute = serving();
  mute.request_close(intent::application, born);
  settle(mute, born);
  CHECK(mute.next_timer(born, bounds) == 100);
  ring(mute, acknowledged(1), born + 100, bounds);
  CHECK(mute.cause() == ending::drain_total);
}

TEST_CASE(
    "the drain counts from when our end of stream leaves, not from when somebody asked for it") {
  const limits bounds = bounds_of(100);
  connection machine = serving();
  machine.request_close(intent::application, born);
  settle(machine, born + 90);
  ring(machine, acknowledged(1), born + 189, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(1), born + 190, bounds);
  CHECK(machine.cause() == ending::drain_total);
}

TEST_CASE("who is listened to again has all the time there is for a first byte") {
  const limits bounds = bounds_of(100);
  connection machine = serving();
  machine.pause();
  settle(machine, born);
  machine.on_receive_ended();
  machine.resume();
  settle(machine, born + 90);
  ring(machine, acknowledged(0), born + 189, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(0), born + 190, bounds);
  CHECK(machine.cause() == ending::first_byte);
}

TEST_CASE("behind the peer's end no drain strikes, though the peer still reads what it was sent") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 1'000);
  connection machine = closed_behind(supply, 2'048);
  machine.on_end_of_stream(proof::proven, born);
  settle(machine, born);
  REQUIRE(machine.current() == state::confirming);
  tick now = born;
  for (; now < born + 900; now += 100) {
    ring(machine, acknowledged(100), now, bounds);
    REQUIRE(machine.cause() == ending::none);
  }
  ring(machine, acknowledged(2'049), now, bounds);
  CHECK(machine.cause() == ending::clean_local_first);
}

// All bytes are acknowledged, but the window is shut, and our end of stream waits for room.
namespace {

witness end_held_back(std::uint64_t acknowledged_bytes) {
  witness said = acknowledged(acknowledged_bytes);
  said.has_unsent = true;
  return said;
}

}  // namespace

TEST_CASE("a peer whose window has no room for our end of stream has not vanished") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 1'000);
  connection machine = closed_behind(supply, 2'048);
  machine.on_end_of_stream(proof::proven, born);
  settle(machine, born);
  REQUIRE(machine.current() == state::confirming);
  tick now = born;
  for (; now < born + 900; now += 100) {
    ring(machine, end_held_back(2'048), now, bounds);
    REQUIRE(machine.cause() == ending::none);
  }
  // It has read on, and our end is on its way: from now on it may be lost.
  ring(machine, acknowledged(2'048), now, bounds);
  ring(machine, acknowledged(2'048), now + 99, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'048), now + 100, bounds);
  CHECK(machine.cause() == ending::peer_vanished);
}

TEST_CASE("whose window never has room for our end of stream is a slow reader") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 1'000);
  connection machine = closed_behind(supply, 2'048);
  REQUIRE(machine.current() == state::draining);
  tick now = born;
  for (; now <= born + 500; now += 100) ring(machine, end_held_back(2'047), now, bounds);
  const tick shut = now;
  for (; now < shut + 1'000; now += 100) {
    ring(machine, end_held_back(2'048), now, bounds);
    REQUIRE(machine.cause() == ending::none);
  }
  ring(machine, end_held_back(2'048), now, bounds);
  CHECK(machine.cause() == ending::slow_reader);
}

TEST_CASE("the drain counts from when our end of stream has found room") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 0);
  connection machine = closed_behind(supply, 2'048);
  ring(machine, end_held_back(2'048), born + 90, bounds);
  CHECK(machine.next_timer(born + 90, bounds).value_or(99) <= 26);  // a quarter
  ring(machine, acknowledged(2'049), born + 115, bounds);
  ring(machine, acknowledged(2'049), born + 214, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'049), born + 215, bounds);
  CHECK(machine.cause() == ending::drain_total);
}

TEST_CASE(
    "no drain strikes a peer that has no room for our end, though it was seen to have taken all "
    "before") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 0);
  connection machine = replied(supply, 2'048);
  ring(machine, acknowledged(2'048), born, bounds);
  machine.request_close(intent::application, born);
  settle(machine, born);
  REQUIRE(machine.current() == state::draining);
  ring(machine, end_held_back(2'048), born + 100, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'049), born + 150, bounds);
  ring(machine, acknowledged(2'049), born + 249, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'049), born + 250, bounds);
  CHECK(machine.cause() == ending::drain_total);
}

TEST_CASE("idle does not strike while our end of stream waits for room") {
  block_supply supply(4'096);
  const limits bounds = bounds_of(100, 0);
  connection machine = replied(supply, 2'048);
  machine.request_finish(intent::application, born);
  settle(machine, born);
  REQUIRE(machine.current() == state::half_closed);
  ring(machine, end_held_back(2'048), born + 100, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(2'049), born + 200, bounds);
  CHECK(machine.cause() == ending::idle);
}

TEST_CASE("a reset while nothing is in flight behind the peer's end ends as one") {
  for (const ending told : {ending::none, ending::peer_vanished}) {
    connection machine = serving();
    machine.on_end_of_stream(proof::proven, born);
    settle(machine, born);
    REQUIRE(machine.current() == state::peer_finished);
    REQUIRE(machine.is_unwatched());
    witness said = acknowledged(0, true);
    said.failure = told;
    ring(machine, said, born + 10, bounds_of(100));
    CHECK(machine.cause() == (told == ending::none ? ending::peer_reset : told));
    CHECK(machine.first_asked() == intent::peer);
  }
  // What is in flight will tell by itself.
  block_supply supply;
  connection busy = serving();
  busy.on_end_of_stream(proof::proven, born);
  settle(busy, born);
  REQUIRE(busy.request_send(supply.make("answer")));
  settle(busy, born);
  CHECK_FALSE(busy.is_unwatched());
  ring(busy, acknowledged(0, true), born + 10, bounds_of(100));
  CHECK(busy.cause() == ending::none);
}

TEST_CASE("an unacknowledged end of stream is asked for again, and never called clean") {
  const limits bounds = bounds_of(100);
  connection machine = serving();
  machine.on_end_of_stream(proof::proven, born);
  REQUIRE(machine.next(born) == step::tell_end);
  machine.request_close(intent::application, born);
  REQUIRE(machine.next(born) == step::shutdown_send);
  REQUIRE(machine.next(born) == step::ask_kernel);
  machine.on_witness(acknowledged(0), born);
  CHECK(machine.next(born) == step::nothing);
  CHECK(machine.next_timer(born, bounds).value_or(99) <= 2);
  ring(machine, acknowledged(0), born + 100, bounds);
  CHECK(machine.cause() == ending::peer_vanished);
}

TEST_CASE("where the kernel can't be asked the ending stands, unproven, and loss stays unknown") {
  block_supply supply;
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("reply")));
  settle(machine, born);
  machine.on_sent(5, born);
  machine.on_end_of_stream(proof::unproven, born);
  REQUIRE(machine.next(born) == step::tell_end);
  machine.request_close(intent::application, born);
  REQUIRE(machine.next(born) == step::shutdown_send);
  REQUIRE(machine.next(born) == step::ask_kernel);
  machine.on_witness(witness{}, born);
  CHECK(machine.next(born) == step::close_socket);
  CHECK(machine.cause() == ending::clean_peer_first);
  CHECK(machine.mark() == proof::unproven);
  CHECK_FALSE(machine.bytes().lost_out().has_value());
}

TEST_CASE(
    "where the kernel can't be asked, a first send that ends behind the ending leaves loss "
    "unknown") {
  block_supply supply;
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("reply")));
  settle(machine, born);
  machine.request_abort(intent::application, ending::app_abort, born);
  settle(machine, born);
  const bool takes_some = GENERATE(true, false);
  machine.on_sent(takes_some ? 3 : 0, born);
  machine.on_receive_ended();
  while (machine.next(born) == step::ask_kernel) machine.on_witness(witness{}, born);
  REQUIRE(machine.current() == state::closed);
  CHECK(machine.bytes().acknowledged.has_value() == !takes_some);
}

TEST_CASE("bytes that complete while closing still count, as lost unless close() was said") {
  connection cut = serving();
  cut.request_abort(intent::application, ending::app_abort, born);
  CHECK(cut.on_received(7, born) == disposition::discard);
  CHECK(cut.bytes().discarded == 7);

  connection closed = serving();
  closed.request_close(intent::application, born);
  closed.request_abort(intent::quiesce, ending::server_deadline, born);
  CHECK(closed.on_received(7, born) == disposition::discard);
  CHECK(closed.bytes().unanswered == 7);

  connection closed_too_late = serving();
  closed_too_late.request_abort(intent::application, ending::app_abort, born);
  closed_too_late.request_close(intent::application, born);
  CHECK(closed_too_late.on_received(7, born) == disposition::discard);
  CHECK(closed_too_late.bytes().discarded == 7);
}

TEST_CASE("an answer of the kernel that nobody asked for changes no state") {
  connection machine = serving();
  machine.on_witness(acknowledged(0, true), born);
  CHECK(machine.current() == state::open);
  CHECK(machine.mark() == proof::proven);
  CHECK_FALSE(machine.bytes().unread);
}

TEST_CASE("what is left unread was lost, unless close() was asked: then nobody was to read it") {
  const auto end_with_unread = [](bool is_closed_first) {
    connection machine = serving();
    if (is_closed_first) machine.request_close(intent::application, born);
    machine.request_abort(intent::application, ending::app_abort, born);
    witness said = acknowledged(0);
    said.unread = 7;
    machine.on_receive_ended();
    machine.on_witness(said, born);
    return machine.bytes();
  };
  CHECK(end_with_unread(false).lost_in() == 7);
  const ledger closed = end_with_unread(true);
  CHECK(closed.lost_in() == 0);
  CHECK(closed.unread == 7);
}

TEST_CASE("what is left unread is known also where nobody can tell what was acknowledged") {
  connection machine = serving();
  machine.on_failed(operation::receive, ending::receive_failed, born);
  REQUIRE(machine.next(born) == step::ask_kernel);
  witness said;
  said.unread = 5;
  machine.on_witness(said, born);
  CHECK(machine.mark() == proof::unproven);
  CHECK(machine.bytes().unread == 5);
  CHECK(machine.bytes().lost_in() == 5);
}

TEST_CASE("a peer that nobody listens to, or whose bytes wait to be heard, is not silent") {
  const limits bounds = bounds_of(100);
  connection paused = serving();
  REQUIRE(paused.on_received(1, born) == disposition::deliver);
  paused.pause();
  settle(paused, born);
  ring(paused, acknowledged(0), born + 150, bounds);
  CHECK(paused.cause() == ending::none);
  paused.resume();
  ring(paused, acknowledged(0), born + 250, bounds);
  CHECK(paused.cause() == ending::idle);

  witness waiting = acknowledged(0);
  waiting.unread = 1;
  for (const bool has_spoken : {false, true}) {
    connection unheard = serving();
    if (has_spoken) REQUIRE(unheard.on_received(1, born) == disposition::deliver);
    ring(unheard, waiting, born + 150, bounds);
    CHECK(unheard.cause() == ending::none);
    ring(unheard, acknowledged(0), born + 250, bounds);
    CHECK(unheard.cause() == (has_spoken ? ending::idle : ending::first_byte));
  }

  connection drained = serving();
  drained.request_close(intent::application, born);
  settle(drained, born);
  REQUIRE(drained.current() == state::draining);
  limits soon = bounds;
  soon.ms[static_cast<std::size_t>(deadline::drain_total)] = 1'000;
  ring(drained, waiting, born + 150, soon);
  CHECK(drained.cause() == ending::none);
  ring(drained, acknowledged(0), born + 250, soon);
  CHECK(drained.cause() == ending::drain_idle);
}

namespace {

// How long `which` leaves the connection alone behind a timer that rang at born + 1,000 ms, when all news until
// born + 100 ms had been told. Units: milliseconds.
tick time_left(connection& machine, deadline which, const witness& then, const witness& later) {
  limits bounds = bounds_of(0);
  bounds.ms[static_cast<std::size_t>(which)] = 100;
  const tick rang = born + 1'000;
  machine.on_timer(then, born + 100, rang, bounds);
  machine.release();
  tick now = rang;
  while (machine.cause() == ending::none && now < rang + 1'000) ring(machine, later, ++now, bounds);
  return now - rang;
}

}  // namespace

TEST_CASE("nobody is judged by a time of which not all news were told yet") {
  constexpr tick bound = 100;
  const auto judge = [](connection& machine, deadline which, std::uint64_t taken,
                        ending otherwise) {
    limits bounds;
    bounds.send_stall_bytes = 1'024;
    bounds.ms[static_cast<std::size_t>(which)] = bound;
    machine.on_timer(acknowledged(taken), born + bound - 1, born + 5 * bound, bounds);
    CHECK(machine.cause() == ending::none);
    machine.on_timer(acknowledged(taken), born + bound, born + 5 * bound, bounds);
    CHECK(machine.cause() == otherwise);
  };
  connection silent = serving();
  judge(silent, deadline::first_byte, 0, ending::first_byte);
  connection idle = serving();
  judge(idle, deadline::idle, 0, ending::idle);
  for (const auto& [which, otherwise] : {std::pair(deadline::drain_total, ending::drain_total),
                                         std::pair(deadline::drain_idle, ending::drain_idle)}) {
    connection closed = serving();
    closed.request_close(intent::application, born);
    settle(closed, born);
    judge(closed, which, 1, otherwise);
  }
  connection confirming = serving();
  confirming.on_end_of_stream(proof::proven, born);
  REQUIRE(confirming.next(born) == step::tell_end);
  confirming.request_close(intent::application, born);
  REQUIRE(confirming.next(born) == step::shutdown_send);
  REQUIRE(confirming.next(born) == step::ask_kernel);
  confirming.on_witness(acknowledged(0), born);
  judge(confirming, deadline::confirm, 0, ending::peer_vanished);
}

TEST_CASE("what a timer begins begins when it rings, however old the news are that it judges by") {
  block_supply supply;
  connection answered = serving();
  REQUIRE(answered.request_send(supply.make("answer")));
  settle(answered, born);
  CHECK(time_left(answered, deadline::send_stall, acknowledged(0), acknowledged(0)) == 100);
  CHECK(answered.cause() == ending::slow_reader);

  connection read = closed_behind(supply, 10);
  ring(read, acknowledged(5), born, bounds_of(1'000));
  CHECK(time_left(read, deadline::drain_total, acknowledged(11), acknowledged(11)) == 100);
  CHECK(read.cause() == ending::drain_total);

  witness waiting = acknowledged(1);
  waiting.unread = 1;
  connection unheard = serving();
  unheard.request_close(intent::application, born);
  settle(unheard, born);
  CHECK(time_left(unheard, deadline::drain_idle, waiting, acknowledged(1)) == 100);
  CHECK(unheard.cause() == ending::drain_idle);

  connection silent = serving();
  silent.hold();
  CHECK(time_left(silent, deadline::first_byte, acknowledged(0), acknowledged(0)) == 100);
  CHECK(silent.cause() == ending::first_byte);

  connection idle = serving();
  idle.hold();
  CHECK(time_left(idle, deadline::idle, acknowledged(0), acknowledged(0)) == 100);
  CHECK(idle.cause() == ending::idle);
}

TEST_CASE(
    "close() on a held connection needs no release, also where the peer has finished before") {
  connection machine = serving();
  machine.hold();
  machine.on_end_of_stream(proof::proven, born);
  settle(machine, born);
  machine.request_close(intent::application, born);
  settle(machine, born);
  CHECK(machine.current() == state::confirming);
  CHECK(machine.is_confirming());
  machine.on_witness(acknowledged(1), born);
  settle(machine, born);
  CHECK(machine.current() == state::closed);
  CHECK(machine.cause() == ending::clean_peer_first);
}

TEST_CASE("a release behind nobody's hold changes nothing") {
  connection machine = serving();
  machine.release();
  CHECK_FALSE(machine.is_held());
  machine.hold();
  CHECK(machine.is_held());
  machine.release();
  CHECK_FALSE(machine.is_held());
}

TEST_CASE("an end that is on its way is asked for after 1, 2, 4 ms, and so on up to 64") {
  const limits bounds = bounds_of(10'000);
  connection machine = serving();
  machine.request_close(intent::application, born);
  machine.on_end_of_stream(proof::proven, born);
  settle(machine, born);
  REQUIRE(machine.is_confirming());
  tick now = born;
  for (const tick wait : {1U, 2U, 4U, 8U, 16U, 32U, 64U, 64U, 64U}) {
    CHECK(machine.next_timer(now, bounds) == wait);
    now += wait;
    ring(machine, acknowledged(0), now, bounds);
  }
}

TEST_CASE("what was queued and never sent is lost, even where the kernel can't be asked") {
  block_supply supply;
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("reply")));
  machine.request_abort(intent::application, ending::app_abort, born);
  CHECK(machine.bytes().acknowledged == 0);
  CHECK(machine.bytes().lost_out() == 5);
}

TEST_CASE("bytes behind an end of stream are impossible, and change nothing") {
  connection machine = serving();
  machine.on_end_of_stream(proof::proven, born);
  CHECK(machine.on_received(1, born) == disposition::impossible);
  CHECK(machine.bytes().received == 0);
  CHECK(machine.current() == state::peer_finished);
}

TEST_CASE("quiet means nothing queued, nothing held, and nothing moved for long enough") {
  block_supply supply;
  connection machine = serving();
  CHECK_FALSE(machine.is_quiet(born + 99, 100));
  CHECK(machine.is_quiet(born + 100, 100));
  machine.hold();
  CHECK_FALSE(machine.is_quiet(born + 100, 100));
  machine.release();
  REQUIRE(machine.request_send(supply.make("x")));
  CHECK_FALSE(machine.is_quiet(born + 100, 100));
}

TEST_CASE("whoever could not be heard while receiving paused is not quiet when it resumes") {
  connection machine = serving();
  machine.pause();
  REQUIRE(machine.next(born) == step::pause_receive);
  machine.on_receive_ended();
  settle(machine, born + 200);
  machine.resume();
  REQUIRE(machine.next(born + 200) == step::submit_receive);
  CHECK_FALSE(machine.is_quiet(born + 200, 100));
  CHECK(machine.is_quiet(born + 300, 100));
}

TEST_CASE("whoever closes what is not connected yet gives it up") {
  connection machine(connection::origin::connecting, born);
  machine.request_close(intent::application, born);
  CHECK(machine.cause() == ending::connect_failed);
  CHECK(machine.first_asked() == intent::application);
  CHECK(machine.next(born) == step::cancel_send);
}

TEST_CASE("a connect that is given up is cancelled and joined before the socket is closed") {
  connection machine(connection::origin::connecting, born);
  CHECK(machine.next(born) == step::nothing);
  ring(machine, witness{}, born + 100, bounds_of(100));
  CHECK(machine.cause() == ending::connect_failed);
  CHECK(machine.next(born) == step::cancel_send);
  CHECK(machine.next(born) == step::nothing);
  machine.on_connected(born);  // it succeeded just before the cancel
  CHECK(machine.next(born) == step::ask_kernel);
  machine.on_witness(witness{}, born);
  CHECK(machine.next(born) == step::close_socket);
}

TEST_CASE("the bound of a connect ends with it: who was called may be silent") {
  limits bounds;
  bounds.ms[static_cast<std::size_t>(deadline::first_byte)] = 100;
  connection machine(connection::origin::connecting, born);
  machine.on_connected(born + 99);
  settle(machine, born + 99);
  ring(machine, acknowledged(0), born + 500, bounds);
  CHECK(machine.cause() == ending::none);
}

TEST_CASE("what is cancelled is stuck from its bound on, and never where there is none") {
  connection machine = serving();
  machine.request_abort(intent::application, ending::app_abort, born);
  settle(machine, born);
  REQUIRE(machine.current() == state::closing);
  CHECK_FALSE(machine.is_stuck(born + 99, bounds_of(100)));
  CHECK(machine.is_stuck(born + 100, bounds_of(100)));
  CHECK_FALSE(machine.is_stuck(born + 1'000'000, bounds_of(0)));
}

TEST_CASE(
    "whether a peer goes on reading is looked at often until it has it all, also behind our end") {
  block_supply supply;
  limits bounds;
  bounds.ms[static_cast<std::size_t>(deadline::send_stall)] = 100;
  bounds.send_stall_bytes = 1'024;
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("answer")));
  settle(machine, born);
  CHECK(machine.next_timer(born, bounds).value_or(100) <= 26);
  machine.request_finish(intent::application, born);
  machine.on_sent(6, born);
  settle(machine, born);
  REQUIRE(machine.current() == state::half_closed);
  CHECK(machine.next_timer(born, bounds).value_or(100) <= 26);
}

TEST_CASE("a peer that acknowledges all of the little it is sent is no slow reader") {
  block_supply supply;
  const limits bounds = bounds_of(1'000);
  connection machine(connection::origin::accepted, born);
  std::uint64_t taken = 0;
  // At each look something new is under way: ten bytes a quarter second, of a bound of 1,024.
  for (tick now = born; now < born + 10'000; now += 250) {
    REQUIRE(machine.on_received(1, now) == disposition::deliver);
    REQUIRE(machine.request_send(supply.make("0123456789")));
    while (machine.next(now) != step::nothing) {
    }
    ring(machine, acknowledged(taken), now, bounds);
    machine.on_sent(10, now);
    taken += 10;
  }
  CHECK(machine.current() == state::open);
}

TEST_CASE("what a peer acknowledges of a send in flight is progress, too") {
  block_supply supply;
  limits bounds = bounds_of(1'000, 100);
  bounds.send_stall_bytes = 4;
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("a long reply")));
  settle(machine, born);
  ring(machine, acknowledged(0), born, bounds);
  ring(machine, acknowledged(4), born + 100, bounds);
  CHECK(machine.cause() == ending::none);
  ring(machine, acknowledged(7), born + 200, bounds);
  CHECK(machine.cause() == ending::slow_reader);
}

TEST_CASE("idleness does not strike what is being sent") {
  block_supply supply;
  const limits bounds = bounds_of(1'000);
  connection machine(connection::origin::accepted, born);
  REQUIRE(machine.on_received(1, born) == disposition::deliver);
  ring(machine, acknowledged(0), born + 999, bounds);
  REQUIRE(machine.request_send(supply.make("0123456789")));
  ring(machine, acknowledged(0), born + 1'000, bounds);
  CHECK(machine.current() == state::open);
}

TEST_CASE("a drain whose clock waits for the peer's acknowledgement is looked at again") {
  block_supply supply;
  limits bounds = bounds_of(1'000, 0);
  bounds.ms[static_cast<std::size_t>(deadline::drain_idle)] = 0;
  connection machine(connection::origin::accepted, born);
  REQUIRE(machine.request_send(supply.make("0123456789")));
  REQUIRE(machine.next(born) == step::submit_send);
  machine.on_sent(10, born);
  machine.request_close(intent::application, born);
  while (machine.next(born) != step::nothing) {
  }
  ring(machine, acknowledged(0), born + 1'000, bounds);
  REQUIRE(machine.current() == state::draining);
  CHECK(machine.next_timer(born + 1'000, bounds).has_value());
}

TEST_CASE("what ended a connection while nothing was in flight is its cause") {
  connection machine(connection::origin::accepted, born);
  machine.on_end_of_stream(proof::proven, born);
  machine.request_close(intent::peer, born);
  while (machine.next(born) != step::ask_kernel) {
  }
  witness said = acknowledged(0, true);
  said.failure = ending::local_abort;
  machine.on_witness(said, born);
  CHECK(machine.cause() == ending::local_abort);
}

TEST_CASE(
    "what was cut off is closed by a reset, also with nothing queued; what ended well is not") {
  for (const ending cause : {ending::app_abort, ending::protocol_error, ending::server_deadline}) {
    connection machine = serving();
    machine.request_abort(intent::application, cause, born);
    CHECK(machine.closes_by_reset());
  }
  connection good = serving();
  good.on_end_of_stream(proof::proven, born);
  good.request_close(intent::application, born);
  settle(good, born);
  good.on_witness(acknowledged(1, true), born);
  REQUIRE(good.cause() == ending::clean_peer_first);
  CHECK_FALSE(good.closes_by_reset());
}

// It would destroy what the peer has received and not read yet.
TEST_CASE("who is silent, or gone, with nothing of ours left to send, is not met by a reset") {
  for (const ending cause :
       {ending::peer_reset, ending::peer_vanished, ending::send_failed, ending::idle,
        ending::first_byte, ending::drain_total, ending::drain_idle, ending::drain_bytes,
        ending::local_abort, ending::connect_failed}) {
    INFO(to_string(cause));
    connection machine = serving();
    machine.request_abort(intent::bound, cause, born);
    CHECK_FALSE(machine.closes_by_reset());
  }
}

TEST_CASE("bytes that are refused are counted as refused, and as nothing else") {
  block_supply supply;
  connection machine = serving();
  machine.request_close(intent::application, born);
  CHECK_FALSE(machine.request_send(supply.make("late")));
  CHECK(machine.bytes().refused == 4);
  CHECK(machine.bytes().queued == 0);
}

TEST_CASE("who speaks first owes nobody a first byte, even while it is still being sent") {
  block_supply supply;
  limits bounds;
  bounds.ms[static_cast<std::size_t>(deadline::first_byte)] = 100;
  connection machine = serving();
  REQUIRE(machine.request_send(supply.make("banner")));
  settle(machine, born);
  machine.on_sent(2, born + 10);
  REQUIRE_FALSE(machine.queue().empty());
  ring(machine, acknowledged(2), born + 500, bounds);
  CHECK(machine.cause() == ending::none);
}

TEST_CASE("whose end of stream comes before ours is out was first, though we had asked") {
  connection machine = serving();
  machine.request_finish(intent::application, born);
  machine.on_end_of_stream(proof::proven, born);
  settle(machine, born);
  machine.on_witness(acknowledged(1), born);
  CHECK(machine.cause() == ending::clean_peer_first);
  CHECK(machine.first_asked() == intent::application);
}

TEST_CASE("an unproven end of stream leaves the ending unproven, whatever is asked behind it") {
  connection machine = serving();
  machine.on_end_of_stream(proof::unproven, born);
  machine.request_abort(intent::application, ending::app_abort, born);
  REQUIRE(machine.next(born) == step::ask_kernel);
  machine.on_witness(acknowledged(0), born);
  CHECK(machine.mark() == proof::unproven);
}

TEST_CASE("as many answers as were promised are awaited") {
  constexpr int promised = 300;
  connection machine = serving();
  for (int i = 0; i < promised; ++i) machine.hold();
  for (int i = 1; i < promised; ++i) machine.release();
  CHECK(machine.is_held());
  machine.release();
  CHECK_FALSE(machine.is_held());
}

TEST_CASE("what a failure of our own cuts short does not end like a whole stream") {
  const ending cause = GENERATE(ending::resources, ending::receive_failed);
  INFO(to_string(cause));
  SECTION("nobody had finished it: there may have been more to say") {
    connection machine = serving();
    machine.on_failed(operation::receive, cause, born);
    CHECK(machine.closes_by_reset());
    connection answering = serving();
    answering.on_end_of_stream(proof::proven, born);
    settle(answering, born);
    answering.request_abort(intent::bound, cause, born);
    CHECK(answering.closes_by_reset());
  }
  SECTION("it is out as a whole: a reset could only destroy it") {
    connection machine = serving();
    machine.request_finish(intent::application, born);
    settle(machine, born);
    machine.on_failed(operation::receive, cause, born);
    CHECK_FALSE(machine.closes_by_reset());
  }
  SECTION("it was finished, and the kernel takes its last bytes meanwhile") {
    block_supply supply;
    connection machine = serving();
    REQUIRE(machine.request_send(supply.make("answer")));
    machine.request_finish(intent::application, born);
    settle(machine, born);
    machine.on_failed(operation::receive, cause, born);
    settle(machine, born);
    CHECK(machine.closes_by_reset());
    machine.on_sent(6, born);
    CHECK_FALSE(machine.closes_by_reset());
  }
}

TEST_CASE(
    "an ending waits until the handler has heard of the peer's end, though all is exchanged") {
  connection machine = serving();
  machine.request_finish(intent::application, born);
  settle(machine, born);
  machine.hold();
  SECTION("our end's acknowledgement is known at once") {
    machine.on_end_of_stream(proof::proven, born, 1);
    settle(machine, born);
  }
  SECTION("an alarm comes by") {
    machine.on_end_of_stream(proof::proven, born, 0);
    settle(machine, born);
    CHECK_FALSE(machine.next_timer(born, bounds_of(0)));
    ring(machine, acknowledged(1), born + 500, bounds_of(100));
  }
  REQUIRE(machine.cause() == ending::none);
  machine.release();
  CHECK(machine.next(born + 500) == step::tell_end);
  settle(machine, born + 500);
  machine.on_witness(acknowledged(1), born + 500);
  CHECK(machine.cause() == ending::clean_local_first);
}

TEST_CASE(
    "first_byte strikes nobody who said something, is not listened to, is greeted, or was promised "
    "an answer") {
  block_supply supply;
  connection machine = serving();
  limits bounds;
  bounds.ms[static_cast<std::size_t>(deadline::first_byte)] = 100;
  SECTION("the peer has finished: that is a word, too") {
    machine.on_end_of_stream(proof::proven, born + 10);
  }
  SECTION("nobody listens") { machine.pause(); }
  SECTION("it is greeted, and nobody has heard yet that it has taken that") {
    REQUIRE(machine.request_send(supply.make("welcome")));
    settle(machine, born);
  }
  SECTION("an answer was promised") { machine.hold(); }
  ring(machine, acknowledged(0), born + 500, bounds);
  CHECK(machine.cause() == ending::none);
}

TEST_CASE("who ran out of memory here is not the peer") {
  connection machine = serving();
  machine.on_failed(operation::receive, ending::resources, born);
  CHECK(machine.first_asked() == intent::bound);
}
