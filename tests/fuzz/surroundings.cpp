#include "fuzz/surroundings.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

using core::operation;
using core::state;
using core::step;
using core::tick;

// Bounds of the fuzzed world; larger ones reach nothing new. Units: bytes, milliseconds, steps.
constexpr std::uint32_t block_bytes = 200;
constexpr tick most_time = tick{1} << 30U;  // the future is half of the clock's range
constexpr int most_steps = 32;
constexpr int most_holds = 8;

constexpr std::array failures{ending::peer_reset,     ending::peer_vanished, ending::send_failed,
                              ending::receive_failed, ending::resources,     ending::local_abort};

ending failure_of(std::uint8_t how) { return failures[how % failures.size()]; }

std::uint32_t size_of(std::uint8_t how) { return 1 + std::uint32_t{how} * how; }

std::uint64_t share_of(std::uint64_t all, std::uint8_t how) { return all * how / UINT8_MAX; }

}  // namespace

struct surroundings::view {
  state in;
  ending cause;
  intent asked;
  proof mark;
  std::uint64_t received, delivered, discarded, unanswered, queued, sent;
  bool is_receiving, is_sending, is_paused, is_held;

  friend bool operator==(const view&, const view&) = default;
};

surroundings::view surroundings::seen() const {
  const ledger& bytes = machine_.bytes();
  return {machine_.current(),
          machine_.cause(),
          machine_.first_asked(),
          machine_.mark(),
          bytes.received,
          bytes.delivered,
          bytes.discarded,
          bytes.unanswered,
          bytes.queued,
          bytes.sent,
          machine_.is_receive_in_flight(),
          machine_.is_send_in_flight(),
          machine_.is_paused(),
          machine_.is_held()};
}

surroundings::surroundings(const setting& chosen)
    : supply_(block_bytes),
      now_(chosen.now),
      bounds_(chosen.bounds),
      machine_(chosen.from, chosen.now),
      answer_to_end_(chosen.answer_to_end),
      is_connecting_(chosen.from == core::connection::origin::connecting),
      is_sending_(is_connecting_),
      moved_at_(chosen.now) {
  settle();
}

void surroundings::happen(deed what, std::uint8_t how) {
  const bool is_done = happen_to_receive(what, how) || happen_to_send(what, how) ||
                       happen_in_kernel(what, how) || happen_in_handler(what, how);
  if (!is_done) happen_in_driver(what, how);
  release_sent();
  check();
}

// ---- What happens.

bool surroundings::happen_to_receive(deed what, std::uint8_t how) {
  switch (what) {
    case deed::bytes_arrive:
      if (is_receiving_) arrive(size_of(how));
      return true;
    case deed::bytes_behind_the_end: arrive_behind_the_end(size_of(how)); return true;
    case deed::end_of_stream:
      if (is_receiving_) end_stream(how % 4 == 0 ? proof::unproven : proof::proven);
      return true;
    case deed::receive_ends:
      if (!is_receiving_) return true;
      is_receiving_ = is_stopping_receive_ = false;
      machine_.on_receive_ended();
      return true;
    case deed::receive_fails:
      if (!is_receiving_) return true;
      is_receiving_ = is_stopping_receive_ = false;
      machine_.on_failed(operation::receive, failure_of(how), now());
      return true;
    default: return false;
  }
}

void surroundings::arrive(std::uint32_t count) {
  const bool is_wanted = !ours_.close_said && !is_ending();
  const auto fate = machine_.on_received(count, now());
  demand(fate == (is_wanted ? core::disposition::deliver : core::disposition::discard),
         "received bytes went the wrong way");
  if (is_wanted) {
    ours_.delivered += count;
    moved_at_ = now();
    return;
  }
  (ours_.close_said ? ours_.unanswered : ours_.discarded) += count;
  machine_.check_drain_bytes(now(), bounds_);
}

void surroundings::arrive_behind_the_end(std::uint32_t count) {
  const bool is_illegal = is_closed_ || (!is_ending() && (is_connecting_ || ours_.fin_seen));
  if (!is_illegal) return;
  const view before = seen();
  demand(machine_.on_received(count, now()) == core::disposition::impossible,
         "bytes were taken that can't exist");
  demand(seen() == before, "a refused event changed something");
}

