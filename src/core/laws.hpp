// The laws of the ledger: what goes in must come out, each term counted at a different place.
//
// `received` is counted where a completion arrives, `delivered`, `discarded` and `unanswered` where its
// bytes go; `queued` where the handler sends, `sent` where a completion says so, and what is unsent is
// the send queue's own count. So the laws can fail, and every build checks them.
#pragma once

#include <cstdint>

#include <lastbyte/ledger.hpp>

namespace lastbyte::core {

[[nodiscard]] constexpr bool incoming_balances(const ledger& bytes) noexcept {
  return bytes.received == bytes.delivered + bytes.discarded + bytes.unanswered;
}

[[nodiscard]] constexpr bool outgoing_balances(const ledger& bytes,
                                               std::uint64_t in_queue) noexcept {
  return bytes.queued == bytes.sent + in_queue &&
         (!bytes.acknowledged || *bytes.acknowledged <= bytes.sent);
}

}  // namespace lastbyte::core
