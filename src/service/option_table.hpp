// The one table of options: flags, environment names, help, banner and --print-config come from it.
//
// The rule: an option is a row here and a member of settings, and nothing else. The default is the
// member's own, so it can't be said twice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/limits.hpp"
#include "service/settings.hpp"
#include "text/quantity.hpp"

namespace lastbyte::service {

// A number with a unit. @param zero: what 0 means, if it is not just a number.
struct quantity {
  std::variant<std::uint32_t settings::*, std::uint64_t settings::*> member;
  text::unit of = text::unit::count;
  text::range accepted;
  std::string_view zero;
};

// One of several names, which stand in the order of an enum.
struct choice {
  std::span<const std::string_view> names;
  std::size_t (*get)(const settings& from);
  void (*set)(settings& in, std::size_t index);
  bool (*is_available)(std::size_t index);  // on this platform
};

struct words {
  std::string settings::* member;
};

// May be given several times.
struct endpoints {
  std::vector<endpoint> settings::* member;
};

// "0,2,4-7".
struct index_list {
  std::vector<std::uint32_t> settings::* member;
  std::string_view none;  // what an empty one means
};

enum class group : std::uint8_t { service, limits, deadlines, quiesce, logging };
inline constexpr std::array<std::string_view, 5> group_names{"service", "limits", "deadlines",
                                                             "quiesce", "logging"};

struct option {
  std::string_view name;  // "drain-idle": --drain-idle, LASTBYTE_DRAIN_IDLE
  group in;
  std::variant<quantity, choice, words, endpoints, index_list> kind;
  std::string_view value;  // what to type behind it, as the help names it; for a choice: its names
  std::string_view help;
};

inline constexpr std::array<std::string_view, 5> io_names{"auto", "uring", "epoll", "epoll-shared",
                                                          "iocp"};
inline constexpr std::array<std::string_view, 3> protocol_names{"echo", "discard", "chargen"};
inline constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};
inline constexpr std::array<std::string_view, 2> format_names{"text", "json"};
inline constexpr std::array<std::string_view, 3> endings_names{"all", "unclean", "none"};

constexpr bool always_available(std::size_t /*index*/) { return true; }

template <auto Member>
constexpr choice choice_of(std::span<const std::string_view> names,
                           bool (*is_available)(std::size_t) = always_available) {
  using member_type = std::remove_reference_t<decltype(std::declval<settings&>().*Member)>;
  return {names, [](const settings& from) { return static_cast<std::size_t>(from.*Member); },
          [](settings& in, std::size_t index) { in.*Member = static_cast<member_type>(index); },
          is_available};
}

constexpr quantity number(std::uint32_t settings::* member, std::uint64_t least, std::uint64_t most,
                          std::string_view zero = {}) {
  return {member, text::unit::count, {least, most}, zero};
}

// TCP ticks are 32-bit milliseconds; a day is far from their end.
constexpr quantity deadline(std::uint32_t settings::* member, std::string_view zero = "no deadline",
                            std::uint64_t most_ms = 86'400'000) {
  return {member, text::unit::milliseconds, {zero.empty() ? 1U : 0U, most_ms}, zero};
}

template <class Integer>
constexpr quantity size(Integer settings::* member, std::uint64_t least, std::uint64_t most,
                        std::string_view zero = {}) {
  return {member, text::unit::bytes, {least, most}, zero};
}

inline constexpr std::uint64_t gibibyte = 1ULL << 30U;
inline constexpr std::uint64_t exbibyte = 1ULL << 60U;

