// The account of a whole server: how many connections ended how, and what became of their bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <lastbyte/ending.hpp>
#include <lastbyte/endpoint.hpp>

namespace lastbyte {

// Units: bytes; connections. Totals over all ended connections.
struct server_report {
  std::uint64_t accepted = 0;
  std::uint64_t open = 0;  // not ended yet
  std::array<std::uint64_t, ending_count> endings{};
  std::array<std::uint64_t, ending_count> unproven{};  // of these, without the kernel's witness

  std::uint64_t received = 0;
  std::uint64_t delivered = 0;
  std::uint64_t discarded = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t unread = 0;
  std::uint64_t queued = 0;
  std::uint64_t refused = 0;
  std::uint64_t sent = 0;
  std::uint64_t unsent = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t lost_out = 0;
  std::uint64_t lost_in = 0;
  std::uint64_t unknown_out = 0;  // connections whose lost_out can't be known
  std::uint64_t unknown_in = 0;   // connections whose lost_in can't be known

  std::uint64_t accept_failures = 0;  // there were no resources for another connection
  std::uint64_t quarantined = 0;      // connections whose cancelled operations have not come back

  // Of the quiesce, once it is over.
  std::uint64_t quiesced = 0;    // connections that were open when it began, or came after
  std::uint32_t quiesce_ms = 0;  // until the last connection and the last listener were closed
  std::uint32_t slowest_ms = 0;  // the connection that ended last
  std::optional<endpoint> slowest_peer;

  [[nodiscard]] std::uint64_t ended(ending cause) const noexcept {
    return endings[static_cast<std::size_t>(cause)];
  }
  // Whether quiesce cut somebody off, or left something behind.
  [[nodiscard]] bool cut_something() const noexcept {
    return ended(ending::server_deadline) != 0 || quarantined != 0 || open != 0;
  }
};

}  // namespace lastbyte