void surroundings::end_stream(proof mark) {
  is_receiving_ = is_stopping_receive_ = false;
  ours_.fin_seen = true;
  ours_.fin_seen_first = !ours_.fin_sent;
  machine_.on_end_of_stream(mark, now());
}

bool surroundings::happen_to_send(deed what, std::uint8_t how) {
  switch (what) {
    case deed::connect_succeeds: connected(true, how); return true;
    case deed::connect_fails: connected(false, how); return true;
    case deed::send_ends:
      if (!is_sending_ || is_connecting_) return true;
      take(how);
      machine_.on_sent(gathered_, now());
      return true;
    case deed::send_fails:
      if (!is_sending_ || is_connecting_) return true;
      take(how);
      machine_.on_failed(operation::send, failure_of(how), now(), gathered_);
      return true;
    default: return false;
  }
}

void surroundings::connected(bool is_good, std::uint8_t how) {
  if (!is_connecting_) return;
  is_connecting_ = is_sending_ = is_stopping_send_ = false;
  moved_at_ = now();
  if (is_good) {
    machine_.on_connected(now());
  } else {
    machine_.on_failed(operation::connect, failure_of(how), now());
  }
}

// The send in flight ends: the kernel took a share of what was gathered.
void surroundings::take(std::uint8_t share) {
  is_sending_ = is_stopping_send_ = false;
  gathered_ = share_of(gathered_, share);
  ours_.taken += gathered_;
  if (gathered_ > 0) moved_at_ = now();
}

bool surroundings::happen_in_kernel(deed what, std::uint8_t how) {
  switch (what) {
    case deed::peer_acknowledges: {
      const std::uint64_t most = ours_.taken + (ours_.fin_sent ? 1 : 0);
      ours_.acknowledged += share_of(most - ours_.acknowledged, how);
      return true;
    }
    case deed::kernel_goes_mute: is_mute_ = how % 2 == 0; return true;
    case deed::kernel_is_over: is_over_ = how % 2 == 0; return true;
    case deed::shutdown_breaks: is_shutdown_broken_ = how % 2 == 0; return true;
    default: return false;
  }
}

bool surroundings::happen_in_handler(deed what, std::uint8_t how) {
  switch (what) {
    case deed::send: send_block(how); return true;
    case deed::grow: grow_last(how); return true;
    case deed::refuse:
      machine_.refuse(how);
      ours_.refused += how;
      return true;
    case deed::finish: say_finish(); return true;
    case deed::close: say_close(intent::application); return true;
    case deed::abort: {
      const ending cause = how % 2 == 0 ? ending::app_abort : ending::protocol_error;
      machine_.request_abort(intent::application, cause, now());
      return true;
    }
    case deed::pause:
      is_paused_ = true;
      machine_.pause();
      return true;
    case deed::resume:
      is_paused_ = false;
      machine_.resume();
      return true;
    case deed::hold:
      if (holds_ == most_holds) return true;
      ++holds_;
      machine_.hold();
      return true;
    case deed::release:
      // One too many is harmless.
      holds_ = std::max(holds_ - 1, 0);
      machine_.release();
      return true;
    default: return false;
  }
}

void surroundings::send_block(std::uint8_t how) {
  const bool is_welcome =
      !is_connecting_ && !is_ending() && !ours_.finish_said && !ours_.close_said;
  const std::string bytes(1 + how % block_bytes, 'x');
  block& offered = supply_.make(bytes);
  const view before = seen();
  demand(machine_.may_send() == is_welcome, "may_send() is wrong");
  demand(machine_.request_send(offered) == is_welcome, "a send was taken, or not, wrongly");
  if (is_welcome) {
    ours_.accepted += bytes.size();
    ours_.footprint += offered.capacity;
    return;
  }
  ours_.refused += bytes.size();
  offered.owner->give_back(offered);
  demand(seen() == before, "a refused send changed something");
}

void surroundings::grow_last(std::uint8_t how) {
  if (!machine_.may_send() || machine_.queue().empty()) return;
  const auto count =
      static_cast<std::uint32_t>(std::min<std::size_t>(machine_.queue().spare().size(), how));
  if (count == 0) return;
  machine_.grew_last(count);
  ours_.accepted += count;
}

