// All that can be set on a server, with units and defaults.
//
// The rule: every limit has a unit and a bound; 0 in a deadline means "no deadline".
// Not here: flags and environment names of the daemon (src/service/option_table.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <lastbyte/endpoint.hpp>

namespace lastbyte {

// Which completion port drives the server.
enum class io_choice : std::uint8_t {
  automatic,     // the best one that this machine has
  uring,         // Linux: one io_uring per worker, a connection stays on its worker
  epoll,         // Linux: one epoll set per worker, a connection stays on its worker
  epoll_shared,  // Linux: one set for all workers, as on Windows
  iocp,          // Windows: one I/O completion port for all workers
};

struct options {
  std::vector<endpoint> listen;         // at least one; TCP port 0 takes a free one
  io_choice io = io_choice::automatic;  //
  std::uint32_t workers = 0;            // threads; 0: one for each of `cpus`, or per processor
  // Worker i runs on the i-th of these, as many as workers and each its own, among those that the thread may
  // use that calls server::start(); empty: wherever the system puts it. On Windows: of the process's group.
  std::vector<std::uint32_t> cpus;
  // Then accepting pauses; less where handles don't suffice. Those who are accepted in the same moment are served, too:
  // up to 8 for each worker and listener, on IOCP as many as accepts are in flight.
  std::uint32_t max_connections = 10'000;  // at least 1
  std::uint32_t accept_depth = 64;         // accepts kept in flight (IOCP)
  std::uint32_t backlog = 4'096;           // the kernel's accept queue, connections

  std::uint32_t first_byte_ms = 60'000;    // from accept to the first byte received
  std::uint32_t idle_ms = 300'000;         // nothing received and nothing sent
  std::uint32_t send_stall_ms = 30'000;    // less than send_stall_bytes acknowledged in this time
  std::uint32_t send_stall_bytes = 1'024;  //
  // The drain, after close(), counts from when the peer has taken all that we sent, where the kernel can be asked: how
  // long that may take is send_stall_ms' to say.
  std::uint32_t drain_total_ms = 30'000;  // until the peer's end of stream
  std::uint32_t drain_idle_ms = 5'000;    // since the peer's last byte
  std::uint64_t drain_bytes = 64u << 20;  // after close(), all that the peer may still send
  std::uint32_t confirm_ms = 2'000;  // until our end of stream, once it has left, is acknowledged
  std::uint32_t join_ms = 30'000;    // until cancelled operations have come back
  std::uint32_t keepalive_ms = 60'000;  // TCP keepalive after so long without traffic; 0: off

  // Of the memory that a queue holds, in whole blocks: 64 KiB for what was received, 16 KiB for copies.
  std::uint32_t high_mark_bytes = 256u << 10;  // so much queued: receiving pauses; at least 1
  std::uint32_t low_mark_bytes = 64u << 10;    // so little queued: receiving resumes

  std::uint32_t quiesce_grace_ms = 0;  // go on accepting for so long
  // A connection that has been quiet for so long (or 3 round trips) behind the grace time is closed: by default long
  // enough for what the network has lost once, which TCP sends again after 200 ms at the soonest.
  std::uint32_t quiesce_quiet_ms = 300;
  std::uint32_t quiesce_cap_ms = 10'000;   // then close() is said to all the others
  std::uint32_t quiesce_hard_ms = 30'000;  // then what is left is aborted, and counted; 0: at once
};

}  // namespace lastbyte