inline constexpr std::array option_table{
    option{"listen", group::service, endpoints{&settings::listen}, "HOST:PORT",
           "listen here; may be repeated; PORT 0 takes a free one"},
    option{"address-file", group::service, words{&settings::address_file}, "FILE",
           "write the addresses there, one a line, once all are ready"},
    option{"protocol", group::service, choice_of<&settings::protocol>(protocol_names), "",
           "what to do with a connection"},
    option{"chargen-bytes", group::service,
           size<std::uint64_t>(&settings::chargen_bytes, 1, exbibyte), "SIZE",
           "chargen: send so many bytes, then close"},
    option{"finish-after", group::service,
           size<std::uint64_t>(&settings::finish_after, 0, exbibyte, "the peer finishes"), "SIZE",
           "echo: close after so many bytes were echoed"},
    option{"workers", group::service,
           number(&settings::workers, 0, 1'024, "one per CPU of --cpus, or per processor"), "COUNT",
           "threads that serve"},
    option{"cpus", group::service, index_list{&settings::cpus, "wherever the system puts them"},
           "LIST", "keep each worker on a CPU of its own, in this order: 0,2,4-7"},
    option{"io", group::service, choice_of<&settings::io>(io_names, is_available_io), "",
           "the completion port"},
    option{"report", group::service, words{&settings::report_file}, "FILE",
           "write the report of the quiesce there, as JSON"},

    option{"max-connections", group::limits, number(&settings::max_connections, 1, 1'000'000),
           "COUNT", "connections open at once; then accepting pauses"},
    option{"accept-depth", group::limits, number(&settings::accept_depth, 1, 4'096), "COUNT",
           "accepts kept in flight (iocp)"},
    option{"backlog", group::limits, number(&settings::backlog, 1, 65'535), "COUNT",
           "connections that the kernel queues before they are accepted"},
    option{"high-mark", group::limits, size<std::uint32_t>(&settings::high_mark_bytes, 1, gibibyte),
           "SIZE", "memory queued to a peer at which receiving pauses"},
    option{"low-mark", group::limits, size<std::uint32_t>(&settings::low_mark_bytes, 0, gibibyte),
           "SIZE", "memory queued to a peer at which receiving resumes"},

    option{"first-byte", group::deadlines, deadline(&settings::first_byte_ms), "TIME",
           "from accept to the first byte received"},
    option{"idle", group::deadlines, deadline(&settings::idle_ms), "TIME",
           "nothing received and nothing sent"},
    option{"send-stall", group::deadlines, deadline(&settings::send_stall_ms), "TIME",
           "a peer that acknowledges too little for so long"},
    option{"send-stall-bytes", group::deadlines,
           size<std::uint32_t>(&settings::send_stall_bytes, 1, gibibyte), "SIZE",
           "how much is enough in that time"},
    option{"drain-total", group::deadlines, deadline(&settings::drain_total_ms), "TIME",
           "after our end: until the peer's, in all"},
    option{"drain-idle", group::deadlines, deadline(&settings::drain_idle_ms), "TIME",
           "after our end: since the peer's last byte"},
    option{"drain-bytes", group::deadlines,
           size<std::uint64_t>(&settings::drain_bytes, 0, exbibyte), "SIZE",
           "after our end: what the peer may still send"},
    option{"confirm", group::deadlines, deadline(&settings::confirm_ms), "TIME",
           "until our end of stream, once it has left, is acknowledged"},
    option{"join", group::deadlines, deadline(&settings::join_ms, ""), "TIME",
           "until cancelled operations have come back"},
    // The kernel takes at most 32,767 s.
    option{"keepalive", group::deadlines, deadline(&settings::keepalive_ms, "off", 32'767'000),
           "TIME", "TCP keepalive after so long without traffic"},

    option{"quiesce-grace", group::quiesce, deadline(&settings::quiesce_grace_ms, "none"), "TIME",
           "go on accepting for so long"},
    option{"quiesce-quiet", group::quiesce, deadline(&settings::quiesce_quiet_ms, "at once"),
           "TIME", "close a connection that was quiet for so long since then"},
    option{"quiesce-cap", group::quiesce, deadline(&settings::quiesce_cap_ms, "at once"), "TIME",
           "then close the others too"},
    option{"quiesce-hard", group::quiesce, deadline(&settings::quiesce_hard_ms, "at once"), "TIME",
           "then abort what is left, and exit with 1"},

    option{"log-level", group::logging, choice_of<&settings::level>(level_names), "",
           "what is worth a line"},
    option{"log-format", group::logging, choice_of<&settings::format>(format_names), "",
           "how a line looks"},
    option{"log-endings", group::logging, choice_of<&settings::endings>(endings_names), "",
           "which connections get a line when they end"},
};

}  // namespace lastbyte::service
