// What the suite may expect of this machine's TCP, apart from the port.
#pragma once

#include <cstdint>
#include <string_view>

namespace lastbyte::test {

struct ability {
  std::string_view missing_because;  // empty: it is there

  explicit operator bool() const { return missing_because.empty(); }
};

struct platform_facts {
  ability proves_end_of_stream;  // the kernel says whether a FIN came
  ability has_witness;
  ability shows_reset_to_peer;  // a plain socket can tell a reset from an end of stream
  ability keeps_bytes_behind_reset;
  ability shutdown_sees_reset;
  ability can_stop_new_connections;
  ability forgets_taken_errors;  // who asks for a socket's error takes it away
  std::uint32_t many_connections = 5'000;
};

const platform_facts& facts();

/// Raises the limit as far as it goes. @return how many sockets this process may have.
std::uint32_t allowed_sockets();

/// Takes the error that waits in a socket, as a pending send may do: no trace is left of it.
/// Only where `forgets_taken_errors`.
bool take_error(std::uintptr_t native);

}  // namespace lastbyte::test
