// A connection's ledger while it lives: the same columns, in as few bytes as they need.
//
// Not here: what the columns mean (lastbyte/ledger.hpp), the laws that they obey (laws.hpp).
#pragma once

#include <cstdint>
#include <optional>

#include <lastbyte/ledger.hpp>

namespace lastbyte::core {

// A number of bytes, or the knowledge that nobody knows it.
class known_bytes {
 public:
  constexpr known_bytes() = default;
  constexpr known_bytes(std::uint64_t count) noexcept : count_(count) {}  // NOLINT(*-explicit-*)
  constexpr known_bytes(std::optional<std::uint64_t> count) noexcept      // NOLINT(*-explicit-*)
      : count_(count.value_or(unknown)) {}

  [[nodiscard]] constexpr std::uint64_t value_or(std::uint64_t otherwise) const noexcept {
    return count_ == unknown ? otherwise : count_;
  }
  [[nodiscard]] constexpr std::optional<std::uint64_t> told() const noexcept {
    return count_ == unknown ? std::nullopt : std::optional(count_);
  }

 private:
  static constexpr std::uint64_t unknown = ~std::uint64_t{0};
  std::uint64_t count_ = unknown;
};

// Units: bytes.
struct account {
  std::uint64_t received = 0;
  std::uint64_t delivered = 0;
  std::uint64_t discarded = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t queued = 0;
  std::uint64_t refused = 0;
  std::uint64_t sent = 0;
  known_bytes acknowledged;
  known_bytes unread;

  // @param unsent: what the send queue holds, by its own count.
  [[nodiscard]] constexpr ledger told(std::uint64_t unsent, bool close_asked) const noexcept {
    ledger all;
    all.received = received;
    all.delivered = delivered;
    all.discarded = discarded;
    all.unanswered = unanswered;
    all.unread = unread.told();
    all.close_asked = close_asked;
    all.queued = queued;
    all.refused = refused;
    all.sent = sent;
    all.unsent = unsent;
    all.acknowledged = acknowledged.told();
    return all;
  }
};

}  // namespace lastbyte::core
