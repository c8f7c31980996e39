#include "core/laws.hpp"

#include <lastbyte/ledger.hpp>

#include "support/catch.hpp"

using namespace lastbyte;
using namespace lastbyte::core;

TEST_CASE("incoming bytes balance when each has met one fate") {
  ledger bytes;
  bytes.received = 6;
  bytes.delivered = 3;
  bytes.discarded = 2;
  bytes.unanswered = 1;
  CHECK(incoming_balances(bytes));
  bytes.received = 7;
  CHECK_FALSE(incoming_balances(bytes));
}

TEST_CASE("outgoing bytes balance when each was sent or waits, and none is acknowledged before") {
  ledger bytes;
  bytes.queued = 5;
  bytes.sent = 3;
  CHECK(outgoing_balances(bytes, 2));
  CHECK_FALSE(outgoing_balances(bytes, 1));
  bytes.acknowledged = 3;
  CHECK(outgoing_balances(bytes, 2));
  bytes.acknowledged = 4;
  CHECK_FALSE(outgoing_balances(bytes, 2));
}
