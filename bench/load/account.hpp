// What became of the connections and their bytes, as the client saw it.
//
// The rule: every byte that was sent is in exactly one column: sent = echoed + lost + unanswered + cut,
// where echoed does not count the surplus of a server that sends what nobody asked for.
// The columns are those of the server's own report: its sent is our echoed, its unanswered is ours.
// Not here: whether that is good or bad (verdict.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lastbyte/ending.hpp>
#include <lastbyte/handler.hpp>

namespace lastbyte::load {

// How a connection ended, seen from the client.
enum class observed : std::uint8_t {
  client_first,   // clean, and our end of stream came before the server's
  server_first,   // clean, and the server's came before ours
  cut_by_us,      // reset, as --ending reset asks
  failed,         // anything else: the cause says what
  not_connected,  // it was never open
};
inline constexpr std::size_t observed_count = 5;
[[nodiscard]] std::string_view to_string(observed how) noexcept;

[[nodiscard]] observed observe(ending cause, bool is_reset_asked) noexcept;

// Units: connections; bytes of payload. Totals over all ended connections.
struct account {
  std::array<std::uint64_t, observed_count> by_observed{};
  std::array<std::uint64_t, ending_count> by_cause{};
  std::uint64_t unproven = 0;  // connections that ended without the kernel's witness

  std::uint64_t sent = 0;          // taken by our kernel
  std::uint64_t acknowledged = 0;  // by the server's TCP, as far as is known
  std::uint64_t unknown = 0;       // connections of which `acknowledged` is not known
  std::uint64_t echoed = 0;        // came back
  std::uint64_t wrong = 0;         // of these: not the byte that belongs there
  std::uint64_t surplus = 0;       // of these: more than was sent
  std::uint64_t lost = 0;          // sent, and never came back
  std::uint64_t unanswered = 0;    // the same, where the server had finished first and cleanly
  std::uint64_t cut = 0;           // the same, where we reset the connection on purpose
  std::uint64_t unsent = 0;        // never left our queue; not part of `sent`

  // Adds a connection that has ended.
  // @param is_reset_asked: whether app_abort is what was to happen to it.
  void add(const ending_report& how, std::uint64_t wrong_bytes, bool is_reset_asked) noexcept;
  void merge(const account& other) noexcept;

  [[nodiscard]] std::uint64_t count(observed how) const noexcept {
    return by_observed[static_cast<std::size_t>(how)];
  }
  [[nodiscard]] std::uint64_t count(ending cause) const noexcept {
    return by_cause[static_cast<std::size_t>(cause)];
  }
  // Connections that were open once.
  [[nodiscard]] std::uint64_t opened() const noexcept;
};

}  // namespace lastbyte::load
