// The handlers that ship, on a connection of the test's own: its members are defined here, so this
// suite links no server.
#include <algorithm>
#include <string>
#include <vector>

#include "protocol/chargen.hpp"
#include "protocol/discard.hpp"
#include "protocol/echo.hpp"
#include "support/catch.hpp"

namespace lastbyte {
namespace {

constexpr std::uint64_t high_mark = 100'000;

struct recorded_connection final : connection {
  std::string sent;
  std::uint64_t in_queue = 0;
  std::uint64_t word = 0;
  int sends = 0;
  int closes = 0;
};

recorded_connection& recorded(connection& one) { return static_cast<recorded_connection&>(one); }
const recorded_connection& recorded(const connection& one) {
  return static_cast<const recorded_connection&>(one);
}

struct counting_owner final : block_owner {
  int returned = 0;
  void give_back(block&) noexcept override { ++returned; }
};

}  // namespace

std::error_code connection::send(buffer bytes) {
  return send(std::span(std::as_const(bytes).bytes()));
}
std::error_code connection::send(std::span<const std::byte> bytes) {
  auto& self = recorded(*this);
  if (self.closes != 0) return std::make_error_code(std::errc::broken_pipe);
  self.sent.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  self.in_queue += bytes.size();
  ++self.sends;
  return {};
}
void connection::close() noexcept { ++recorded(*this).closes; }
bool connection::above_high_mark() const noexcept { return recorded(*this).in_queue > high_mark; }
std::uint64_t& connection::user_word() noexcept { return recorded(*this).word; }

namespace protocol {
namespace {

// A buffer over `text`, whose memory must stay.
struct received {
  explicit received(std::string bytes) : text(std::move(bytes)) {
    header.storage = header.begin = reinterpret_cast<std::byte*>(text.data());
    header.size = header.capacity = static_cast<std::uint32_t>(text.size());
    header.owner = &owner;
  }
  buffer take() { return buffer(&header); }

  std::string text;
  block header;
  counting_owner owner;
};

TEST_CASE("echo sends back what arrives") {
  recorded_connection peer;
  received bytes("this is a test");
  echo serving;
  serving.on_receive(peer, bytes.take());
  CHECK(peer.sent == "this is a test");
  CHECK(peer.closes == 0);
  CHECK(bytes.owner.returned == 1);
}

TEST_CASE("echo ends when the peer has finished") {
  recorded_connection peer;
  echo().on_end_of_stream(peer);
  CHECK(peer.closes == 1);
}

TEST_CASE("echo with finish_after answers whole the buffer that crosses it, then closes") {
  recorded_connection peer;
  echo serving(20);
  received first("this is a test");
  received second("this is a test");
  serving.on_receive(peer, first.take());
  CHECK(peer.closes == 0);
  serving.on_receive(peer, second.take());
  CHECK(peer.sent == "this is a testthis is a test");
  CHECK(peer.closes == 1);
}

TEST_CASE("echo with finish_after closes when a buffer ends exactly there") {
  recorded_connection peer;
  received bytes("four");
  echo(4).on_receive(peer, bytes.take());
  CHECK(peer.sent == "four");
  CHECK(peer.closes == 1);
}

TEST_CASE("discard gives the memory back and says nothing") {
  recorded_connection peer;
  received bytes("anything");
  discard().on_receive(peer, bytes.take());
  CHECK(peer.sends == 0);
  CHECK(bytes.owner.returned == 1);
}

TEST_CASE("chargen stops at the high mark and goes on at the low one") {
  recorded_connection peer;
  chargen serving(1'000'000);
  serving.on_open(peer);
  CHECK(peer.in_queue > high_mark);
  CHECK(peer.in_queue <= high_mark + 16'384);
  while (peer.closes == 0) {
    peer.in_queue = 0;
    serving.on_send_low(peer);
    CHECK(peer.in_queue <= high_mark + 16'384);
  }
  CHECK(peer.sent.size() == 1'000'000);
  CHECK(pattern().matches(0, std::as_bytes(std::span(peer.sent))));
}

TEST_CASE("chargen keeps its promise to a peer that finished first") {
  recorded_connection peer;
  chargen serving(200'000);
  serving.on_open(peer);
  serving.on_end_of_stream(peer);
  CHECK(peer.closes == 0);
  peer.in_queue = 0;
  serving.on_send_low(peer);
  CHECK(peer.sent.size() == 200'000);
  CHECK(peer.closes == 1);
}

TEST_CASE("chargen sends nothing more once the connection is ending") {
  recorded_connection peer;
  chargen serving(1'000'000);
  serving.on_open(peer);
  peer.close();
  const std::size_t before = peer.sent.size();
  peer.in_queue = 0;
  serving.on_send_low(peer);  // must return although the queue stays empty
  CHECK(peer.sent.size() == before);
}

TEST_CASE("the pattern is the same byte by byte, by run and by fill") {
  const pattern bytes(77);
  const auto start =
      GENERATE(as<std::uint64_t>{}, 0, 1, 65'520, 65'521, 1ULL << 40U, UINT64_MAX - 100'000);
  std::vector<std::byte> filled(70'000);
  bytes.fill(start, filled);
  CHECK(std::ranges::equal(bytes.run(start, 10),
                           std::span(filled).first(bytes.run(start, 10).size())));
  const bool same = std::ranges::all_of(
      filled, [&, at = start](std::byte one) mutable { return one == bytes.at(at++); });
  CHECK(same);
  CHECK(bytes.matches(start, filled));
  CHECK(bytes.matching_prefix(start, filled) == filled.size());
}

TEST_CASE("the pattern finds a wrong, a lost and a doubled byte") {
  const pattern bytes;
  std::vector<std::byte> stream(200'000);
  bytes.fill(0, stream);
  const auto at = GENERATE(as<std::size_t>{}, 1, 65'520, 65'521, 131'072, 199'000);
  auto wrong = stream;
  wrong[at] ^= std::byte{1};
  CHECK_FALSE(bytes.matches(0, wrong));
  CHECK(bytes.matching_prefix(0, wrong) == at);
  auto lost = stream;
  lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(at));
  CHECK(bytes.matching_prefix(0, lost) < at + 8);
  auto doubled = stream;
  doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(at), stream[at]);
  CHECK(bytes.matching_prefix(0, doubled) < at + 8);
}

TEST_CASE("the pattern has no shorter period and uses every byte value about equally") {
  std::vector<std::byte> one(pattern_period);
  pattern().fill(0, one);
  std::array<int, 256> seen{};
  for (const std::byte value : one) ++seen[static_cast<std::size_t>(value)];
  CHECK(*std::ranges::min_element(seen) > 150);
  CHECK(*std::ranges::max_element(seen) < 380);
  for (const std::size_t shift : {1U, 64U, 1'024U, 4'096U, 16'384U, 32'768U, 65'520U}) {
    CHECK(pattern(shift).matching_prefix(0, one) < 8);
  }
}

}  // namespace
}  // namespace protocol
}  // namespace lastbyte
