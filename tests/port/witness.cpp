// What the kernel says beside the completions.
#include "port_test.hpp"

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

PORT_TEST("the witness counts what the peer's TCP took, and the FIN as one") {
  auto [raw, ours] = drive.connect_raw();
  if (!facts().has_witness) {
    CHECK(!drive.io().witness(ours.socket).known);
    return skip(facts().has_witness.missing_because);
  }
  CHECK(drive.io().witness(ours.socket).known);
  CHECK(drive.io().witness(ours.socket).acknowledged == 0);
  drive.push(ours, 10'000);
  drive.until("all is acknowledged, though the peer reads nothing",
              [&] { return drive.io().witness(ours.socket).acknowledged == 10'000; });
  drive.finish_when_sent(ours);
  drive.until("the FIN is acknowledged",
              [&] { return drive.io().witness(ours.socket).acknowledged == 10'001; });
  CHECK(!drive.io().witness(ours.socket).is_closed);
}

PORT_TEST("the witness of a connecting side counts no SYN") {
  if (!facts().has_witness) return skip(facts().has_witness.missing_because);
  auto [client, server] = drive.connect_pair();
  CHECK(drive.io().witness(client.socket).acknowledged == 0);
  drive.push(client, 10'000);
  drive.finish_when_sent(client);
  drive.until("all and the FIN are acknowledged",
              [&] { return drive.io().witness(client.socket).acknowledged == 10'001; });
}

PORT_TEST("the witness of an accepted side counts all, whatever its memory was before") {
  if (!facts().has_witness) return skip(facts().has_witness.missing_because);
  // Who is closed last may be the first whose memory, or record, serves again.
  auto [client, server] = drive.connect_pair();
  drive.close(server, port::close_mode::reset);
  drive.close(client, port::close_mode::reset);
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 10'000);
  drive.finish_when_sent(ours);
  drive.until("all and the FIN are acknowledged",
              [&] { return drive.io().witness(ours.socket).acknowledged == 10'001; });
}

PORT_TEST("who asks about the peer's end of stream tells that ours was acknowledged") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 10'000);
  drive.finish_when_sent(ours);
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.end == raw_end::end_of_stream);
  if (facts().has_witness) {
    drive.until("our end is acknowledged",
                [&] { return drive.io().witness(ours.socket).acknowledged == 10'001; });
  }
  drive.keep_receiving(ours);
  raw.shutdown_send();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  const std::uint64_t told = drive.seen(ours).acknowledged_at_end;
  constexpr bool must_tell = Port::name == "uring" || Port::name == "epoll";
  INFO("told: " << told);
  CHECK((told == 10'001 || (told == 0 && !must_tell)));
}

PORT_TEST(
    "who asks about the peer's end of stream does not tell that ours was acknowledged before it is "
    "sent") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 10'000);
  drive.until("all is sent", [&] { return drive.seen(ours).sent == 10'000; });
  drive.keep_receiving(ours);
  raw.shutdown_send();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).acknowledged_at_end <= 10'000);
}

PORT_TEST("the witness does not count what waits in a full path") {
  if (!facts().has_witness) return skip(facts().has_witness.missing_because);
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 64U << 20);
  drive.until_full(ours);
  const auto said = drive.io().witness(ours.socket);
  CHECK(said.acknowledged > 0);
  CHECK(said.acknowledged < drive.seen(ours).sent);
}

PORT_TEST("an end of stream behind a shut window is told as not sent yet", "[case-33]") {
  if (!facts().has_witness) return skip(facts().has_witness.missing_because);
  // Sends so much to somebody who reads nothing, and finishes. @return what is said when nothing moves any more.
  const auto finish_behind = [&drive](std::uint64_t bytes) {
    auto [raw, ours] = drive.connect_raw();
    drive.push(ours, bytes);
    drive.finish_when_sent(ours);
    port::kernel_witness said;
    drive.until("all is acknowledged, or the window is shut",
                [&, &to = ours, before = ~std::uint64_t{0}]() mutable {
                  said = drive.io().witness(to.socket);
                  if (said.acknowledged > bytes) return true;
                  const bool is_stuck = said.has_unsent && said.acknowledged == before;
                  before = said.acknowledged;
                  if (!is_stuck) drive.pump_for(std::chrono::milliseconds(100));
                  return is_stuck;
                });
    return said;
  };
  std::uint64_t bytes = finish_behind(16U << 20).acknowledged;
  REQUIRE(bytes > 0);
  // How much fits is not the same to the byte, however it is sent: looks for as much as leaves no room for the end.
  port::kernel_witness said;
  for (int tries = 0; tries < 16 && !(said.has_unsent && said.acknowledged == bytes); ++tries) {
    if (tries > 0) bytes = said.has_unsent ? said.acknowledged : bytes + 1;
    said = finish_behind(bytes);
    CHECK(said.has_unsent == (said.acknowledged <= bytes));
  }
  CHECK(said.has_unsent);
  CHECK(said.acknowledged == bytes);
}

PORT_TEST("the witness says closed once both FINs are out and acknowledged") {
  if (!facts().has_witness) return skip(facts().has_witness.missing_because);
  auto [client, server] = drive.connect_pair();
  for (auto* each : {&client, &server}) {
    drive.keep_receiving(*each);
    drive.push(*each, 5'000);
  }
  drive.finish_when_sent(client);
  drive.until("the server has its end", [&] { return drive.seen(server).has_ended; });
  CHECK(!drive.io().witness(server.socket).is_closed);
  drive.finish_when_sent(server);
  drive.until("both are closed", [&] {
    return drive.io().witness(client.socket).is_closed &&
           drive.io().witness(server.socket).is_closed;
  });
  CHECK(drive.io().witness(client.socket).acknowledged == 5'001);
  CHECK(drive.io().witness(server.socket).acknowledged == 5'001);
}

PORT_TEST(
    "a peer that closes fully with our reply in flight shows as closed with too few acknowledged",
    "[case-27]") {
  if (!facts().has_witness) return skip(facts().has_witness.missing_because);
  auto [raw, ours] = drive.connect_raw();
  drive.keep_receiving(ours);
  raw.close();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  drive.push(ours, 1'000);
  drive.finish_when_sent(ours);
  drive.until("all is sent and it is closed", [&] {
    return !drive.seen(ours).is_sending && drive.io().witness(ours.socket).is_closed;
  });
  CHECK(drive.seen(ours).sent == 1'000);
  CHECK(drive.io().witness(ours.socket).acknowledged < 1'001);
}

PORT_TEST("unread counts what nobody has received") {
  auto [raw, ours] = drive.connect_raw();
  CHECK(send_pattern(raw, 0, 1'000) == 1'000);
  if (!drive.io().unread(ours.socket).has_value()) return skip("this platform can't tell");
  drive.until("1,000 bytes wait", [&] { return drive.io().unread(ours.socket) == 1'000U; });
  raw.shutdown_send();
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.io().unread(ours.socket) == 1'000U);
  drive.keep_receiving(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.io().unread(ours.socket).value_or(0) == 0);
}

PORT_TEST("unread counts what has come and was not dealt, whoever holds it") {
  auto [raw, ours] = drive.connect_raw();
  if (!drive.io().unread(ours.socket).has_value()) return skip("this platform can't tell");
  // The first of several buffers stops it: a port may have taken more of them already.
  ours.on_receive = [&](auto& at) {
    at.keeps_receiving = false;
    at.seen.receive_stop_requested();
    drive.io().pause_receive(at.socket);
  };
  drive.keep_receiving(ours);
  drive.pump_for(std::chrono::milliseconds(0));
  CHECK(send_pattern(raw, 0, 40'000) == 40'000);
  drive.until("the receive has ended", [&] { return !drive.seen(ours).is_receiving; });
  drive.until("all that has not come is unread", [&] {
    return drive.seen(ours).received + drive.io().unread(ours.socket).value_or(0) == 40'000;
  });
}

}  // namespace
}  // namespace lastbyte::test
