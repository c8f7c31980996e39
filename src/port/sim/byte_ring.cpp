#include "port/sim/byte_ring.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace lastbyte::port::sim {

void byte_ring::append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const auto held = static_cast<std::size_t>(end_ - begin_);
  if (held + bytes.size() > capacity_) grow(held + bytes.size());
  const std::size_t at = slot_of(end_);
  const std::size_t first = std::min(bytes.size(), capacity_ - at);
  std::memcpy(storage_.get() + at, bytes.data(), first);
  if (first < bytes.size()) {
    std::memcpy(storage_.get(), bytes.data() + first, bytes.size() - first);
  }
  end_ += bytes.size();
}

void byte_ring::copy(std::uint64_t position, std::span<std::byte> into) const noexcept {
  if (into.empty()) return;
  const std::size_t at = slot_of(position);
  const std::size_t first = std::min(into.size(), capacity_ - at);
  std::memcpy(into.data(), storage_.get() + at, first);
  if (first < into.size()) {
    std::memcpy(into.data() + first, storage_.get(), into.size() - first);
  }
}

void byte_ring::grow(std::size_t least) {
  constexpr std::size_t smallest = 1'024;
  const std::size_t wanted = std::bit_ceil(std::max(least, smallest));
  auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
  const auto held = static_cast<std::size_t>(end_ - begin_);
  for (std::size_t done = 0; done < held;) {
    const std::uint64_t position = begin_ + done;
    const std::size_t to = static_cast<std::size_t>(position) & (wanted - 1);
    const std::size_t count = std::min(held - done, wanted - to);
    copy(position, {larger.get() + to, count});
    done += count;
  }
  storage_ = std::move(larger);
  capacity_ = wanted;
}

}  // namespace lastbyte::port::sim
