// How every server of the comparison starts: one command line, one kind of listening socket.
//
//   PROGRAM [--listen ADDRESS:PORT]... [--address-file FILE] [--finish-after BYTES] [--bulk]
//
// The rule: what is here happens before the first connection, so that the servers differ only in how they
// serve. Their listeners carry TCP_NODELAY, which Linux hands down to every accepted socket.
// Not here: anything that runs while a server serves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lastbyte::serving {

// Connections that the kernel queues before they are accepted; lastbyted's default.
inline constexpr int backlog = 4'096;

struct startup {
  std::vector<int> listeners;  // bound, listening, non-blocking
  std::uint64_t finish_after =
      0;                 // close from our side after so many bytes were echoed; 0: the peer first
  bool is_bulk = false;  // 64 KiB messages are coming: for a program with a size for each kind
  std::uint64_t most_files = 0;  // descriptors are smaller than this
  std::string problem;           // why it cannot start: cause and remedy; empty: none
};

// Reads the command line, opens the listeners, writes their addresses down, takes all descriptors that the
// hard limit allows, and ignores SIGPIPE.
[[nodiscard]] startup start(int count, char** words);

// Says startup::problem on stderr. @return the exit code for it.
int refuse(const startup& failed);

}  // namespace lastbyte::serving
