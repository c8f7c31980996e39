#include "port_test.hpp"

#include <array>

#include "raw_peer.hpp"

namespace lastbyte::test {
namespace {

PORT_TEST("a small echo comes back and ends") {
  auto [client, server] = drive.connect_pair();
  drive.echo(server);
  drive.keep_receiving(client);
  drive.push(client, 14);
  drive.until("14 bytes are back", [&] { return drive.seen(client).received == 14; });
  drive.finish_when_sent(client);
  drive.until("both have ended",
              [&] { return drive.seen(client).has_ended && drive.seen(server).has_ended; });
}

PORT_TEST("an echo of many megabytes comes back whole") {
  constexpr std::uint64_t bytes = 24U << 20;
  auto [client, server] = drive.connect_pair();
  drive.echo(server);
  drive.keep_receiving(client);
  drive.push(client, bytes);
  drive.finish_when_sent(client);
  drive.until("the echo has ended", [&] { return drive.seen(client).has_ended; });
  CHECK(drive.seen(client).received == bytes);
  CHECK(drive.seen(server).sent == bytes);
}

PORT_TEST("both directions at once carry different streams whole") {
  constexpr std::uint64_t bytes = 8U << 20;
  auto [client, server] = drive.connect_pair();
  server.out.from = 4'711;
  drive.expect_from(client, 4'711);
  for (auto* each : {&client, &server}) {
    drive.keep_receiving(*each);
    drive.push(*each, bytes);
    drive.finish_when_sent(*each);
  }
  drive.until("both have ended",
              [&] { return drive.seen(client).has_ended && drive.seen(server).has_ended; });
  CHECK(drive.seen(client).received == bytes);
  CHECK(drive.seen(server).received == bytes);
}

PORT_TEST("gathered sends of 1, 2 and the most slices arrive in order", "[case-22]") {
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, port::max_slices}) {
    auto [client, server] = drive.connect_pair();
    client.out.slices_per_send = count;
    client.out.slice_bytes = 1'013;
    drive.keep_receiving(server);
    drive.push(client, 500'000);
    drive.finish_when_sent(client);
    drive.until("the stream has ended", [&] { return drive.seen(server).has_ended; });
    CHECK(drive.seen(server).received == 500'000);
    CHECK(drive.seen(client).send_completions >= 500'000 / (count * 1'013));
  }
}

PORT_TEST("slices of very different sizes arrive in order") {
  auto [client, server] = drive.connect_pair();
  drive.keep_receiving(server);
  const std::array<port::slice, 4> slices{pattern_at(0, 1), pattern_at(1, 70'000),
                                          pattern_at(70'001, 2), pattern_at(70'003, 300)};
  drive.send_once(client, slices);
  drive.until("the send is done", [&] { return !drive.seen(client).is_sending; });
  const auto sent = drive.seen(client).sent;
  drive.until("what was sent is there", [&] { return drive.seen(server).received == sent; });
  CHECK(sent == 70'303);  // an empty path takes this much
}

PORT_TEST("a send that finds the path full goes on when the peer reads") {
  constexpr std::uint64_t bytes = 64U << 20;
  auto [raw, ours] = drive.connect_raw();
  ours.out.slices_per_send = 3;
  drive.push(ours, bytes);
  drive.until_full(ours);
  CHECK(drive.seen(ours).sent < bytes);
  drive.finish_when_sent(ours);
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.bytes == bytes);
  CHECK(all.wrong == 0);
  CHECK(all.end == raw_end::end_of_stream);
}

PORT_TEST("a path that fills and empties many times loses nothing") {
  constexpr std::uint64_t bytes = 48U << 20;
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, bytes);
  drive.finish_when_sent(ours);
  std::uint64_t received = 0;
  for (int round = 0; round < 3; ++round) {
    drive.until_full(ours);
    const reading some = drive.meanwhile("the peer reads some", [&peer = raw, received] {
      return read_pattern(peer, received, 1U << 20);
    });
    REQUIRE(some.wrong == 0);
    received += some.bytes;
  }
  const reading rest = drive.meanwhile(
      "the peer reads the rest", [&peer = raw, received] { return read_pattern(peer, received); });
  CHECK(received + rest.bytes == bytes);
  CHECK(rest.wrong == 0);
  CHECK(rest.end == raw_end::end_of_stream);
}

PORT_TEST("two full paths against each other both drain once both read", "[case-10]") {
  constexpr std::uint64_t bytes = 48U << 20;
  auto [client, server] = drive.connect_pair();
  for (auto* each : {&client, &server}) {
    drive.push(*each, bytes);
    drive.until_full(*each);
    drive.finish_when_sent(*each);
  }
  drive.keep_receiving(client);
  drive.keep_receiving(server);
  drive.until("both have ended",
              [&] { return drive.seen(client).has_ended && drive.seen(server).has_ended; });
  CHECK(drive.seen(client).received == bytes);
  CHECK(drive.seen(server).received == bytes);
}

PORT_TEST("a gathered send in flight needs its bytes, not its array") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 64U << 20);
  drive.until_full(ours);
  drive.cancel_send(ours);
  drive.until("the send has ended", [&] { return !drive.seen(ours).is_sending; });
  const auto before = drive.seen(ours).sent;
  {
    std::array<port::slice, 2> brief{pattern_at(before, 900), pattern_at(before + 900, 100)};
    drive.send_once(ours, brief);
    brief.fill({});
  }
  drive.finish_when_sent(ours);
  drive.push(ours, 100'000);
  const reading all =
      drive.meanwhile("the peer reads all", [&peer = raw] { return read_pattern(peer); });
  CHECK(all.wrong == 0);
  CHECK(all.bytes == drive.seen(ours).sent);
}

PORT_TEST("closing orderly delivers what the kernel still holds, then the end") {
  auto [raw, ours] = drive.connect_raw();
  drive.push(ours, 200'000);
  drive.until("all is taken", [&] { return drive.seen(ours).sent == 200'000; });
  drive.close(ours, port::close_mode::orderly);
  const reading all = read_pattern(raw);
  CHECK(all.bytes == 200'000);
  CHECK(all.wrong == 0);
  CHECK(all.end == raw_end::end_of_stream);
}

PORT_TEST("closing with a reset resets the peer") {
  auto [raw, ours] = drive.connect_raw();
  drive.close(ours, port::close_mode::reset);
  const reading all = read_pattern(raw);
  CHECK(all.bytes == 0);
  if (!facts().shows_reset_to_peer) return skip(facts().shows_reset_to_peer.missing_because);
  CHECK(all.end == raw_end::reset);
}

}  // namespace
}  // namespace lastbyte::test
