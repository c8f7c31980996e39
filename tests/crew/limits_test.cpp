// From a server's options to the bounds of its connections.
#include "server/common.hpp"
#include "support/catch.hpp"

using namespace lastbyte;
using core::deadline;

TEST_CASE("each bound of the options is a connection's, as large as it was said") {
  constexpr std::uint64_t huge = (std::uint64_t{1} << 40U) + 5;
  options said;
  said.first_byte_ms = ~0U;
  said.idle_ms = ~1U;
  said.send_stall_ms = ~2U;
  said.drain_total_ms = ~3U;
  said.drain_idle_ms = ~4U;
  said.confirm_ms = ~5U;
  said.join_ms = ~6U;
  said.send_stall_bytes = ~7U;
  said.drain_bytes = huge;
  const core::limits bounds = engine::limits_of(said);
  CHECK(bounds.of(deadline::first_byte) == ~0U);
  CHECK(bounds.of(deadline::idle) == ~1U);
  CHECK(bounds.of(deadline::send_stall) == ~2U);
  CHECK(bounds.of(deadline::drain_total) == ~3U);
  CHECK(bounds.of(deadline::drain_idle) == ~4U);
  CHECK(bounds.of(deadline::confirm) == ~5U);
  CHECK(bounds.of(deadline::join) == ~6U);
  CHECK(bounds.send_stall_bytes == ~7U);
  CHECK(bounds.drain_bytes == huge);
}
