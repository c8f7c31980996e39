#include "server/tally.hpp"

#include <algorithm>

namespace lastbyte::engine {
namespace {

void add_bytes(server_report& sums, const ledger& bytes) {
  sums.received += bytes.received;
  sums.delivered += bytes.delivered;
  sums.discarded += bytes.discarded;
  sums.unanswered += bytes.unanswered;
  sums.unread += bytes.unread.value_or(0);
  sums.queued += bytes.queued;
  sums.refused += bytes.refused;
  sums.sent += bytes.sent;
  sums.unsent += bytes.unsent;
  sums.acknowledged += bytes.acknowledged.value_or(0);
  sums.lost_out += bytes.lost_out().value_or(0);
  sums.lost_in += bytes.lost_in().value_or(0);
  sums.unknown_out += bytes.lost_out() ? 0 : 1;
  sums.unknown_in += bytes.lost_in() ? 0 : 1;
}

}  // namespace

void tally::count_accepted() {
  const std::lock_guard lock(guard_);
  ++sums_.accepted;
  ++sums_.open;
}

void tally::count_accept_failure() {
  const std::lock_guard lock(guard_);
  ++sums_.accept_failures;
}

void tally::count_quarantined() {
  const std::lock_guard lock(guard_);
  ++sums_.quarantined;
}

void tally::count_came_back() {
  const std::lock_guard lock(guard_);
  --sums_.quarantined;
}

void tally::count_refused(std::uint64_t bytes) {
  const std::lock_guard lock(guard_);
  sums_.refused += bytes;
}

void tally::count_ended(const ending_report& how, bool is_quiescing,
                        std::uint32_t since_quiesce_ms) {
  const std::lock_guard lock(guard_);
  const auto cause = static_cast<std::size_t>(how.cause);
  --sums_.open;
  ++sums_.endings[cause];
  if (how.mark == proof::unproven) ++sums_.unproven[cause];
  add_bytes(sums_, how.bytes);
  if (!is_quiescing) return;
  ++sums_.quiesced;
  // Each worker reads its own clock: who counts last may have read it first.
  sums_.quiesce_ms = std::max(sums_.quiesce_ms, since_quiesce_ms);
  if (!sums_.slowest_peer || since_quiesce_ms > sums_.slowest_ms) {
    sums_.slowest_ms = since_quiesce_ms;
    sums_.slowest_peer = how.peer;
  }
}

void tally::count_closed(std::uint32_t since_quiesce_ms) {
  const std::lock_guard lock(guard_);
  sums_.quiesce_ms = std::max(sums_.quiesce_ms, since_quiesce_ms);
}

server_report tally::read() const {
  const std::lock_guard lock(guard_);
  return sums_;
}

}  // namespace lastbyte::engine
