#include "port_test.hpp"

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

PORT_TEST("a cancelled receive completes once, as cancelled", "[case-21]") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  drive.cancel_receive(ours);
  CHECK(drive.seen(ours).receive_completions == 0);
  drive.until("the receive is over", [&] { return !drive.seen(ours).is_receiving; });
  CHECK(drive.seen(ours).receive_result.what == port::error::cancelled);
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).receive_completions == 1);
}

// A close with the receive still in flight would send no FIN (a ring holds the socket) or a reset (Windows).
PORT_TEST(
    "an orderly close behind a cancelled receive gives the peer an end of stream, and no reset",
    "[case-21]") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 100'000);
  drive.until("all is sent", [&] { return drive.seen(ours).sent == 100'000; });
  drive.receive(ours);
  drive.cancel_receive(ours);
  drive.until("the receive is back", [&] { return !drive.seen(ours).is_receiving; });
  drive.close(ours, port::close_mode::orderly);
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.bytes == 100'000);
  CHECK(all.end == raw_end::end_of_stream);
}

PORT_TEST("cancelling twice ends a receive once") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  drive.cancel_receive(ours);
  drive.cancel_receive(ours);
  drive.until("the receive is over", [&] { return !drive.seen(ours).is_receiving; });
  drive.cancel_receive(ours);
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).receive_completions == 1);
}

PORT_TEST("cancelling what is not in flight does nothing") {
  auto [raw, ours] = drive.connect_raw();
  drive.cancel_receive(ours);
  drive.pause_receive(ours);
  drive.cancel_send(ours);
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).receive_completions + drive.seen(ours).send_completions == 0);

  drive.echo(ours);
  CHECK(send_pattern(raw, 0, 50'000) == 50'000);
  raw.shutdown_send();
  const reading all = drive.meanwhile("the echo", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.bytes == 50'000);
  CHECK(all.wrong == 0);
}

PORT_TEST("a cancelled receive loses no byte: the next one has them") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  drive.cancel_receive(ours);
  CHECK(send_pattern(raw, 0, 200'000) == 200'000);
  drive.until("the receive is over", [&] { return !drive.seen(ours).is_receiving; });
  raw.shutdown_send();
  drive.keep_receiving(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).received == 200'000);
}

// Stops the receive at each completion, in the way that `stop` does, while 8 MiB arrive.
template <class Driver, class Stop>
void stop_again_and_again(Driver& drive, Stop stop) {
  constexpr std::uint64_t bytes = 8U << 20;
  auto [raw, ours] = drive.connect_raw();
  std::uint64_t sent = 0;
  own_thread sending([&, &peer = raw] {
    sent = send_pattern(peer, 0, bytes);
    peer.shutdown_send();
  });
  std::uint32_t receives = 0;
  std::uint32_t stops = 0;
  drive.until("the stream has ended", [&] {
    const account now = drive.seen(ours);
    if (now.has_ended) return true;
    // In turn: stopped at once, and after one chance to get something.
    if (!now.is_receiving) {
      drive.receive(ours);
      if (++receives % 2 == 0) return false;
    }
    stop(ours);
    ++stops;
    return false;
  });
  sending.join();
  CHECK(sent == bytes);
  CHECK(drive.seen(ours).received == bytes);
  CHECK(stops > 1);
}

PORT_TEST("cancelling receives again and again while bytes arrive loses none") {
  stop_again_and_again(drive, [&](auto& ours) { drive.cancel_receive(ours); });
}

PORT_TEST("pausing receives again and again while bytes arrive loses none") {
  stop_again_and_again(drive, [&](auto& ours) { drive.pause_receive(ours); });
}

PORT_TEST("behind a pause at most one buffer comes, and the receive ends", "[case-28]") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  drive.pump_for(std::chrono::milliseconds(20));
  drive.pause_receive(ours);
  CHECK(send_pattern(raw, 0, 300'000) == 300'000);
  drive.until("the receive has ended", [&] { return !drive.seen(ours).is_receiving; });
  drive.pump_for(std::chrono::milliseconds(50));
  CHECK(drive.seen(ours).receives_with_bytes <= 1);
  CHECK(drive.seen(ours).received <= port::receive_block_bytes);

  raw.shutdown_send();
  drive.keep_receiving(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).received == 300'000);
}

PORT_TEST("a pause at the first of many bytes lets at most one buffer come behind it") {
  auto [raw, ours] = drive.connect_raw();
  ours.on_receive = [&](auto& at) {
    at.seen.receive_stop_requested();
    drive.io().pause_receive(at.socket);
  };
  CHECK(send_pattern(raw, 0, 300'000) == 300'000);
  drive.pump_for(std::chrono::milliseconds(20));
  drive.receive(ours);
  drive.until("the receive has ended", [&] { return !drive.seen(ours).is_receiving; });
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).receives_with_bytes <= 2);

  ours.on_receive = {};
  raw.shutdown_send();
  drive.keep_receiving(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).received == 300'000);
}

PORT_TEST("a FIN that comes during a pause is seen behind it") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  drive.pause_receive(ours);
  raw.shutdown_send();
  drive.until("the receive has ended", [&] { return !drive.seen(ours).is_receiving; });
  drive.pump_for(std::chrono::milliseconds(20));
  if (!drive.seen(ours).has_ended) drive.receive(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
}

PORT_TEST("a reset that comes during a pause is seen behind it") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  drive.cancel_receive(ours);
  drive.until("the receive has ended", [&] { return !drive.seen(ours).is_receiving; });
  raw.reset();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.receive(ours);
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a cancelled send tells exactly how many bytes the kernel took") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 64U << 20);
  drive.until_full(ours);
  drive.cancel_send(ours);
  drive.until("the send is over", [&] { return !drive.seen(ours).is_sending; });
  drive.pump_for(std::chrono::milliseconds(20));

  drive.push(ours, 1U << 20);
  drive.finish_when_sent(ours);
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.bytes == drive.seen(ours).sent);
  CHECK(all.wrong == 0);
  CHECK(all.end == raw_end::end_of_stream);
}

PORT_TEST("cancelling sends again and again while the peer reads loses none") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 24U << 20);
  reading all;
  own_thread reading_all([&, &peer = raw] { all = read_pattern(peer); });
  for (int round = 0; round < 200; ++round) {
    drive.cancel_send(ours);
    drive.until("the send is over", [&] { return !drive.seen(ours).is_sending; });
    drive.push(ours, 100'000);
    drive.pump_for(std::chrono::milliseconds(0));
  }
  drive.finish_when_sent(ours);
  drive.until("the peer has read all", [&] { return reading_all.has_ended(); });
  reading_all.join();
  CHECK(all.bytes == drive.seen(ours).sent);
  CHECK(all.wrong == 0);
}

PORT_TEST("cancelling a send leaves the receive alone, and the other way round") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, endless);
  drive.until_full(ours);
  drive.receive(ours);
  drive.cancel_send(ours);
  drive.until("the send is over", [&] { return !drive.seen(ours).is_sending; });
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).is_receiving);

  drive.push(ours, endless);
  drive.until_full(ours);
  drive.cancel_receive(ours);
  drive.until("the receive is over", [&] { return !drive.seen(ours).is_receiving; });
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).is_sending);
}

PORT_TEST("a connect that is cancelled completes once") {
  auto listening = drive.raw_listen(loopback());
  auto& ours = drive.connect(listening.local());
  drive.cancel_send(ours);
  drive.until("it is over", [&] { return !drive.seen(ours).is_connecting; });
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).connect_completions == 1);
}

}  // namespace
}  // namespace lastbyte::test
