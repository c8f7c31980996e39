#include "load/session.hpp"

#include <algorithm>
#include <bit>

namespace lastbyte::load {
namespace {

// Far apart for neighbours, so that a byte that strays into another connection doesn't fit there.
std::uint64_t seed_of(std::uint32_t index, std::uint32_t incarnation) noexcept {
  std::uint64_t mixed = (std::uint64_t{index} << 32U | incarnation) + 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

}  // namespace

void session::begin(std::uint32_t index, std::uint32_t message_bytes,
                    std::uint64_t now_ns) noexcept {
  begun_ns = now_ns;
  sent = 0;
  received = 0;
  next_boundary = message_bytes;
  head = 0;
  tail = 0;
  wrong = 0;
  bytes = protocol::pattern(seed_of(index, incarnation++));
}

bool session::take_wrong(std::uint64_t position, std::span<const std::byte> arrived,
                         wrong_byte& first) noexcept {
  const bool is_first = wrong == 0;
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    const std::uint64_t at = position + i;
    const bool is_surplus = at >= sent;
    const std::byte expected = bytes.at(at);
    if (!is_surplus && arrived[i] == expected) continue;
    if (wrong++ == 0) first = {0, at, expected, arrived[i], is_surplus};
  }
  return is_first && wrong != 0;
}

session_table::session_table(std::uint32_t count, std::uint32_t pipeline, std::uint64_t requests)
    : size_(count), all_(std::make_unique<session[]>(count)) {
  // A ring fills whole cache lines: its neighbour's thread writes as often as its own.
  const std::uint32_t ring = pipeline == 1 ? 1 : std::max(8U, std::bit_ceil(pipeline));
  if (ring > 1) stamps_ = std::make_unique<std::uint64_t[]>(std::size_t{count} * ring);
  for (std::uint32_t i = 0; i < count; ++i) {
    session& each = all_[i];
    each.stamps = ring == 1 ? &each.own_stamp : stamps_.get() + std::size_t{i} * ring;
    each.mask = ring - 1;
    each.budget = requests == 0 ? UINT64_MAX : requests / count + (i < requests % count ? 1 : 0);
  }
}

}  // namespace lastbyte::load
