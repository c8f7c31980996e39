// The send queue against the simplest thing that can be true: a string of what must come out.
#include "core/send_queue.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "core/block_supply.hpp"
#include "fuzz/input.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

constexpr std::uint32_t capacity = 24;
constexpr std::size_t most_slices = 8;

class queue_beside_text {
 public:
  void push(std::uint8_t how) {
    const std::string bytes = fresh(1 + how % capacity);
    queue_.push(supply_.make(bytes));
    expected_ += bytes;
    check();
  }

  void grow(std::uint8_t how) {
    const auto room = queue_.spare();
    const std::string bytes = fresh(std::min<std::size_t>(room.size(), how));
    if (bytes.empty()) return;
    std::ranges::transform(bytes, room.begin(), [](char c) { return static_cast<std::byte>(c); });
    queue_.grow_back(static_cast<std::uint32_t>(bytes.size()));
    expected_ += bytes;
    check();
  }

  void send(std::uint8_t how) {
    const std::size_t count = expected_.size() * how / UINT8_MAX;
    queue_.mark_sent(count);
    expected_.erase(0, count);
    check();
  }

  void give_back_sent() {
    while (block* sent = queue_.pop_sent()) {
      demand(sent->size == 0, "a block was given back with bytes still to send");
      sent->owner->give_back(*sent);
    }
    if (expected_.empty()) demand(supply_.outstanding() == 0, "all was sent, not all came back");
    check();
  }

  // The end: all memory comes back, and the bytes stay unsent.
  void abandon() {
    while (block* any = queue_.pop_abandoned()) any->owner->give_back(*any);
    demand(supply_.outstanding() == 0, "not every block came back");
    demand(queue_.footprint() == 0, "memory without a block");
    demand(queue_.size() == expected_.size(), "abandoned bytes are not unsent ones");
    demand(queue_.spare().empty() && queue_.pop_sent() == nullptr, "something is left");
  }

 private:
  // Bytes that tell where in the stream they belong.
  std::string fresh(std::size_t count) {
    std::string bytes(count, '\0');
    for (char& each : bytes) each = static_cast<char>(made_++);
    return bytes;
  }

  void check() const {
    demand(queue_.size() == expected_.size(), "size() is not what is still to be sent");
    demand(queue_.empty() == expected_.empty(), "empty() is not size() == 0");
    demand(queue_.footprint() ==
               static_cast<std::uint64_t>(supply_.outstanding()) * std::uint64_t{capacity},
           "footprint() is not the memory of its blocks");
    std::array<std::span<const std::byte>, most_slices> slices;
    const std::size_t count = queue_.gather(slices);
    demand(count <= slices.size(), "more slices than fit");
    std::string gathered;
    for (std::size_t i = 0; i < count; ++i) {
      demand(!slices[i].empty(), "a slice of nothing");
      gathered.append(reinterpret_cast<const char*>(slices[i].data()), slices[i].size());
    }
    demand(expected_.starts_with(gathered), "the bytes came out in another order");
    demand(count == slices.size() || gathered == expected_, "gathering forgot some bytes");
  }

  test::block_supply supply_{capacity};
  core::send_queue queue_;
  std::string expected_;
  std::uint8_t made_ = 0;
};

}  // namespace

void send_queue(std::span<const std::uint8_t> bytes) {
  input from(bytes);
  queue_beside_text both;
  while (!from.empty()) {
    const std::uint8_t what = from.byte();
    switch (what % 4) {
      case 0: both.push(from.byte()); break;
      case 1: both.grow(from.byte()); break;
      case 2: both.send(from.byte()); break;
      default: both.give_back_sent(); break;
    }
  }
  both.abandon();
}

}  // namespace lastbyte::fuzz
