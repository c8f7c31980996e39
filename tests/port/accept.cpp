#include "port_test.hpp"

#include <vector>

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

template <class Driver>
auto connect_several(Driver& drive, const endpoint& where, std::size_t count) {
  std::vector<typename Driver::raw_socket> made;
  made.reserve(count);
  for (std::size_t i = 0; i < count; ++i) made.push_back(drive.raw_connect(where));
  return made;
}

PORT_TEST("one accept brings several connections") {
  auto& on = drive.accepting();
  const auto peers = connect_several(drive, on.where, 5);
  drive.until("5 are accepted", [&] { return drive.accepted(on) == 5; });
}

PORT_TEST("more clients than the accept depth are all accepted") {
  port::listen_options how;
  how.accept_depth = 2;
  auto& on = drive.listen(loopback(), how);
  drive.accept(on);
  const auto peers = connect_several(drive, on.where, 40);
  drive.until("40 are accepted", [&] { return drive.accepted(on) == 40; });
}

PORT_TEST("clients that wait before accept is submitted are accepted") {
  auto& on = drive.listen();
  const auto peers = connect_several(drive, on.where, 3);
  drive.accept(on);
  drive.until("3 are accepted", [&] { return drive.accepted(on) == 3; });
}

PORT_TEST("an accepted connection names its peer") {
  auto& on = drive.listen();
  on.adopts = false;
  drive.accept(on);
  const auto peer = drive.raw_connect(on.where);
  drive.until("it is accepted", [&] { return drive.accepted(on) == 1; });
  CHECK(on.waiting.at(0).peer == peer.local());
}

PORT_TEST("an accepted socket may be discarded") {
  auto& on = drive.listen();
  on.adopts = false;
  drive.accept(on);
  auto peer = drive.raw_connect(on.where);
  drive.until("it is accepted", [&] { return drive.accepted(on) == 1; });
  drive.io().discard(on.waiting.at(0));
  on.waiting.clear();
  const raw_end seen = read_pattern(peer).end;
  CHECK(seen != raw_end::none);
  // Nobody may take it for an answer that is empty.
  if (facts().shows_reset_to_peer) CHECK(seen == raw_end::reset);
}

PORT_TEST("a cancelled accept leaves new connections in the queue") {
  auto& on = drive.accepting();
  drive.cancel_accept(on);
  drive.until("the accept has ended", [&] { return !drive.is_accepting(on); });
  CHECK(on.result.what == port::error::cancelled);

  const auto peers = connect_several(drive, on.where, 3);
  drive.pump_for(std::chrono::milliseconds(50));
  CHECK(drive.accepted(on) == 0);

  drive.accept(on);
  drive.until("they are accepted", [&] { return drive.accepted(on) == 3; });
}

PORT_TEST("cancelling an accept that is not in flight does nothing") {
  auto& on = drive.listen();
  drive.cancel_accept(on);
  drive.pump_for(std::chrono::milliseconds(20));
  on.keeps_accepting = true;
  drive.accept(on);
  const auto peers = connect_several(drive, on.where, 1);
  drive.until("it is accepted", [&] { return drive.accepted(on) == 1; });
}

PORT_TEST("a closed listener's memory is the caller's again while others go on") {
  auto& ended = drive.accepting();
  drive.cancel_accept(ended);
  drive.until("the accept has ended", [&] { return !drive.is_accepting(ended); });
  drive.close(ended);
  auto& on = drive.accepting();
  const auto peers = connect_several(drive, on.where, 3);
  drive.until("3 are accepted", [&] { return drive.accepted(on) == 3; });
  CHECK(drive.accepted(ended) == 0);
}

