// Two connected sockets without any of the server's code: ours, whose operations are this platform's own kind
// (a ring's on Linux, overlapped ones on Windows), and a plain blocking one, the peer.
//
// One implementation per platform, chosen by CMake: linux/, windows/.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lastbyte::probe {

using std::chrono::milliseconds;

/// What a plain reader got, and what then came: "end of stream", an error with its code, or nothing.
struct reading {
  std::uint64_t bytes = 0;
  std::string end;
};

enum class direction : std::uint8_t { receive, send };

class bare_pair {
 public:
  bare_pair();
  bare_pair(const bare_pair&) = delete;
  bare_pair& operator=(const bare_pair&) = delete;
  ~bare_pair();

  // The peer.
  void peer_says(std::size_t bytes);
  void peer_closes();
  void peer_resets();
  /// Reads to the end, or until nothing has come for so long.
  reading peer_reads(milliseconds patience);

  // Ours. One operation each way.
  void start(direction which, std::size_t bytes);
  void cancel(direction which);
  /// Waits for the operation. @return "10 bytes", "0", an error with its code, or "in flight".
  std::string completion_of(direction which, milliseconds patience);
  /// Sends so much by one plain, non-blocking call. @return what the call said.
  std::string send_now(std::size_t bytes);
  std::string shutdown_send();
  std::string linger_0();
  std::string close();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// What runs here: "Linux 6.18", "Windows 10.0 (Wine 8.0)". @return why it can't be probed in `problem`.
std::string platform_name();

/// RST segments that this machine's TCP (or this network namespace's) has sent so far, if it tells.
std::optional<std::uint64_t> resets_sent();

}  // namespace lastbyte::probe
