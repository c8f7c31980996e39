#include "suite/job.hpp"

#include <array>

namespace lastbyte::suite {
namespace {

// A client's connections to one address share 28,000 TCP ports, and each is blocked for a while behind its
// end; so churn goes to several addresses.
constexpr std::uint32_t churn_addresses = 4;
constexpr std::uint32_t crowd_addresses = 8;
// So long at least until a thousand and ten thousand connections are open.
constexpr std::uint32_t warm_up_1k_ms = 500;
constexpr std::uint32_t warm_up_10k_ms = 2'000;

constexpr std::array known_jobs{
    job{.name = "J1", .question = "ping-pong, 64 B, 50 connections", .unit = "message"},
    job{.name = "J2",
        .question = "ping-pong, 64 B, 50 connections, 16 outstanding on each",
        .unit = "message",
        .outstanding = 16},
    job{.name = "J3",
        .question = "bulk, 64 KiB, 8 connections",
        .unit = "message",
        .connections = 8,
        .message_bytes = 65'536,
        .is_bulk = true},
    job{.name = "J4-client-first",
        .question = "connect, echo 64 B, the client finishes first, end; 50 at once",
        .unit = "connection",
        .ending = ends_first::client,
        .addresses = churn_addresses},
    job{.name = "J4-server-first",
        .question = "connect, echo 64 B, the server finishes first, end; 50 at once",
        .unit = "connection",
        .ending = ends_first::server,
        .addresses = churn_addresses},
    job{.name = "J1-1k",
        .question = "ping-pong, 64 B, 1,000 connections",
        .unit = "message",
        .connections = 1'000,
        .warm_up_ms = warm_up_1k_ms,
        .is_quick = false},
    job{.name = "J1-10k",
        .question = "ping-pong, 64 B, 10,000 connections",
        .unit = "message",
        .connections = 10'000,
        .warm_up_ms = warm_up_10k_ms,
        .is_quick = false},
    job{.name = "J5",
        .question = "10,000 connections that have echoed once and are idle",
        .how = measure::idle_memory,
        .unit = "connection",
        .connections = 10'000},
    job{.name = "crowd-most",
        .question = "as many connections as one process may have, each echoing once a minute",
        .how = measure::crowd,
        .unit = "connection",
        .connections = 0,
        .addresses = crowd_addresses,
        .is_quick = false},
    job{.name = "crowd-100k",
        .question = "100,000 connections, each echoing once a minute",
        .how = measure::crowd,
        .unit = "connection",
        .connections = 100'000,
        .addresses = crowd_addresses,
        .is_quick = false},
};

}  // namespace

std::span<const job> all_jobs() { return known_jobs; }

std::vector<std::string> load_arguments(const job& of) {
  std::vector<std::string> words{"-t", "1",
                                 "-c", std::to_string(of.connections),
                                 "-s", std::to_string(of.message_bytes),
                                 "-P", std::to_string(of.outstanding)};
  if (of.ending != ends_first::neither) words.emplace_back("--churn");
  if (of.ending == ends_first::server) {
    words.emplace_back("--ending");
    words.emplace_back("server_first");
  }
  return words;
}

}  // namespace lastbyte::suite
