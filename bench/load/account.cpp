#include "load/account.hpp"

#include <algorithm>
#include <numeric>

namespace lastbyte::load {

std::string_view to_string(observed how) noexcept {
  switch (how) {
    case observed::client_first: return "client_first";
    case observed::server_first: return "server_first";
    case observed::cut_by_us: return "cut_by_us";
    case observed::failed: return "failed";
    case observed::not_connected: return "not_connected";
  }
  return "unknown";
}

observed observe(ending cause, bool is_reset_asked) noexcept {
  if (cause == ending::clean_local_first) return observed::client_first;
  if (cause == ending::clean_peer_first) return observed::server_first;
  if (cause == ending::connect_failed) return observed::not_connected;
  if (cause == ending::app_abort && is_reset_asked) return observed::cut_by_us;
  return observed::failed;
}

void account::add(const ending_report& how, std::uint64_t wrong_bytes,
                  bool is_reset_asked) noexcept {
  const observed seen = observe(how.cause, is_reset_asked);
  ++by_observed[static_cast<std::size_t>(seen)];
  ++by_cause[static_cast<std::size_t>(how.cause)];
  if (seen == observed::not_connected) return;
  if (how.mark == proof::unproven) ++unproven;

  sent += how.bytes.sent;
  unsent += how.bytes.queued - how.bytes.sent;
  if (how.bytes.acknowledged) {
    acknowledged += *how.bytes.acknowledged;
  } else {
    ++unknown;
  }
  echoed += how.bytes.delivered;
  wrong += wrong_bytes;
  surplus += how.bytes.delivered - std::min(how.bytes.delivered, how.bytes.sent);
  const std::uint64_t missing = how.bytes.sent - std::min(how.bytes.sent, how.bytes.delivered);
  if (seen == observed::server_first) {
    unanswered += missing;
  } else if (seen == observed::cut_by_us) {
    cut += missing;
  } else {
    lost += missing;
  }
}

void account::merge(const account& other) noexcept {
  for (std::size_t i = 0; i < observed_count; ++i) by_observed[i] += other.by_observed[i];
  for (std::size_t i = 0; i < ending_count; ++i) by_cause[i] += other.by_cause[i];
  unproven += other.unproven;
  sent += other.sent;
  acknowledged += other.acknowledged;
  unknown += other.unknown;
  echoed += other.echoed;
  wrong += other.wrong;
  surplus += other.surplus;
  lost += other.lost;
  unanswered += other.unanswered;
  cut += other.cut;
  unsent += other.unsent;
}

std::uint64_t account::opened() const noexcept {
  return std::accumulate(by_observed.begin(), by_observed.end(), std::uint64_t{0}) -
         count(observed::not_connected);
}

}  // namespace lastbyte::load
