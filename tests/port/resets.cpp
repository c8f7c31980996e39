#include "port_test.hpp"

#include <array>

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

PORT_TEST("a reset while a receive is pending is an error, not an end") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  raw.reset();
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a reset while a send is pending is an error") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, endless);
  drive.until_full(ours);
  raw.reset();
  drive.until("the send has failed", [&] { return drive.seen(ours).send_result.failed(); });
  CHECK(drive.seen(ours).send_result.what == port::error::reset);
}

PORT_TEST("a reset swallowed by a pending send is never called an end of stream", "[case-26]") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, endless);
  drive.until_full(ours);
  raw.reset();
  drive.until("the send has failed", [&] { return drive.seen(ours).send_result.failed(); });
  drive.receive(ours);
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a reset of which no error is left anywhere is never called an end of stream") {
  if (!facts().forgets_taken_errors) return skip(facts().forgets_taken_errors.missing_because);
  auto& on = drive.listen();
  on.adopts = false;
  drive.accept(on);
  auto raw = drive.raw_connect(on.where);
  drive.until("it is accepted", [&] { return drive.accepted(on) == 1; });
  const port::accepted_socket accepted = on.waiting.at(0);
  on.waiting.clear();
  auto& ours = drive.add();
  drive.adopt(ours, accepted);
  drive.keep_receiving(ours);
  CHECK(send_pattern(raw, 0, 1'000) == 1'000);
  raw.reset();
  CHECK(drive.take_error(accepted.native));
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).received == 1'000);
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("behind a send's error even a genuine FIN is no end of stream") {
  auto [raw, ours] = drive.connect_raw();
  raw.close();
  drive.push(ours, endless);
  drive.until("the send has failed", [&] { return drive.seen(ours).send_result.failed(); });
  drive.receive(ours);
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a reset while a receive and a send are pending ends both with an error",
          "[case-4][case-13]") {
  auto [raw, ours] = drive.connect_raw();
  drive.keep_receiving(ours);
  drive.push(ours, endless);
  drive.until_full(ours);
  raw.reset();
  drive.until("both are over", [&] {
    const account now = drive.seen(ours);
    return now.is_receive_over() && now.send_result.failed();
  });
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
  CHECK(drive.seen(ours).send_result.what == port::error::reset);
}

PORT_TEST("a reset before anything is submitted fails the receive", "[case-12]") {
  auto [raw, ours] = drive.connect_raw();
  raw.reset();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.receive(ours);
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a send on a reset connection fails once, and only through dequeue") {
  auto [raw, ours] = drive.connect_raw();
  raw.reset();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.push(ours, 10);
  CHECK(drive.seen(ours).send_completions == 0);
  drive.until("the send is over", [&] { return !drive.seen(ours).is_sending; });
  CHECK(drive.seen(ours).send_result.what == port::error::reset);
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).send_completions == 1);
}

PORT_TEST("the error is sticky: a receive behind a failed send fails too") {
  auto [raw, ours] = drive.connect_raw();
  raw.reset();
  drive.pump_for(std::chrono::milliseconds(20));
  for (int round = 0; round < 3; ++round) {
    drive.push(ours, 10);
    drive.until("the send is over", [&] { return !drive.seen(ours).is_sending; });
    CHECK(drive.seen(ours).send_result.what == port::error::reset);
    drive.receive(ours);
    drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
    CHECK(drive.seen(ours).receive_result.what == port::error::reset);
  }
}

PORT_TEST("the error is sticky: a send behind a failed receive fails too") {
  auto [raw, ours] = drive.connect_raw();
  drive.receive(ours);
  raw.reset();
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  drive.push(ours, 10);
  drive.until("the send is over", [&] { return !drive.seen(ours).is_sending; });
  CHECK(drive.seen(ours).send_result.what == port::error::reset);
}

PORT_TEST("a failing submit is dequeued without waiting", "[case-12]") {
  auto [raw, ours] = drive.connect_raw();
  raw.reset();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.push(ours, 10);
  drive.receive(ours);
  const auto begun = std::chrono::steady_clock::now();
  drive.until("both are over", [&] {
    const account now = drive.seen(ours);
    return !now.is_sending && now.is_receive_over();
  });
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}

