#include "core/connection.hpp"

#include <algorithm>

#include "core/check.hpp"
#include "core/laws.hpp"
#include "core/mark.hpp"
#include "core/transition_table.hpp"

namespace lastbyte::core {
namespace {

// Confirming is usually over at the first question; else ask again after 1, 2, 4 ... 64 ms.
constexpr std::uint8_t confirm_backoff_steps = 6;

}  // namespace

connection::connection(origin from, tick now) noexcept
    : state_(from == origin::accepted ? state::open : state::connecting) {
  on_entered(state_, now);
  if (from == origin::accepted) deadlines_.start(deadline::first_byte, now);
  // A connect is in flight in the place of the first send: cancel_send cancels it, the join waits for it.
  if (from == origin::connecting) send_ = flight::submitted;
}

// ---- What happened.

void connection::on_connected(tick now) noexcept {
  send_ = flight::none;
  // Too late if somebody gave up meanwhile: then it only ends the operation.
  if (state_ == state::closing) {
    LASTBYTE_MARK(connected_too_late);
    return;
  }
  apply(event::connected, now);
}

disposition connection::on_received(std::uint32_t count, tick now) noexcept {
  const cell& what = look_up(state_, event::received);
  if (!what.legal) return disposition::impossible;
  LASTBYTE_MARK_CELL(state_, event::received);
  bytes_.received += count;
  deadlines_.stop(deadline::first_byte);
  if (has(what.effects, effect::deliver)) {
    bytes_.delivered += count;
    deadlines_.start(deadline::idle, now);
    return disposition::deliver;
  }
  (close_asked_ ? bytes_.unanswered : bytes_.discarded) += count;
  if (state_ == state::draining) deadlines_.start(deadline::drain_idle, now);
  check_laws();
  return disposition::discard;
}

void connection::on_end_of_stream(proof mark, tick now, std::uint64_t acknowledged) noexcept {
  receive_ = flight::none;
  if (mark == proof::unproven) mark_ = proof::unproven;
  // Behind our FIN no send is in flight whose bytes could be taken for it.
  fin_acknowledged_ = fin_sent_ && acknowledged > bytes_.sent;
  if (fin_acknowledged_) bytes_.acknowledged = bytes_.sent;
  deadlines_.stop(deadline::first_byte);
  if (!is_ending_fixed(state_)) {
    ask(intent::peer);
    peer_was_first_ = !fin_sent_;
  }
  apply(event::end_of_stream, now);
}

void connection::on_receive_ended() noexcept {
  LASTBYTE_CHECK(receive_ != flight::none);
  receive_ = flight::none;
}

void connection::on_sent(std::uint64_t count, tick now) noexcept {
  take_sent(count);
  if (count > 0) {
    deadlines_.stop(deadline::first_byte);  // we spoke first: no client owes us a byte
    if (deadlines_.is_running(deadline::idle)) deadlines_.start(deadline::idle, now);
  }
  apply(queue_.empty() ? event::send_done_queue_empty : event::send_done_more_queued, now);
}

void connection::on_failed(operation which, ending cause, tick now, std::uint64_t taken) noexcept {
  if (which == operation::receive) receive_ = flight::none;
  if (which == operation::send) {
    if (taken > 0) LASTBYTE_MARK(error_after_bytes);
    take_sent(taken);
  }
  if (which == operation::connect) send_ = flight::none;
  if (which == operation::shutdown) {
    LASTBYTE_MARK(shutdown_failed);
    fin_sent_ = false;
  }
  const bool is_ours =
      cause == ending::resources || cause == ending::local_abort;  // not the peer's doing
  end_by(event::operation_failed, is_ours ? intent::bound : intent::peer, cause, now);
}

void connection::on_witness(const witness& kernel, tick now) noexcept {
  take_acknowledged(kernel);
  if (state_ == state::confirming) {
    confirm(kernel, now);
  } else if (state_ == state::closing) {
    if (!kernel.known) mark_ = proof::unproven;
    bytes_.unread = kernel.unread;
  }
}

// ---- What somebody wants.

bool connection::may_send() const noexcept { return look_up(state_, event::request_send).legal; }

bool connection::request_send(block& last) noexcept {
  if (!may_send()) {
    LASTBYTE_MARK(send_refused);
    refuse(last.size);
    return false;
  }
  LASTBYTE_MARK_CELL(state_, event::request_send);
  bytes_.queued += last.size;
  queue_.push(last);
  return true;
}

void connection::grew_last(std::uint32_t count) noexcept {
  LASTBYTE_CHECK(may_send());
  bytes_.queued += count;
  queue_.grow_back(count);
}

void connection::request_finish(intent who, tick now) noexcept {
  if (state_ == state::connecting) return;  // there is nothing to finish yet
  ask(who);
  apply(queue_.empty() ? event::request_finish_queue_empty : event::request_finish_queued, now);
}

void connection::request_close(intent who, tick now) noexcept {
  if (state_ == state::connecting) {
    LASTBYTE_MARK(closed_before_connected);
    request_abort(who, ending::connect_failed, now);  // it was never open
    return;
  }
  ask(who);
  if (!is_ending_fixed(state_)) {
    close_asked_ = true;
    end_untold_ = false;  // whoever said close() wants to hear no more
  }
  apply(queue_.empty() ? event::request_close_queue_empty : event::request_close_queued, now);
}

void connection::request_abort(intent who, ending cause, tick now) noexcept {
  end_by(event::request_abort, who, cause, now);
}

void connection::release() noexcept {
  if (held_ == 0) {
    LASTBYTE_MARK(release_too_many);
    return;  // harmless
  }
  --held_;
}

// ---- What to do.

step connection::next(tick now) noexcept {
  if (state_ == state::closed) return step::nothing;
  if (state_ == state::closing) return next_of_closing(now);

  if (end_untold_) {
    if (!is_held()) {
      end_untold_ = false;
      return step::tell_end;
    }
    LASTBYTE_MARK(end_told_later);
  }
  if (shutdown_wanted_) {
    shutdown_wanted_ = false;
    fin_sent_ = true;
    // Whoever asked for the end may have worked on behind that: it leaves only now.
    if (state_ == state::draining) start_drain(now);
    return step::shutdown_send;
  }
  if (wants_send() && send_ == flight::none) {
    send_ = flight::submitted;
    return step::submit_send;
  }
  if (wants_receive() && receive_ == flight::none) {
    receive_ = flight::submitted;
    // Nobody could hear the peer until now: its silence begins here.
    for (const deadline each : {deadline::first_byte, deadline::idle}) {
      if (deadlines_.is_running(each)) deadlines_.start(each, now);
    }
    return step::submit_receive;
  }
  if (!wants_receive() && receive_ == flight::submitted) {
    LASTBYTE_MARK(receive_paused);
    receive_ = flight::pausing;
    return step::pause_receive;
  }
  if (kernel_wanted_ && !end_untold_) {
    kernel_wanted_ = false;
    if (!fin_acknowledged_) return step::ask_kernel;
    LASTBYTE_MARK(confirmed_with_end);
    on_confirmed(now);
    return next_of_closing(now);
  }
  return step::nothing;
}

step connection::next_of_closing(tick now) noexcept {
  if (receive_ == flight::submitted || receive_ == flight::pausing) {
    if (receive_ == flight::pausing) LASTBYTE_MARK(receive_cancelled_while_pausing);
    receive_ = flight::cancelling;
    return step::cancel_receive;
  }
  if (send_ == flight::submitted) {
    LASTBYTE_MARK(send_cancelled);
    send_ = flight::cancelling;
    return step::cancel_send;
  }
  // Joining: what is in flight still uses the socket and its buffers.
  if (receive_ != flight::none || send_ != flight::none) return step::nothing;

  if (kernel_wanted_) {
    kernel_wanted_ = false;
    return step::ask_kernel;
  }
  if (!queue_.empty()) LASTBYTE_MARK(closed_by_reset_unsent);
  take_unsent();
  check_laws();
  apply(event::joined, now);
  return step::close_socket;
}

bool connection::closes_by_reset() const noexcept {
  // A failure is nobody's decision: there may have been more to say.
  const bool is_failure = ending_ == ending::resources || ending_ == ending::receive_failed;
  return !queue_.empty() || (is_failure && was_write_open_) || ending_ == ending::app_abort ||
         ending_ == ending::server_deadline || ending_ == ending::slow_reader ||
         ending_ == ending::protocol_error;
}

// ---- How.

// @param cause: why it ends, if this event ends it.
void connection::apply(event what, tick now, ending cause) noexcept {
  const cell& found = look_up(state_, what);
  LASTBYTE_CHECK(found.legal);
  LASTBYTE_MARK_CELL(state_, what);
  const state before = state_;
  state_ = found.next;
  if (has(found.effects, effect::fix_ending)) {
    was_write_open_ = is_write_open(before);
    fix_ending(cause);
  }
  if (has(found.effects, effect::tell_end)) end_untold_ = true;
  if (has(found.effects, effect::shutdown_send)) shutdown_wanted_ = true;
  if (state_ != before) on_entered(state_, now);
}

void connection::fix_ending(ending cause) noexcept {
  LASTBYTE_CHECK(ending_ == ending::none && cause != ending::none);
  ending_ = cause;
  // Of a clean ending the kernel has borne witness already.
  kernel_wanted_ = !is_clean(cause);
  if (is_clean(cause)) bytes_.unread = 0;
  take_unsent();
}

// What the kernel was never given, nobody can have acknowledged.
void connection::take_unsent() noexcept {
  if (bytes_.sent == 0 && send_ == flight::none) bytes_.acknowledged = 0;
}

void connection::end_by(event what, intent who, ending cause, tick now) noexcept {
  if (!is_ending_fixed(state_)) ask(who);
  apply(what, now, cause);
}

void connection::ask(intent who) noexcept {
  if (intent_ == intent::none) intent_ = who;
}

void connection::on_entered(state into, tick now) noexcept {
  switch (into) {
    case state::connecting: deadlines_.start(deadline::first_byte, now); break;
    case state::open:
      deadlines_.stop(deadline::first_byte);
      deadlines_.start(deadline::idle, now);
      deadlines_.start(deadline::send_stall, now);
      break;
    case state::finishing:
    case state::half_closed:
    case state::peer_finished: break;  // still serving: the deadlines of `open` go on
    case state::flushing:
    case state::last_flush:
      deadlines_.stop(deadline::first_byte);
      deadlines_.stop(deadline::idle);  // from here send_stall watches
      break;
    case state::draining:
      deadlines_.stop(deadline::first_byte);
      deadlines_.stop(deadline::idle);
      start_drain(now);
      break;
    case state::confirming:
      deadlines_.stop(deadline::idle);
      deadlines_.stop(deadline::drain_total);
      deadlines_.stop(deadline::drain_idle);
      kernel_wanted_ = true;
      break;
    case state::closing:
      deadlines_.stop_all();
      deadlines_.start(deadline::join, now);
      break;
    case state::closed: deadlines_.stop_all(); break;
  }
}

void connection::start_drain(tick now) noexcept {
  deadlines_.start(deadline::drain_total, now);
  deadlines_.start(deadline::drain_idle, now);
}

bool connection::wants_receive() const noexcept {
  return is_dropping(state_) || (is_delivering(state_) && !paused_);
}

bool connection::wants_send() const noexcept { return !queue_.empty(); }

void connection::take_sent(std::uint64_t count) noexcept {
  LASTBYTE_CHECK(send_ != flight::none);
  send_ = flight::none;
  queue_.mark_sent(count);
  bytes_.sent += count;
  check_laws();
}

void connection::take_acknowledged(const witness& kernel) noexcept {
  // Our FIN counts as one: payload is never more than what was sent.
  if (kernel.known && !fin_acknowledged_)
    bytes_.acknowledged = std::min(kernel.acknowledged, bytes_.sent);
  fin_held_back_ = fin_sent_ && kernel.known && kernel.has_unsent;
  if (fin_held_back_ && bytes_.acknowledged.value_or(0) == bytes_.sent)
    LASTBYTE_MARK(fin_held_back);
}

void connection::confirm(const witness& kernel, tick now) noexcept {
  const bool fin_acknowledged = kernel.known && kernel.acknowledged > bytes_.sent;
  if (fin_acknowledged || !kernel.known) {
    if (!kernel.known) {
      LASTBYTE_MARK(confirmed_unasked);
      mark_ = proof::unproven;
    }
    on_confirmed(now);
    return;
  }
  if (kernel.is_closed) return end_unwatched(kernel, now);  // and not everything was acknowledged
  if (confirm_probes_ != 0) LASTBYTE_MARK(confirm_asked_again);
  if (confirm_probes_ < confirm_backoff_steps) ++confirm_probes_;
  // Only a FIN that is under way is bounded by `confirm`; what a slow reader has no room for is send_stall's.
  if (may_be_unread()) {
    LASTBYTE_MARK(confirm_waits_for_bytes);
  } else if (!deadlines_.is_running(deadline::confirm)) {
    LASTBYTE_MARK(confirm_clock_starts);
    deadlines_.start(deadline::confirm, now);
  }
}

// It is over, and no completion told.
void connection::end_unwatched(const witness& kernel, tick now) noexcept {
  const bool is_told = kernel.failure != ending::none;
  if (is_told) {
    LASTBYTE_MARK(failure_told);
  } else {
    LASTBYTE_MARK(failure_untold);
  }
  end_by(event::operation_failed, intent::peer, is_told ? kernel.failure : ending::peer_reset, now);
}

void connection::on_confirmed(tick now) noexcept {
  apply(event::confirmed, now,
        peer_was_first_ ? ending::clean_peer_first : ending::clean_local_first);
}

void connection::check_laws() const noexcept {
  LASTBYTE_CHECK(incoming_balances(bytes_));
  LASTBYTE_CHECK(outgoing_balances(bytes_, queue_.size()));
}

}  // namespace lastbyte::core
