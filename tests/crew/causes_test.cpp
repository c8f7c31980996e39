// What a failed operation is called as a cause.
#include "server/causes.hpp"

#include "support/catch.hpp"

using namespace lastbyte;
using lastbyte::engine::cause_of;
using lastbyte::port::error;

TEST_CASE("a cause is what the error says, or else the operation that met it") {
  for (const auto failed :
       {core::operation::receive, core::operation::send, core::operation::shutdown}) {
    CHECK(cause_of(failed, error::reset) == ending::peer_reset);
    CHECK(cause_of(failed, error::vanished) == ending::peer_vanished);
    CHECK(cause_of(failed, error::aborted) == ending::local_abort);
    CHECK(cause_of(failed, error::resources) == ending::resources);
  }
  CHECK(cause_of(core::operation::receive, error::other) == ending::receive_failed);
  CHECK(cause_of(core::operation::send, error::other) == ending::send_failed);
  CHECK(cause_of(core::operation::connect, error::reset) == ending::connect_failed);
}
