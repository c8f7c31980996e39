// A session: closed loop, verification by position, budgets.
#include "load/session.hpp"

#include <vector>

#include "support/catch.hpp"

using lastbyte::load::session;
using lastbyte::load::session_table;
using lastbyte::load::wrong_byte;

namespace {

constexpr std::uint32_t message = 100;

std::vector<std::byte> echo_of(const session& by, std::uint64_t position, std::size_t size) {
  std::vector<std::byte> bytes(size);
  by.bytes.fill(position, bytes);
  return bytes;
}

}  // namespace

TEST_CASE("messages come off in the order in which they were sent, once they are whole") {
  session_table table(1, 4, 0);
  session& one = table[0];
  one.begin(0, message, 0);
  one.push(2, message, 10);
  one.push(1, message, 20);
  CHECK(one.outstanding() == 3);

  wrong_byte first;
  std::vector<std::uint64_t> stamps;
  const auto note = [&](std::uint64_t stamp) { stamps.push_back(stamp); };
  CHECK_FALSE(one.take(echo_of(one, 0, 99), first));
  CHECK(one.pop_whole(message, note) == 0);
  CHECK_FALSE(one.take(echo_of(one, 99, 102), first));
  CHECK(one.pop_whole(message, note) == 2);
  CHECK_FALSE(one.take(echo_of(one, 201, 99), first));
  CHECK(one.pop_whole(message, note) == 1);
  CHECK(stamps == std::vector<std::uint64_t>{10, 10, 20});
  CHECK(one.outstanding() == 0);
  CHECK(one.wrong == 0);
}

TEST_CASE("the ring of stamps goes round as often as it must") {
  session_table table(2, 3, 0);
  session& one = table[1];
  one.begin(1, message, 0);
  one.push(3, message, 0);
  wrong_byte first;
  for (std::uint64_t round = 0; round < 1'000; ++round) {
    REQUIRE_FALSE(one.take(echo_of(one, round * message, message), first));
    std::uint64_t stamp = 0;
    REQUIRE(one.pop_whole(message, [&](std::uint64_t sent) { stamp = sent; }) == 1);
    REQUIRE(stamp == (round < 3 ? 0 : round - 2));
    one.push(1, message, round + 1);
  }
}

TEST_CASE("a wrong byte is counted, and the first one described") {
  session_table table(1, 1, 0);
  session& one = table[0];
  one.begin(0, message, 0);
  one.push(1, message, 0);
  auto bytes = echo_of(one, 0, message);
  const auto right = bytes[42];
  bytes[42] ^= std::byte{0x01};
  bytes[77] ^= std::byte{0x80};
  wrong_byte first;
  CHECK(one.take(bytes, first));
  CHECK(one.wrong == 2);
  CHECK(first.position == 42);
  CHECK(first.expected == right);
  CHECK(first.actual == (right ^ std::byte{0x01}));
  CHECK_FALSE(first.is_surplus);
}

TEST_CASE("only the first wrong byte of a connection is told") {
  session_table table(1, 2, 0);
  session& one = table[0];
  one.begin(0, message, 0);
  one.push(2, message, 0);
  wrong_byte first;
  std::vector<std::byte> bytes = echo_of(one, 0, 1);
  bytes[0] ^= std::byte{0xff};
  CHECK(one.take(bytes, first));
  bytes = echo_of(one, 1, 1);
  bytes[0] ^= std::byte{0xff};
  CHECK_FALSE(one.take(bytes, first));
  CHECK(one.wrong == 2);
}

TEST_CASE("bytes beyond what was sent are wrong, even if they go on with the pattern") {
  session_table table(1, 1, 0);
  session& one = table[0];
  one.begin(0, message, 0);
  one.push(1, message, 0);
  wrong_byte first;
  CHECK(one.take(echo_of(one, 0, message + 5), first));
  CHECK(one.wrong == 5);
  CHECK(first.position == message);
  CHECK(first.is_surplus);
}

TEST_CASE("a missing byte makes what follows wrong") {
  session_table table(1, 1, 0);
  session& one = table[0];
  one.begin(0, message, 0);
  one.push(1, message, 0);
  auto bytes = echo_of(one, 0, message);
  bytes.erase(bytes.begin() + 30);
  wrong_byte first;
  CHECK(one.take(bytes, first));
  CHECK(one.wrong > 50);
}

TEST_CASE("two sessions, and two connections of one session, send different bytes") {
  session_table table(2, 1, 0);
  table[0].begin(0, message, 0);
  table[1].begin(1, message, 0);
  const auto zero = echo_of(table[0], 0, message);
  CHECK(zero != echo_of(table[1], 0, message));
  table[0].begin(0, message, 0);
  CHECK(zero != echo_of(table[0], 0, message));
}

TEST_CASE("requests are spread over the sessions, none forgotten") {
  session_table table(3, 1, 11);
  CHECK(table[0].budget == 4);
  CHECK(table[1].budget == 4);
  CHECK(table[2].budget == 3);
}