PORT_TEST("finish_accept serves those who wait in the queue, then ends", "[case-29]") {
  auto& on = drive.listen();
  const auto peers = connect_several(drive, on.where, 20);
  drive.accept(on);
  drive.finish_accept(on);
  drive.until("the accept has ended", [&] { return !drive.is_accepting(on); });
  if (!facts().can_stop_new_connections) {
    // Those that the accepts in flight had not taken yet go on waiting.
    return skip(facts().can_stop_new_connections.missing_because);
  }
  CHECK(drive.accepted(on) == 20);
}

PORT_TEST("finish_accept ends at once when nobody waits") {
  auto& on = drive.accepting();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.finish_accept(on);
  drive.until("the accept has ended", [&] { return !drive.is_accepting(on); });
  CHECK(drive.accepted(on) == 0);
}

PORT_TEST("who cancels an accept that finishes waits for nobody in the queue") {
  constexpr std::size_t more_than_accepts_in_flight = 80;
  auto& on = drive.listen();
  const auto peers = connect_several(drive, on.where, more_than_accepts_in_flight);
  drive.accept(on);
  drive.finish_accept(on);
  drive.cancel_accept(on);
  drive.until("the accept has ended", [&] { return !drive.is_accepting(on); });
  // It may have ended by itself, behind the first of them.
  CHECK((on.result.what == port::error::cancelled || !on.result.failed()));
  CHECK(drive.accepted(on) < more_than_accepts_in_flight);
}

PORT_TEST("behind finish_accept nobody new gets into the queue") {
  if (!facts().can_stop_new_connections)
    return skip(facts().can_stop_new_connections.missing_because);
  auto& on = drive.accepting();
  drive.finish_accept(on);
  drive.until("the accept has ended", [&] { return !drive.is_accepting(on); });
  CHECK(!drive.raw_try_connect(on.where, std::chrono::milliseconds(200)).has_value());
}

PORT_TEST("a second listener on a used TCP port is told that it is in use") {
  auto& on = drive.listen();
  typename Port::worker::listener second;
  CHECK(drive.io().listen(second, on.where, {}, nullptr).what == port::error::in_use);
}

PORT_TEST("a TCP port that a plain program uses is in use") {
  const auto other = drive.raw_listen(loopback());
  typename Port::worker::listener second;
  CHECK(drive.io().listen(second, other.local(), {}, nullptr).what == port::error::in_use);
}

PORT_TEST("listening at an address of no machine says so") {
  endpoint nowhere;
  nowhere.address = {192, 0, 2, 1};  // kept for documentation (RFC 5737)
  typename Port::worker::listener refused;
  CHECK(drive.io().listen(refused, nowhere, {}, nullptr).what == port::error::no_address);
}

PORT_TEST("listening without the right to is denied") {
  endpoint privileged = loopback();
  privileged.tcp_port = 1;
  typename Port::worker::listener refused;
  const port::outcome result = drive.io().listen(refused, privileged, {}, nullptr);
  if (!result.failed()) {
    drive.io().close(refused);
    return skip("this user may listen at every TCP port");
  }
  CHECK(result.what == port::error::denied);
}

PORT_TEST("IPv6 carries an echo") {
  endpoint where;
  where.family = address_family::ipv6;
  where.address[15] = 1;
  {
    typename Port::worker::listener probe;
    if (drive.io().listen(probe, where, {}, nullptr).failed()) return skip("no IPv6 here");
    drive.io().close(probe);
  }
  auto& on = drive.listen(where);
  on.on_adopted = [&](auto& server) { drive.begin_echo(server); };
  drive.accept(on);
  CHECK(on.where.family == address_family::ipv6);
  CHECK(on.where.tcp_port != 0);
  auto& client = drive.connect(on.where);
  drive.until("it is connected", [&] { return !drive.seen(client).is_connecting; });
  drive.keep_receiving(client);
  drive.push(client, 10'000);
  drive.finish_when_sent(client);
  drive.until("the echo has ended", [&] { return drive.seen(client).has_ended; });
  CHECK(drive.seen(client).received == 10'000);
}

}  // namespace
}  // namespace lastbyte::test
