#include "port_test.hpp"

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

PORT_TEST("the peer finishes first and still gets every byte of the answer", "[case-1]") {
  auto [raw, ours] = drive.connect_raw();
  drive.echo(ours);
  CHECK(send_pattern(raw, 0, 100'000) == 100'000);
  raw.shutdown_send();
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.bytes == 100'000);
  CHECK(all.wrong == 0);
  CHECK(all.end == raw_end::end_of_stream);
  CHECK(drive.seen(ours).has_ended);
  CHECK(drive.seen(ours).is_end_proven == bool(facts().proves_end_of_stream));
}

PORT_TEST("we finish first and still receive every byte") {
  auto [raw, ours] = drive.connect_raw();
  drive.keep_receiving(ours);
  drive.push(ours, 1'000);
  drive.finish_when_sent(ours);
  const reading answer =
      drive.meanwhile("the peer reads", [&peer = raw] { return read_pattern(peer); });
  CHECK(answer.bytes == 1'000);
  CHECK(answer.end == raw_end::end_of_stream);
  CHECK(!drive.seen(ours).has_ended);

  CHECK(drive.meanwhile("the peer sends on",
                        [&peer = raw] { return send_pattern(peer, 0, 300'000); }) == 300'000);
  raw.shutdown_send();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).received == 300'000);
}

PORT_TEST("both finish at once and both see a genuine end", "[case-3]") {
  auto [client, server] = drive.connect_pair();
  for (auto* each : {&client, &server}) drive.keep_receiving(*each);
  for (auto* each : {&client, &server}) drive.finish_when_sent(*each);
  drive.until("both have ended",
              [&] { return drive.seen(client).has_ended && drive.seen(server).has_ended; });
  CHECK(!client.finish_result.failed());
  CHECK(!server.finish_result.failed());
}

PORT_TEST("an end of stream is told once, however long one waits") {
  auto [raw, ours] = drive.connect_raw();
  drive.keep_receiving(ours);
  raw.shutdown_send();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  drive.push(ours, 100'000);
  drive.pump_for(std::chrono::milliseconds(50));
  raw.close();
  drive.pump_for(std::chrono::milliseconds(50));
  CHECK(drive.seen(ours).receive_completions == 1);
}

PORT_TEST("bytes and a FIN that wait before the first receive are received") {
  auto& on = drive.listen();
  on.adopts = false;
  drive.accept(on);
  auto raw = drive.raw_connect(on.where);
  CHECK(send_pattern(raw, 0, 1'000) == 1'000);
  raw.shutdown_send();
  drive.until("it is accepted", [&] { return drive.accepted(on) == 1; });
  drive.pump_for(std::chrono::milliseconds(20));

  auto& ours = drive.add();
  drive.adopt(ours, on.waiting.at(0));
  on.waiting.clear();
  drive.pump_for(std::chrono::milliseconds(20));
  drive.keep_receiving(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).received == 1'000);
}

PORT_TEST("bytes and a FIN that come between adopting and receiving are received") {
  auto [raw, ours] = drive.connect_raw();
  CHECK(send_pattern(raw, 0, 100'000) == 100'000);
  raw.shutdown_send();
  drive.pump_for(std::chrono::milliseconds(20));
  CHECK(drive.seen(ours).received == 0);
  drive.keep_receiving(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).received == 100'000);
}

PORT_TEST("a FIN that waits behind exactly one full buffer is seen") {
  auto [raw, ours] = drive.connect_raw();
  CHECK(send_pattern(raw, 0, port::receive_block_bytes) == port::receive_block_bytes);
  raw.shutdown_send();
  drive.keep_receiving(ours);
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  CHECK(drive.seen(ours).received == port::receive_block_bytes);
}

PORT_TEST("a FIN is genuine while our own send is blocked") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 64U << 20);
  drive.until_full(ours);
  drive.keep_receiving(ours);
  raw.shutdown_send();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
  drive.finish_when_sent(ours);
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.bytes == 64U << 20);
  CHECK(all.end == raw_end::end_of_stream);
}

PORT_TEST("our own finish is no end of what we receive", "[case-2]") {
  auto [raw, ours] = drive.connect_raw();
  drive.finish_when_sent(ours);
  drive.keep_receiving(ours);
  drive.pump_for(std::chrono::milliseconds(50));
  CHECK(!drive.seen(ours).has_ended);
  raw.shutdown_send();
  drive.until("the stream has ended", [&] { return drive.seen(ours).has_ended; });
}

}  // namespace
}  // namespace lastbyte::test
