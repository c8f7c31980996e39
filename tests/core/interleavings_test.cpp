// The five interleavings that everybody gets wrong, each told to the machine in its worst order.
#include "core/connection.hpp"

#include "block_supply.hpp"
#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::core;
using lastbyte::test::block_supply;

namespace {

constexpr tick now = 1'000;

// Does every step that needs no answer. @return the last one that does.
step settle(connection& machine) {
  for (;;) {
    const step next = machine.next(now);
    const bool needs_answer = next == step::nothing || next == step::ask_kernel ||
                              next == step::close_socket || next == step::tell_end;
    if (needs_answer) return next;
  }
}

witness kernel_says(std::uint64_t acknowledged, bool is_closed) {
  witness said;
  said.known = true;
  said.acknowledged = acknowledged;
  said.is_closed = is_closed;
  said.unread = 0;
  return said;
}

}  // namespace

TEST_CASE(
    "interleaving 1, a reset swallowed by a pending send, is a reset and its loss is counted") {
  block_supply supply;
  connection machine(connection::origin::accepted, now);
  REQUIRE(machine.request_send(supply.make("0123456789")));
  (void)settle(machine);
  // The port has verified the receive of 0 and found no FIN behind it.
  machine.on_sent(4, now);
  machine.on_failed(operation::receive, ending::peer_reset, now);
  REQUIRE(settle(machine) == step::ask_kernel);
  machine.on_witness(kernel_says(3, true), now);
  REQUIRE(settle(machine) == step::close_socket);
  CHECK(machine.cause() == ending::peer_reset);
  CHECK(machine.bytes().lost_out() == 7U);
  CHECK(machine.closes_by_reset());
}

TEST_CASE("interleaving 2, a peer that is gone with our reply in flight, is found by confirming") {
  block_supply supply;
  connection machine(connection::origin::accepted, now);
  REQUIRE(machine.request_send(supply.make("reply")));
  (void)settle(machine);
  machine.on_end_of_stream(proof::proven, now);
  REQUIRE(settle(machine) == step::tell_end);
  machine.request_close(intent::application, now);
  machine.on_sent(5, now);  // whole, and SD_SEND succeeds: no completion will tell of the reset
  REQUIRE(settle(machine) == step::ask_kernel);
  machine.on_witness(kernel_says(2, true), now);
  (void)settle(machine);
  CHECK(machine.cause() == ending::peer_reset);
  CHECK(machine.bytes().lost_out() == 3U);
}

TEST_CASE(
    "interleaving 3, pause and then close, drops and counts what comes and re-arms exactly once") {
  connection machine(connection::origin::accepted, now);
  REQUIRE(machine.next(now) == step::submit_receive);
  machine.pause();
  REQUIRE(machine.next(now) == step::pause_receive);
  machine.request_close(intent::application, now);
  REQUIRE(machine.next(now) == step::shutdown_send);
  CHECK(machine.next(now) == step::nothing);  // the paused receive is still in flight
  CHECK(machine.on_received(3, now) == disposition::discard);
  CHECK(machine.next(now) == step::nothing);
  machine.on_receive_ended();
  CHECK(machine.next(now) == step::submit_receive);
  CHECK(machine.next(now) == step::nothing);
  CHECK(machine.bytes().unanswered == 3);
  CHECK(machine.bytes().discarded == 0);
}

TEST_CASE(
    "interleaving 4, a connection accepted after quiesce began, is served and closed in order") {
  block_supply supply;
  connection machine(connection::origin::accepted, now);
  REQUIRE(machine.next(now) == step::submit_receive);
  machine.request_close(intent::quiesce, now);
  (void)settle(machine);
  CHECK(machine.current() == state::draining);
  machine.on_end_of_stream(proof::proven, now);
  REQUIRE(settle(machine) == step::ask_kernel);
  machine.on_witness(kernel_says(1, true), now);
  CHECK(settle(machine) == step::close_socket);
  CHECK(machine.cause() == ending::clean_local_first);
  CHECK(machine.first_asked() == intent::quiesce);
}

TEST_CASE(
    "interleaving 5, a stall against a send completion and a foreign send: each counts once") {
  block_supply supply;
  limits bounds;
  bounds.ms[static_cast<std::size_t>(deadline::send_stall)] = 100;
  bounds.send_stall_bytes = 1;
  connection machine(connection::origin::accepted, now);
  REQUIRE(machine.request_send(supply.make("0123456789")));
  (void)settle(machine);
  machine.on_timer(kernel_says(0, false), now + 25, now + 25, bounds);  // from here on it counts
  machine.on_timer(kernel_says(0, false), now + 124, now + 124, bounds);
  REQUIRE(machine.cause() == ending::none);
  machine.on_timer(kernel_says(0, false), now + 125, now + 125, bounds);
  REQUIRE(machine.cause() == ending::slow_reader);

  block& foreign = supply.make("late");
  CHECK_FALSE(machine.request_send(foreign));
  CHECK(machine.bytes().refused == 4);

  REQUIRE(machine.next(now) == step::cancel_receive);
  REQUIRE(machine.next(now) == step::cancel_send);
  machine.on_sent(6, now);
  CHECK(machine.cause() == ending::slow_reader);
  CHECK(machine.bytes().sent == 6);
  CHECK(machine.next(now) == step::nothing);  // the receive is still to join
  machine.on_receive_ended();
  REQUIRE(machine.next(now) == step::ask_kernel);
  machine.on_witness(kernel_says(6, false), now);
  CHECK(machine.next(now) == step::close_socket);
  CHECK(machine.bytes().unsent == 4);
  CHECK(machine.bytes().lost_out() == 4U);
}
