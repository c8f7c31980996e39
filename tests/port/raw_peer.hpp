// What plain sockets do with the pattern.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pattern.hpp"
#include "support/raw_socket.hpp"

namespace lastbyte::test {

/// Sends `bytes` of the pattern from `position` on. @return how many were taken.
template <class Raw>
std::uint64_t send_pattern(Raw& by, std::uint64_t position, std::uint64_t bytes) {
  std::uint64_t taken = 0;
  while (taken < bytes) {
    const auto next = pattern_at(position + taken, static_cast<std::size_t>(bytes - taken));
    const std::size_t now = by.send(next);
    taken += now;
    if (now < next.size()) break;
  }
  return taken;
}

struct reading {
  std::uint64_t bytes = 0;
  std::uint64_t wrong = 0;
  raw_end end = raw_end::none;
};

/// Receives until the end, or until `most` bytes are there.
template <class Raw>
reading read_pattern(Raw& by, std::uint64_t position = 0, std::uint64_t most = ~std::uint64_t{0}) {
  reading so_far;
  std::vector<std::byte> into(64U << 10);
  while (so_far.bytes < most) {
    const auto room = std::min<std::uint64_t>(into.size(), most - so_far.bytes);
    const auto now = by.receive(std::span(into).first(static_cast<std::size_t>(room)));
    so_far.end = now.end;
    if (now.end != raw_end::none) break;
    so_far.wrong += count_wrong(std::span(into).first(now.bytes), position + so_far.bytes);
    so_far.bytes += now.bytes;
  }
  return so_far;
}

}  // namespace lastbyte::test