void surroundings::say_finish() {
  // Refused while connecting: there is nothing to finish yet.
  if (!is_connecting_ && !is_ending()) ours_.finish_said = true;
  machine_.request_finish(intent::application, now());
}

void surroundings::say_close(intent who) {
  if (!is_connecting_ && !is_ending()) ours_.close_said = true;
  machine_.request_close(who, now());
}

// ---- The driver and the clock.

void surroundings::happen_in_driver(deed what, std::uint8_t how) {
  switch (what) {
    case deed::time_passes: pass(tick{how} * how); break;
    case deed::much_time_passes: pass(tick{how} << 16U); break;
    case deed::alarm: ring(tick{how} * how); break;
    case deed::alarm_when_due:
      settle();
      pass(machine_.next_timer(now(), bounds_).value_or(0));
      ring(0);
      break;
    case deed::clock_goes_back: behind_ = how % 4; break;
    case deed::drain_is_checked: machine_.check_drain_bytes(now(), bounds_); break;
    case deed::quiesce_presses: press(how); break;
    default: break;
  }
}

void surroundings::pass(tick ms) {
  const tick possible = std::min(ms, most_time - passed_);
  passed_ += possible;
  now_ += possible;
}

// A timer finds the machine settled: the driver settles after everything else.
void surroundings::ring(tick unheard_ms) {
  settle();
  machine_.on_timer(kernel_says(), now() - unheard_ms, now(), bounds_);
  settle();
  if (unheard_ms != 0) return;  // it rings again until all is told
  const auto due = machine_.next_timer(now(), bounds_);
  const bool is_joining = machine_.current() == state::closing;
  demand(is_joining || !due || *due > 0, "an alarm that rings again at once, for ever");
}

void surroundings::press(std::uint8_t how) {
  settle();
  if (machine_.is_quiet(now(), how)) {
    demand(!is_ending() && !ours_.close_said && holds_ == 0 && machine_.queue().empty(),
           "quiet, though something was to be done");
    say_close(intent::quiesce);
  } else if (how % 8 == 0) {
    machine_.request_abort(intent::quiesce, ending::server_deadline, now());
  } else if (holds_ == 0 && how % 2 == 0) {
    say_close(intent::quiesce);
  }
}

core::witness surroundings::kernel_says() const {
  core::witness said;
  said.known = !is_mute_;
  said.is_closed = !is_mute_ && is_over_;
  said.acknowledged = is_mute_ ? 0 : ours_.acknowledged;
  return said;
}

// ---- What the machine wants.

void surroundings::settle() {
  for (int steps = 0; steps < most_steps; ++steps) {
    const step next = machine_.next(now());
    if (next == step::nothing) {
      release_sent();
      check();
      return check_settled();
    }
    demand(!is_closed_, "a step after the socket was closed");
    do_step(next);
    check();
  }
  demand(false, "it never settles");
}

void surroundings::do_step(step next) {
  switch (next) {
    case step::nothing: return;
    case step::submit_receive: return submit_receive();
    case step::pause_receive: demand(!is_ending(), "a pause while closing"); [[fallthrough]];
    case step::cancel_receive:
      demand(is_receiving_, "a cancel of no receive");
      is_stopping_receive_ = true;
      return;
    case step::submit_send: return submit_send();
    case step::cancel_send:
      demand(is_sending_ && !is_stopping_send_, "a cancel of no send, or twice");
      demand(is_ending(), "a cancel of a send that is still wanted");
      is_stopping_send_ = true;
      return;
    case step::shutdown_send: return shut_down();
    case step::ask_kernel: return ask_kernel();
    case step::tell_end: return tell_end();
    case step::close_socket: return close_socket();
  }
}

void surroundings::submit_receive() {
  demand(!is_ending(), "a receive submitted while closing");
  demand(!is_receiving_, "two receives armed");
  demand(!ours_.fin_seen, "a receive behind the end of stream");
  demand(!is_connecting_, "a receive before the connection is open");
  is_receiving_ = true;
}

void surroundings::submit_send() {
  demand(!is_ending(), "a send submitted while closing");
  demand(!is_sending_, "two sends in flight");
  demand(!is_shutdown_said_, "a send behind SD_SEND");
  gathered_ = machine_.queue().size();
  demand(gathered_ > 0, "a send of nothing");
  is_sending_ = true;
}

