#include "core/send_queue.hpp"

#include <array>
#include <string>

#include "block_supply.hpp"
#include "support/catch.hpp"

using lastbyte::block;
using lastbyte::core::send_queue;
using lastbyte::test::block_supply;

namespace {

std::string front_text(const send_queue& queue) {
  std::array<std::span<const std::byte>, 16> slices;
  const std::size_t count = queue.gather(slices);
  std::string all;
  for (std::size_t i = 0; i < count; ++i) {
    all.append(reinterpret_cast<const char*>(slices[i].data()), slices[i].size());
  }
  return all;
}

}  // namespace

TEST_CASE("an empty send queue has nothing to gather and nothing to give back") {
  send_queue queue;
  CHECK(queue.empty());
  CHECK(front_text(queue).empty());
  CHECK(queue.pop_sent() == nullptr);
  CHECK(queue.pop_abandoned() == nullptr);
  CHECK(queue.spare().empty());
}

TEST_CASE("a partial send leaves the rest in order, and gives back only whole blocks") {
  block_supply supply;
  send_queue queue;
  block& first = supply.make("abc");
  block& second = supply.make("defg");
  queue.push(first);
  queue.push(second);
  CHECK(queue.size() == 7);
  CHECK(queue.footprint() == 32);

  for (std::size_t sent = 0; sent <= 7; ++sent) {
    CHECK(front_text(queue) == std::string("abcdefg").substr(sent));
    if (sent == 2) CHECK(queue.pop_sent() == nullptr);
    if (sent == 3) {
      CHECK(queue.pop_sent() == &first);
      CHECK(queue.pop_sent() == nullptr);
      CHECK(queue.footprint() == 16);
    }
    if (sent < 7) queue.mark_sent(1);
  }
  CHECK(queue.empty());
  CHECK(queue.pop_sent() == &second);
  CHECK(queue.footprint() == 0);
}

TEST_CASE("one send that covers several blocks gives back all of them") {
  block_supply supply;
  send_queue queue;
  for (const char* text : {"a", "bc", "def"}) queue.push(supply.make(text));
  queue.mark_sent(4);
  CHECK(front_text(queue) == "ef");
  int returned = 0;
  while (queue.pop_sent() != nullptr) ++returned;
  CHECK(returned == 2);
}

TEST_CASE("what a block was linked to before it was queued is not sent") {
  block_supply supply;
  send_queue queue;
  block& first = supply.make("ab");
  first.next = &supply.make("of somebody else");
  queue.push(first);
  CHECK(front_text(queue) == "ab");
  queue.mark_sent(2);
  CHECK(queue.pop_sent() == &first);
  CHECK(queue.empty());
}

TEST_CASE("gathering stops at the number of slices that fit") {
  block_supply supply;
  send_queue queue;
  for (const char* text : {"a", "b", "c"}) queue.push(supply.make(text));
  std::array<std::span<const std::byte>, 2> two;
  CHECK(queue.gather(two) == 2);
}

TEST_CASE("a block of which nothing is left to send is not offered again, popped or not") {
  block_supply supply;
  send_queue queue;
  queue.push(supply.make("abc"));
  queue.push(supply.make("de"));
  queue.mark_sent(3);
  std::array<std::span<const std::byte>, 4> slices;
  REQUIRE(queue.gather(slices) == 1);
  CHECK(slices[0].size() == 2);
}

TEST_CASE("bytes grow into the spare room behind the last byte, also after a partial send") {
  block_supply supply(8);
  send_queue queue;
  queue.push(supply.make("abcd"));
  queue.mark_sent(2);
  REQUIRE(queue.spare().size() == 4);
  queue.spare()[0] = std::byte{'e'};
  queue.grow_back(1);
  CHECK(queue.size() == 3);
  CHECK(front_text(queue) == "cde");

  // All of it.
  for (auto& each : queue.spare()) each = std::byte{'f'};
  queue.grow_back(3);
  CHECK(front_text(queue) == "cdefff");
  CHECK(queue.spare().empty());
}

TEST_CASE("abandoned blocks come back, and their bytes stay unsent") {
  block_supply supply;
  send_queue queue;
  queue.push(supply.make("abc"));
  queue.push(supply.make("de"));
  queue.mark_sent(1);
  while (block* any = queue.pop_abandoned()) any->owner->give_back(*any);
  CHECK(supply.outstanding() == 0);
  CHECK(queue.size() == 4);
}
