// The laws of the ledger: what goes in must come out, each term counted at a different place.
//
// `received` is counted where a completion arrives, `delivered`, `discarded` and `unanswered` where its
// bytes go; `queued` where the handler sends, `sent` where a completion says so, and what is unsent is
// the send queue's own count. So the laws can fail, and every build checks them.
#pragma once

#include <cstdint>

namespace lastbyte::core {

// @param bytes: an account, or the ledger that was told of one.
template <class Columns>
[[nodiscard]] constexpr bool incoming_balances(const Columns& bytes) noexcept {
  return bytes.received == bytes.delivered + bytes.discarded + bytes.unanswered;
}

template <class Columns>
[[nodiscard]] constexpr bool outgoing_balances(const Columns& bytes,
                                               std::uint64_t in_queue) noexcept {
  return bytes.queued == bytes.sent + in_queue && bytes.acknowledged.value_or(0) <= bytes.sent;
}

}  // namespace lastbyte::core
