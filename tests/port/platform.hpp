// What the suite may expect of this machine's TCP, apart from the port.
#pragma once

#include <cstdint>
#include <string_view>

namespace lastbyte::test {

struct platform_facts {
  bool proves_end_of_stream = true;  // the kernel says whether a FIN came
  bool has_witness = true;
  bool peer_sees_reset = true;  // a plain socket can tell a reset from an end of stream
  bool keeps_bytes_behind_reset = true;
  bool shutdown_sees_reset = true;
  bool can_stop_new_connections = true;
  std::uint32_t many_connections = 5'000;
  std::string_view why;  // some of these are false
};

const platform_facts& facts();

/// Raises the limit as far as it goes. @return how many sockets this process may have.
std::uint32_t allowed_sockets();

}  // namespace lastbyte::test
