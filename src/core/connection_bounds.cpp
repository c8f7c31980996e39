// What becomes of a connection on which nothing moves: each bound on silence, on slow reading and on the drain.
#include "core/connection.hpp"

#include <algorithm>

#include "core/mark.hpp"

namespace lastbyte::core {

void connection::on_timer(const witness& kernel, tick heard, tick now,
                          const limits& bounds) noexcept {
  const bool was_unread = may_be_unread();
  take_acknowledged(kernel);
  if (is_confirming()) {
    confirm(kernel, now);
  } else if (kernel.is_closed && is_unwatched()) {
    end_unwatched(kernel, now);
  }
  // Once its ending is fixed only `join` runs, and nothing more strikes.
  check_send_stall(kernel, heard, now, bounds);
  delay_drain(kernel, was_unread, now);
  check_drain(kernel, heard, now, bounds);
  check_silence(kernel, heard, now, bounds);
}

std::optional<tick> connection::next_timer(tick now, const limits& bounds) const noexcept {
  auto due = deadlines_.next_due(now, bounds);
  const auto at_most = [&due](tick ms) { due = std::min(due.value_or(ms), ms); };
  if (is_confirming()) {
    at_most(tick{1} << confirm_probes_);
  }
  // The drain begins when the peer has taken all that we sent, and nobody tells: look often enough to begin in time.
  if (state_ == state::draining && may_be_unread()) {
    for (const deadline each : {deadline::drain_total, deadline::drain_idle}) {
      if (const tick bound = bounds.of(each); bound != 0) at_most(bound / 4 + 1);
    }
  }
  // A stall is seen by comparing samples: take them more often while something is waiting to go.
  const bool is_sending = !queue_.empty() || is_write_finished(state_);
  if (is_sending && deadlines_.is_running(deadline::send_stall)) {
    if (const tick bound = bounds.of(deadline::send_stall); bound != 0) at_most(bound / 4 + 1);
  }
  return due;
}

bool connection::is_unwatched() const noexcept {
  return is_confirming() || (state_ == state::peer_finished && queue_.empty());
}

bool connection::may_be_unread() const noexcept {
  return bytes_.acknowledged.value_or(0) < bytes_.sent || fin_held_back_;
}

bool connection::is_quiet(tick now, tick quiet_ms) const noexcept {
  const bool may_end =
      state_ == state::open || state_ == state::half_closed || state_ == state::peer_finished;
  return may_end && !is_held() && queue_.empty() &&
         deadlines_.elapsed(deadline::idle, now) >= quiet_ms;
}

bool connection::is_stuck(tick now, const limits& bounds) const noexcept {
  return state_ == state::closing && deadlines_.is_struck(deadline::join, now, bounds);
}

void connection::note_reading(tick now) noexcept {
  if (deadlines_.is_running(deadline::idle)) deadlines_.start(deadline::idle, now);
}

void connection::check_drain_bytes(tick now, const limits& bounds) noexcept {
  if (is_dropping(state_) && bytes_.unanswered > bounds.drain_bytes) {
    LASTBYTE_MARK(drain_flooded);
    end_by(event::bound_struck, intent::bound, ending::drain_bytes, now);
  }
}

// ---- How.

void connection::check_send_stall(const witness& kernel, tick heard, tick now,
                                  const limits& bounds) noexcept {
  if (!deadlines_.is_running(deadline::send_stall)) return;
  // Also of a send that is in flight still. Where the kernel can't be asked, what it takes from us is the best
  // knowledge of progress.
  const std::uint64_t moved =
      kernel.known ? std::min(kernel.acknowledged, bytes_.queued) : bytes_.sent;
  // Behind all of it our end may still want room, which counts as one.
  const std::uint64_t all = bytes_.queued + (fin_held_back_ && moved == bytes_.queued ? 1 : 0);
  const bool is_waiting = moved < all;
  if (!is_waiting || moved >= stall_goal_) {
    if (is_waiting) LASTBYTE_MARK(stall_sampled_again);
    // No more can be asked of a peer than what there is: who answers little is not a slow reader.
    stall_goal_ = moved + std::min(bounds.send_stall_bytes, all - moved);
    deadlines_.start(deadline::send_stall, now);
  } else if (deadlines_.is_struck(deadline::send_stall, heard, bounds)) {
    end_by(event::bound_struck, intent::bound, ending::slow_reader, now);
  }
}

// The drain begins only now, or later: a peer that has not taken all that we sent cannot have seen our end, and send_stall
// bounds how long that may take.
void connection::delay_drain(const witness& kernel, bool was_unread, tick now) noexcept {
  if (state_ != state::draining || !kernel.known || (!was_unread && !may_be_unread())) return;
  if (may_be_unread()) {
    LASTBYTE_MARK(drain_awaits_acknowledgement);
  } else {
    LASTBYTE_MARK(drain_clock_starts);
  }
  start_drain(now);
}

void connection::check_drain(const witness& kernel, tick heard, tick now,
                             const limits& bounds) noexcept {
  if (deadlines_.is_struck(deadline::drain_total, heard, bounds)) {
    end_by(event::bound_struck, intent::bound, ending::drain_total, now);
  } else if (deadlines_.is_struck(deadline::drain_idle, heard, bounds)) {
    if (kernel.unread.value_or(0) > 0) {
      LASTBYTE_MARK(drain_idle_unheard);
      return deadlines_.start(deadline::drain_idle, now);
    }
    end_by(event::bound_struck, intent::bound, ending::drain_idle, now);
  } else if (deadlines_.is_struck(deadline::confirm, heard, bounds)) {
    end_by(event::bound_struck, intent::bound, ending::peer_vanished, now);
  }
}

void connection::check_silence(const witness& kernel, tick heard, tick now,
                               const limits& bounds) noexcept {
  // Nobody listens while it is paused, and its bytes may wait to be heard; and an answer may have been promised to
  // who said nothing.
  const bool is_unheard = paused_ || kernel.unread.value_or(0) > 0;
  if (deadlines_.is_struck(deadline::first_byte, heard, bounds)) {
    if (state_ == state::connecting)
      return end_by(event::bound_struck, intent::bound, ending::connect_failed, now);
    // Who is being greeted may wait for the end of that.
    if (!is_held() && !is_unheard && queue_.empty())
      return end_by(event::bound_struck, intent::bound, ending::first_byte, now);
    LASTBYTE_MARK(first_byte_spared);
    deadlines_.start(deadline::first_byte, now);
  }
  if (deadlines_.is_struck(deadline::idle, heard, bounds)) {
    // Somebody promised an answer, or the peer still reads what it is sent (send_stall watches that): wait
    // for it, from now on.
    const bool is_sending = !queue_.empty() || (kernel.known && may_be_unread());
    if (is_held() || is_unheard || is_sending) {
      if (is_held()) {
        LASTBYTE_MARK(idle_spared_held);
      } else if (is_unheard) {
        LASTBYTE_MARK(idle_spared_unheard);
      } else {
        LASTBYTE_MARK(idle_spared_sending);
      }
      deadlines_.start(deadline::idle, now);
    } else {
      end_by(event::bound_struck, intent::bound, ending::idle, now);
    }
  }
}

}  // namespace lastbyte::core
