#include "simulate/leaving.hpp"

#include <algorithm>
#include <utility>

namespace lastbyte::simulation {
namespace {

// Nobody has said close() to it yet.
bool is_serving(core::state now) {
  return core::is_delivering(now) || now == core::state::peer_finished;
}

}  // namespace

std::optional<micros> leaving::overdue(const core::connection& machine, chronicle& about,
                                       micros quiesced_at, micros now, micros slack) const {
  if (has_reason_to_stay(machine, about, quiesced_at, now)) {
    about.due_to_leave_at = 0;
    return std::nullopt;
  }
  if (about.due_to_leave_at == 0) about.due_to_leave_at = now;
  // It may have moved since somebody last looked.
  about.due_to_leave_at =
      std::max(about.due_to_leave_at,
               std::min(quiet_at(about, quiesced_at), cap_at(drawn_.chosen, quiesced_at)));
  // How often who may not leave yet is looked at; who comes out of the queue behind the cap gets the quiet time.
  const micros look_again = look_again_of(drawn_.chosen);
  const micros since = now - about.due_to_leave_at;
  if (since <= drawn_.chosen.quiesce_quiet_ms * ms + 2 * look_again + slack) return std::nullopt;
  about.due_to_leave_at = now;  // said
  return since;
}

bool leaving::has_reason_to_stay(const core::connection& machine, const chronicle& about,
                                 micros quiesced_at, micros now) const {
  if (!is_serving(machine.current()) || machine.is_held() ||
      now < quieting_at(drawn_.chosen, quiesced_at))
    return true;
  if (now >= cap_at(drawn_.chosen, quiesced_at)) return false;
  // Until the cap only who is quiet has to go.
  const port::sim::tcp_half& out = about.ours->out();
  const bool is_end_held_back = out.is_fin_written && !out.has_fin_departed;
  return !machine.queue().empty() || out.acknowledged < out.written || is_end_held_back ||
         about.ours->unread() != 0 || now < quiet_at(about, quiesced_at);
}

micros leaving::quiet_at(const chronicle& about, micros quiesced_at) const {
  const micros round_trips = drawn_.sky.can_prove ? 6 * drawn_.sky.latency_us : 0;
  const micros quiet = std::max(drawn_.chosen.quiesce_quiet_ms * ms, round_trips);
  const micros moved_at = std::max({quieting_at(drawn_.chosen, quiesced_at), about.opened_at,
                                    about.moved_at, about.end_dealt_at, about.released_at,
                                    about.resumed_at, about.ours->out().acknowledged_at});
  return moved_at + quiet + ms;
}

}  // namespace lastbyte::simulation