PORT_TEST("bytes that wait behind a send error are received first", "[case-11]") {
  if (!facts().keeps_bytes_behind_reset)
    return skip(facts().keeps_bytes_behind_reset.missing_because);
  auto [raw, ours] = drive.connect_raw();
  drive.keep_receiving(ours);
  drive.push(ours, endless);
  drive.until_full(ours);
  CHECK(send_pattern(raw, 0, 40'000) == 40'000);
  raw.reset();
  drive.until("both are over", [&] {
    const account now = drive.seen(ours);
    return now.is_receive_over() && now.send_result.failed();
  });
  CHECK(drive.seen(ours).received == 40'000);
  CHECK(drive.seen(ours).received_when_send_failed == 40'000);
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a send that fails at once lets the receive in flight have its bytes first",
          "[case-11]") {
  if (!facts().keeps_bytes_behind_reset)
    return skip(facts().keeps_bytes_behind_reset.missing_because);
  auto [raw, ours] = drive.connect_raw();
  drive.keep_receiving(ours);
  CHECK(send_pattern(raw, 0, 40'000) == 40'000);
  raw.reset();
  drive.push(ours, 10);
  drive.until("both are over", [&] {
    const account now = drive.seen(ours);
    return now.is_receive_over() && now.send_result.failed();
  });
  CHECK(drive.seen(ours).send_result.what == port::error::reset);
  CHECK(drive.seen(ours).received == 40'000);
  CHECK(drive.seen(ours).received_when_send_failed == 40'000);
}

PORT_TEST("bytes that wait behind a reset are received before the error") {
  if (!facts().keeps_bytes_behind_reset)
    return skip(facts().keeps_bytes_behind_reset.missing_because);
  auto [raw, ours] = drive.connect_raw();
  CHECK(send_pattern(raw, 0, 5'000) == 5'000);
  raw.reset();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.keep_receiving(ours);
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).received == 5'000);
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a reset behind our own finish is an error, not an end") {
  auto [raw, ours] = drive.connect_raw();
  drive.finish_when_sent(ours);
  drive.keep_receiving(ours);
  drive.pump_for(std::chrono::milliseconds(20));
  raw.reset();
  drive.until("the receive is over", [&] { return drive.seen(ours).is_receive_over(); });
  CHECK(drive.seen(ours).receive_result.what == port::error::reset);
}

PORT_TEST("a reset behind a genuine end does not undo it") {
  auto [raw, ours] = drive.connect_raw();
  drive.keep_receiving(ours);
  raw.shutdown_send();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  drive.push(ours, endless);
  drive.until_full(ours);
  raw.reset();
  drive.until("the send has failed", [&] { return drive.seen(ours).send_result.failed(); });
  CHECK(drive.seen(ours).send_result.what == port::error::reset);
  CHECK(drive.seen(ours).receive_completions == 1);
}

PORT_TEST("shutdown_send on a reset connection returns what went wrong", "[case-20]") {
  auto [raw, ours] = drive.connect_raw();
  raw.reset();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.finish_when_sent(ours);
  CHECK(ours.has_finished);
  if (!facts().shutdown_sees_reset) return skip(facts().shutdown_sees_reset.missing_because);
  CHECK(ours.finish_result.failed());
}

PORT_TEST("connecting succeeds with one completion") {
  auto listening = drive.raw_listen(loopback());
  auto& ours = drive.connect(listening.local());
  CHECK(drive.seen(ours).connect_completions == 0);
  drive.until("it is connected", [&] { return !drive.seen(ours).is_connecting; });
  CHECK(!drive.seen(ours).connect_result.failed());
  auto peer = listening.accept();
  drive.push(ours, 3'000);
  drive.finish_when_sent(ours);
  const reading all = drive.meanwhile("the peer reads all", [&] { return read_pattern(peer); });
  CHECK(all.bytes == 3'000);
  CHECK(drive.seen(ours).connect_completions == 1);
}

PORT_TEST("connecting where nobody listens is refused with one completion") {
  endpoint closed;
  {
    const auto briefly = drive.raw_listen(loopback());
    closed = briefly.local();
  }
  auto& ours = drive.connect(closed);
  CHECK(drive.seen(ours).connect_completions == 0);
  drive.until("it has failed", [&] { return !drive.seen(ours).is_connecting; });
  CHECK(drive.seen(ours).connect_result.what == port::error::refused);
  drive.pump_for(std::chrono::milliseconds(50));
  CHECK(drive.seen(ours).connect_completions == 1);
}

PORT_TEST("a connect that fails at once fails through dequeue only, once, and can be closed") {
  endpoint nowhere;
  nowhere.address = {255, 255, 255, 255};  // TCP connects to no broadcast address
  nowhere.tcp_port = 9;
  auto& ours = drive.connect(nowhere);
  CHECK(drive.seen(ours).connect_completions == 0);
  drive.until("it has failed", [&] { return !drive.seen(ours).is_connecting; });
  CHECK(drive.seen(ours).connect_result.failed());
  drive.cancel_receive(ours);
  drive.cancel_send(ours);
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).connect_completions == 1);
  drive.close(ours, port::close_mode::orderly);
}

}  // namespace
}  // namespace lastbyte::test