void surroundings::shut_down() {
  demand(!is_ending(), "SD_SEND while closing");
  demand(!is_shutdown_said_, "SD_SEND twice");
  demand(ours_.finish_said || ours_.close_said, "SD_SEND that nobody asked for");
  demand(!is_sending_ && ours_.taken == ours_.accepted, "SD_SEND before everything was sent");
  is_shutdown_said_ = true;
  if (is_shutdown_broken_) {
    machine_.on_failed(operation::shutdown, ending::peer_reset, now());
  } else {
    ours_.fin_sent = true;
  }
}

void surroundings::ask_kernel() {
  core::witness said = kernel_says();
  if (machine_.current() == state::closing) said.unread = 0;
  machine_.on_witness(said, now());
}

void surroundings::tell_end() {
  demand(ours_.fin_seen && !is_end_told_, "an end of stream told that was not, or twice");
  demand(holds_ == 0, "an end of stream told to a handler that holds");
  demand(!is_ending(), "an end of stream told of a connection that has ended");
  is_end_told_ = true;
  answer_end();
}

// What handlers say from within on_end_of_stream().
void surroundings::answer_end() {
  switch (answer_to_end_ % 6) {
    case 1: return say_finish();
    case 2: return say_close(intent::application);
    case 3: send_block(answer_to_end_); return say_close(intent::application);
    case 4: return machine_.request_abort(intent::application, ending::protocol_error, now());
    case 5: ++holds_; return machine_.hold();
    default: return;
  }
}

void surroundings::close_socket() {
  demand(!is_receiving_ && !is_sending_, "closed with something in flight");
  demand(is_ending(), "closed without a cause");
  const bool is_short = ours_.taken < ours_.accepted;
  demand(!is_short || machine_.closes_by_reset(), "a stream cut short would end like a whole one");
  demand(!is_clean(machine_.cause()) || !machine_.closes_by_reset(), "clean, and then a reset");
  is_closed_ = true;
}

void surroundings::release_sent() {
  while (block* sent = machine_.queue().pop_sent()) {
    ours_.footprint -= sent->capacity;
    sent->owner->give_back(*sent);
  }
}

// ---- What must hold.

// At any time.
void surroundings::check() {
  check_bytes(ours_, machine_);
  demand(machine_.is_held() == (holds_ > 0), "held");
  demand(machine_.is_paused() == is_paused_, "paused");
  demand(machine_.is_closed() == is_closed_, "closed, and the socket is not");
  demand(is_ending() == core::is_ending_fixed(machine_.current()), "a cause without an end");
  demand(intent_ == intent::none || machine_.first_asked() == intent_, "the intent changed");
  intent_ = machine_.first_asked();
  if (cause_ != ending::none) return demand(machine_.cause() == cause_, "the cause changed");
  cause_ = machine_.cause();
  if (!is_ending()) return;
  check_cause(ours_, machine_, bounds_);
  // The clock may have gone back by as much as `behind_` since.
  const bool is_early = core::time_since(moved_at_, now_) < bounds_.of(core::deadline::idle);
  demand(cause_ != ending::idle || !is_early, "idle struck too early");
  demand(cause_ != ending::idle || holds_ == 0, "idle struck while held");
}

// When the machine wants nothing more.
void surroundings::check_settled() const {
  const state in = machine_.current();
  demand(machine_.is_receive_in_flight() == is_receiving_, "whether a receive is in flight");
  demand(machine_.is_send_in_flight() == is_sending_, "whether a send is in flight");
  demand(!core::is_dropping(in) || is_receiving_, "no read is posted after close()");
  demand(!core::is_delivering(in) || is_paused_ || is_receiving_, "no read is posted");
  demand(in == state::connecting || is_ending() || machine_.queue().empty() || is_sending_,
         "bytes are queued, and no send is posted");
  demand(in != state::closing || is_receiving_ || is_sending_, "joined, but not closed");
  demand(!is_ending() || is_closed_ || is_stopping_receive_ || is_stopping_send_,
         "closing, and nothing was cancelled");
  demand(!ours_.fin_seen || is_end_told_ || holds_ > 0 || ours_.close_said || is_ending(),
         "the end of stream was not told");
  demand(!machine_.is_stuck(now(), bounds_) || in == state::closing, "stuck, but not joining");
}

}  // namespace lastbyte::fuzz
