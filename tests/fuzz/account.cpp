#include "fuzz/account.hpp"

#include <algorithm>

#include "core/laws.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

void check_clean(const account& ours, const core::connection& machine) {
  demand(ours.fin_seen && ours.fin_sent, "clean without both ends of stream");
  demand(ours.taken == ours.accepted, "clean with unsent bytes");
  demand(ours.discarded == 0, "clean with discarded bytes");
  const bool is_peer_first = machine.cause() == ending::clean_peer_first;
  demand(is_peer_first == ours.fin_seen_first, "who finished first is told wrongly");
  if (machine.mark() == proof::unproven) return;
  demand(ours.acknowledged > ours.taken, "clean, and our end of stream was never acknowledged");
  demand(machine.bytes().lost_out() == 0U, "clean with lost bytes");
}

void check_bound(bool is_set, bool is_due) {
  demand(is_set, "a bound struck that is off");
  demand(is_due, "a bound struck that was kept");
}

}  // namespace

void check_bytes(const account& ours, const core::connection& machine) {
  const ledger& theirs = machine.bytes();
  demand(theirs.delivered == ours.delivered, "delivered is not what the handler got");
  demand(theirs.discarded == ours.discarded, "discarded is not what was dropped");
  demand(theirs.unanswered == ours.unanswered, "unanswered is not what came late");
  demand(theirs.received == ours.delivered + ours.discarded + ours.unanswered,
         "received is not what came");
  demand(theirs.queued == ours.accepted, "queued is not what was accepted");
  demand(theirs.refused == ours.refused, "refused is not what was turned away");
  demand(theirs.sent == ours.taken, "sent is not what the kernel took");
  demand(machine.queue().size() == ours.accepted - ours.taken, "unsent bytes are not in the queue");
  demand(machine.queue().footprint() == ours.footprint, "the memory of the queue");
  demand(theirs.acknowledged.value_or(0) <= std::min(ours.acknowledged, ours.taken),
         "more acknowledged than the peer did");
  demand(core::incoming_balances(theirs), "the incoming ledger does not balance");
  demand(core::outgoing_balances(theirs, machine.queue().size()),
         "the outgoing ledger does not balance");
  if (machine.is_closed())
    demand(theirs.unsent == machine.queue().size(), "unsent is not what is left");
}

void check_cause(const account& ours, const core::connection& machine, const core::limits& bounds) {
  using core::deadline;
  const auto is_set = [&](deadline which) { return bounds.of(which) != 0; };
  const bool is_dropping = ours.close_said && !ours.fin_seen;
  switch (machine.cause()) {
    case ending::clean_local_first:
    case ending::clean_peer_first: return check_clean(ours, machine);
    case ending::slow_reader:
      return check_bound(is_set(deadline::send_stall),
                         machine.bytes().acknowledged.value_or(ours.taken) < ours.accepted);
    case ending::idle: return check_bound(is_set(deadline::idle), !ours.close_said);
    case ending::first_byte:
      return check_bound(is_set(deadline::first_byte), ours.delivered == 0 && ours.taken == 0);
    case ending::drain_total: return check_bound(is_set(deadline::drain_total), is_dropping);
    case ending::drain_idle: return check_bound(is_set(deadline::drain_idle), is_dropping);
    case ending::drain_bytes: return check_bound(true, ours.unanswered > bounds.drain_bytes);
    default: return;  // said by the kernel or the handler, at any time
  }
}

}  // namespace lastbyte::fuzz
