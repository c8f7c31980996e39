// Drives one connection at a time: tells its machine what happened, and does what the machine says next.
//
// Thread: whoever owns the slot (its worker, or the owner of its mailbox).
#pragma once

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "core/mark.hpp"
#include "port/completion_port.hpp"
#include "server/causes.hpp"
#include "server/lane.hpp"
#include "server/slot.hpp"

namespace lastbyte::engine {

template <port::completion_port Port>
class driver {
 public:
  using io_worker = typename Port::worker;
  using slot_type = slot<Port>;
  using origin = core::connection::origin;

  driver(common& all, lane<Port>& home, io_worker& io, turn& at)
      : all_(all), home_(home), io_(io), turn_(at) {}

  // ---- What happens to a slot. After each, settle().

  void begin_accepted(slot_type& on, const port::accepted_socket& accepted) {
    prepare(on, origin::accepted, accepted.peer);
    const port::outcome done = io_.adopt(on.socket, accepted, &on);
    tell_door(done);
    if (done.failed()) {
      LASTBYTE_MARK(adoption_failed);
      note_error(on, done);
      on.machine.request_abort(intent::bound, ending::resources, turn_.now);
      return;
    }
    call(on, [&] { all_.serving.on_open(on); });
    heed_marks(on);
  }

  void begin_connect(slot_type& on, const endpoint& where, std::uint64_t user_word) {
    prepare(on, origin::connecting, where);
    on.user_word = user_word;
    io_.submit_connect(on.socket, where, &on);
  }

  void on_completion(slot_type& on, const port::completion& done) {
    // It may begin what has a deadline: behind a slow handler of another connection, too, it begins now.
    if (done.result.failed() || on.machine.current() != core::state::open) turn_.look_at_clock();
    switch (done.what) {
      case port::operation::receive: on_receive(on, done); break;
      case port::operation::send: on_send(on, done); break;
      case port::operation::connect: on_connect(on, done); break;
      case port::operation::accept:
      case port::operation::none:
        broken_law("a slot neither accepts nor does nothing", __FILE__, __LINE__);
    }
    heed_marks(on);
  }

  void on_alarm(slot_type& on) {
    const port::kernel_witness kernel = io_.witness(on.socket);
    core::witness said = witness_of(kernel);
    said.unread = io_.unread(on.socket);
    if (on.machine.is_unwatched()) add_failure(on, said);
    if (kernel.is_unanswered) lift_mark(on);
    on.machine.on_timer(said, turn_.heard, turn_.look_at_clock(), all_.bounds);
    if (all_.ending.is_begun()) press(on, said, kernel.round_trip_us);
    if (on.machine.is_stuck(turn_.heard, all_.bounds)) quarantine(on);
    on.timed_for = core::state::closed;  // compute the alarm anew
  }

  void on_command(slot_type& on, const command& wanted) {
    switch (wanted.what) {
      // A refusal is counted by the machine; the sender is gone and can't be told.
      case wish::send: (void)on.send(std::span<const std::byte>(wanted.bytes)); break;
      case wish::finish: on.finish(); break;
      case wish::close: on.close(); break;
      case wish::abort: on.abort(); break;
      case wish::resume: on.resume(); break;
      case wish::release: on.release(); break;
      case wish::connect: break;  // not about a slot
    }
    heed_marks(on);
  }

  // Does what the machine wants, until it wants nothing.
  // @return whether the connection has ended; the slot then goes back to its table.
  [[nodiscard]] bool settle(slot_type& on) {
    if (!on.is_begun) return false;
    for (;;) {
      switch (on.machine.next(turn_.now)) {
        case core::step::nothing: set_alarm(on); return false;
        case core::step::submit_receive: io_.submit_receive(on.socket); break;
        case core::step::pause_receive: io_.pause_receive(on.socket); break;
        case core::step::cancel_receive: io_.cancel_receive(on.socket); break;
        case core::step::submit_send: submit_send(on); break;
        case core::step::cancel_send: io_.cancel_send(on.socket); break;
        case core::step::shutdown_send: shutdown_send(on); break;
        case core::step::ask_kernel: ask_kernel(on); break;
        case core::step::tell_end:
          call(on, [&] { all_.serving.on_end_of_stream(on); });
          heed_marks(on);
          break;
        case core::step::close_socket: finish(on); return true;
      }
    }
  }

 private:
  void tell_door(const port::outcome& adopted) {
    const std::lock_guard lock(home_.guard);
    if (adopted.failed()) {
      home_.door.on_turned_away(io_, turn_.now);
    } else {
      home_.door.on_welcomed(turn_.now);
    }
  }

  void prepare(slot_type& on, origin from, const endpoint& peer) {
    on.machine = core::connection(from, turn_.look_at_clock());
    on.is_begun = true;
    on.peer = peer;
    on.user_word = 0;
    on.native_error = 0;
    on.timed_for = core::state::closed;
    on.is_paused_by_user = false;
    on.is_paused_by_mark = false;
    on.is_mark_lifted = false;
    on.marks_lifted = 0;
    on.is_seen_unread = false;
    home_.open_connections.fetch_add(1, std::memory_order_relaxed);
    all_.limit.enter();
    all_.counts.count_accepted();
  }

  // Calls the handler. Its exceptions end the one connection, never the worker.
  template <class Function>
  void call(slot_type& on, const Function& handler_call) {
    try {
      handler_call();
    } catch (const std::exception& thrown) {
      LASTBYTE_MARK(handler_threw);
      on_thrown(on, thrown.what());
    } catch (...) {
      LASTBYTE_MARK(handler_threw_unknown);
      on_thrown(on, "an exception of unknown type");
    }
    // What it has begun counts from when it is done, as far as only then something happens.
    if (on.machine.current() != core::state::open) turn_.look_at_clock();
  }
  void on_thrown(slot_type& on, const char* what) {
    // No string: it may have thrown because there is no memory.
    constexpr std::string_view told = "the handler threw, its connection is aborted: ";
    std::array<char, 256> text{};
    const std::string_view why = std::string_view(what).substr(0, text.size() - told.size());
    const char* const end = std::ranges::copy(why, std::ranges::copy(told, text.begin()).out).out;
    all_.tell(notice::kind::handler_threw, std::string_view(text.begin(), end));
    on.machine.request_abort(intent::application, ending::app_abort, turn_.look_at_clock());
  }

  // ---- Completions.

  void on_receive(slot_type& on, const port::completion& done) {
    core::connection& machine = on.machine;
    if (done.received != nullptr) take_bytes(on, buffer(done.received));
    if (done.is_end_of_stream) {
      machine.on_end_of_stream(done.is_proven ? proof::proven : proof::unproven, turn_.now,
                               done.acknowledged);
    } else if (done.result.failed() && done.result.what != port::error::cancelled) {
      note_error(on, done.result);
      machine.on_failed(core::operation::receive,
                        cause_of(core::operation::receive, done.result.what), turn_.now);
    } else if (!done.more) {
      machine.on_receive_ended();
    }
  }

  void take_bytes(slot_type& on, buffer bytes) {
    const auto count = static_cast<std::uint32_t>(bytes.size());
    const auto fate = on.machine.on_received(count, turn_.now);
    LASTBYTE_CHECK(fate != core::disposition::impossible);
    if (fate == core::disposition::deliver) {
      call(on, [&] { all_.serving.on_receive(on, std::move(bytes)); });
    } else {
      on.machine.check_drain_bytes(turn_.now, all_.bounds);
    }
  }

  void on_send(slot_type& on, const port::completion& done) {
    if (done.result.failed() && done.result.what != port::error::cancelled) {
      note_error(on, done.result);
      on.machine.on_failed(core::operation::send, cause_of(core::operation::send, done.result.what),
                           turn_.now, done.bytes);
    } else {
      on.machine.on_sent(done.bytes, turn_.now);
    }
    on.release_sent();
  }

  void on_connect(slot_type& on, const port::completion& done) {
    if (done.result.failed()) {
      note_error(on, done.result);
      on.machine.on_failed(core::operation::connect,
                           cause_of(core::operation::connect, done.result.what), turn_.now);
      return;
    }
    on.machine.on_connected(turn_.now);
    if (on.machine.current() == core::state::open) {
      call(on, [&] { all_.serving.on_open(on); });
    }
  }

  // ---- Steps.

  void submit_send(slot_type& on) {
    const std::size_t count = on.machine.queue().gather(slices_);
    io_.submit_send(on.socket, std::span(slices_).first(count));
  }

  void shutdown_send(slot_type& on) {
    const port::outcome done = io_.shutdown_send(on.socket);
    if (!done.failed()) return;
    note_error(on, done);
    on.machine.on_failed(core::operation::shutdown, cause_of(core::operation::shutdown, done.what),
                         turn_.now);
  }

  void ask_kernel(slot_type& on) {
    core::witness kernel = witness_of(io_.witness(on.socket));
    if (on.machine.current() == core::state::closing) kernel.unread = io_.unread(on.socket);
    if (on.machine.is_confirming()) add_failure(on, kernel);
    on.machine.on_witness(kernel, turn_.now);
    if (on.timed_for == core::state::confirming) {
      // Held when its peer finished, it was not to be asked about until now.
      LASTBYTE_MARK(confirm_asked_late);
      on.timed_for = core::state::closed;  // compute the alarm anew
    }
  }

  // Nothing is in flight, so no completion tells why a connection ends now.
  void add_failure(slot_type& on, core::witness& kernel) {
    if (!kernel.is_closed || kernel.acknowledged > on.machine.sent()) return;
    const port::outcome why = io_.failure(on.socket);
    if (!why.failed()) return;
    LASTBYTE_MARK(kernel_told_failure);
    note_error(on, why);
    kernel.failure = cause_of(core::operation::send, why.what);
  }

  // Back-pressure: a peer that doesn't read what it is sent gets to send no more. Behind whatever may have queued or taken
  // something: what the one queues, the next may take, and the handler was told in between to stop.
  void heed_marks(slot_type& on) {
    const std::uint64_t queued = on.machine.queue().footprint();
    if (!on.is_paused_by_mark && queued >= all_.chosen.high_mark_bytes) {
      LASTBYTE_MARK(paused_at_high_mark);
      on.is_paused_by_mark = true;
      on.apply_pause();
    } else if (on.is_paused_by_mark && queued <= all_.chosen.low_mark_bytes) {
      LASTBYTE_MARK(resumed_at_low_mark);
      on.is_paused_by_mark = false;
      on.is_mark_lifted = false;
      on.marks_lifted = 0;
      on.apply_pause();
      if (on.machine.may_send()) call(on, [&] { all_.serving.on_send_low(on); });
      if (on.above_high_mark()) {
        LASTBYTE_MARK(high_mark_again);
        heed_marks(on);
      }
    } else if (on.is_mark_lifted &&
               queued >= (std::uint64_t{1} + on.marks_lifted) * all_.chosen.high_mark_bytes) {
      on.is_mark_lifted = false;
      on.apply_pause();
    }
  }

  // Linux takes back the window that it has announced where a segment finds no memory (tcp_select_window() in
  // net/ipv4/tcp_output.c, since 6.14), and drops what begins beyond it: of a peer that was a few bytes ahead, each of its
  // acknowledgements (tcp_acceptable_seq() tells it to begin there). What it has read is sent again for ever then, unless
  // we receive. That takes no memory that the kernel doesn't give back.
  void lift_mark(slot_type& on) {
    constexpr std::uint8_t most = 255;
    if (!on.is_paused_by_mark || on.is_mark_lifted || on.marks_lifted == most) return;
    LASTBYTE_MARK(mark_lifted);
    ++on.marks_lifted;
    on.is_mark_lifted = true;
    on.apply_pause();
  }

  // Touched only when what it depends on has changed, never per message: that all is sent does not change it,
  // since an alarm that rings early costs a look.
  void set_alarm(slot_type& on) {
    core::connection& machine = on.machine;
    const bool is_sending = !machine.queue().empty();
    if (on.timed_for == machine.current() && (on.is_timed_sending || !is_sending)) return;
    on.timed_for = machine.current();
    on.is_timed_sending = is_sending;
    // Before it is known whether quiesce has begun: who begins it brings alarms forward, which must not be cleared.
    const std::lock_guard lock(home_.guard);
    auto due = next_look(on);
    // What is further off than half a turn of the clock would be taken for past.
    if (due) due = std::min(*due, farthest_look_ms);
    if (!due) {
      home_.wheel.clear(on);
    } else if (!home_.wheel.bring_forward(on, turn_.now + *due)) {
      LASTBYTE_MARK(alarm_kept);
    }
  }

  [[nodiscard]] std::optional<tick> next_look(const slot_type& on) const {
    if (on.is_quarantined) return std::nullopt;  // nothing is left to strike
    auto due = on.machine.next_timer(turn_.now, all_.bounds);
    // However late a stall strikes, or if none does: a window that the kernel has taken back is to be seen soon.
    if (!on.machine.queue().empty())
      due = std::min(due.value_or(longest_unseen_ms), longest_unseen_ms);
    // Who has come to an end is pressed no more: at the hard deadline that would be everybody, each millisecond.
    if (!all_.ending.is_begun() || core::is_ending_fixed(on.machine.current())) return due;
    return std::min(due.value_or(~tick{0}), next_press(on));
  }

  // ---- Quiesce.

  // Ends the connection as far as the phase asks for it.
  void press(slot_type& on, const core::witness& kernel, std::uint32_t round_trip_us) {
    core::connection& machine = on.machine;
    switch (all_.ending.at(turn_.now)) {
      case quiesce::phase::serving:
      case quiesce::phase::grace: return;
      case quiesce::phase::quieting: {
        const tick quiet = all_.ending.quiet_ms(round_trip_us);
        const bool is_reading = watch_reading(on, kernel);
        if (is_reading || !machine.is_quiet(turn_.heard, quiet)) return;
        if (all_.ending.until_first_end(turn_.heard, on.index, quiet) > 0) return;
        if (kernel.unread.value_or(0) > 0) return;
        machine.request_close(intent::quiesce, turn_.now);
        return;
      }
      case quiesce::phase::closing:
        if (machine.is_held()) {
          LASTBYTE_MARK(closing_held_back);
          return;
        }
        machine.request_close(intent::quiesce, turn_.now);
        return;
      case quiesce::phase::over:
        LASTBYTE_MARK(pressed_at_deadline);
        machine.request_abort(intent::quiesce, ending::server_deadline, turn_.now);
        return;
    }
  }

  // Whether the peer still reads what it was sent. When it is seen to be done, its silence begins.
  [[nodiscard]] bool watch_reading(slot_type& on, const core::witness& kernel) {
    const bool was_reading = on.is_seen_unread;
    // Of a connection that is over nobody reads any more, though no operation may have told.
    on.is_seen_unread = kernel.known && !kernel.is_closed && on.machine.may_be_unread();
    if (on.is_seen_unread) LASTBYTE_MARK(quiet_but_unacknowledged);
    if (was_reading && !on.is_seen_unread) on.machine.note_reading(turn_.now);
    return on.is_seen_unread;
  }

  [[nodiscard]] tick next_press(const slot_type& on) const {
    const tick next_phase = all_.ending.until_next_phase(turn_.now);
    const core::state now = on.machine.current();
    if (!core::is_delivering(now) && now != core::state::peer_finished) return next_phase;
    switch (all_.ending.at(turn_.now)) {
      case quiesce::phase::quieting: {
        // Who still reads, or has more to read now, is quiet from when he is seen to be done.
        const bool has_to_read = on.is_seen_unread || !on.machine.queue().empty();
        const tick first_end =
            has_to_read ? 0
                        : all_.ending.until_first_end(turn_.now, on.index, all_.ending.quiet_ms(0));
        return std::min(next_phase, std::max(first_end, all_.ending.look_again_ms()));
      }
      case quiesce::phase::closing:
        if (on.machine.is_held()) return std::min(next_phase, all_.ending.look_again_ms());
        // Out of the accept queue behind the cap, with the quiet time to be served: if that is long, half of what is left.
        LASTBYTE_MARK(opened_behind_cap);
        return std::min(next_phase / 2, all_.ending.quiet_ms(0));
      case quiesce::phase::serving:
      case quiesce::phase::grace:
      case quiesce::phase::over: return next_phase;
    }
    return next_phase;
  }

  // ---- The end.

  void finish(slot_type& on) {
    core::connection& machine = on.machine;
    io_.close(on.socket,
              machine.closes_by_reset() ? port::close_mode::reset : port::close_mode::orderly);
    ending_report how{machine.cause(), machine.first_asked(), machine.mark(),
                      on.native_error, machine.bytes(),       on.peer};
    call_last(on, how);
    how.bytes = machine.bytes();  // with what on_ended offered, which was refused
    on.release_all();  // before anybody may think that all is over, and take the pools away
    account(on, how);
    on.is_begun = false;
    on.generation.fetch_add(1, std::memory_order_release);
  }

  void call_last(slot_type& on, const ending_report& how) {
    try {
      all_.serving.on_ended(on, how);
    } catch (...) {
      LASTBYTE_MARK(handler_threw_at_end);
      all_.tell(notice::kind::handler_threw, "the handler threw in on_ended");
    }
  }

  void account(slot_type& on, const ending_report& how) {
    all_.counts.count_ended(how, all_.ending.is_begun(), all_.ending.elapsed(turn_.now));
    all_.tell(notice::kind::connection_ended, {}, &how);
    if (on.is_quarantined) {
      on.is_quarantined = false;
      LASTBYTE_MARK(quarantined_came_back);
      all_.counts.count_came_back();
      const std::lock_guard lock(home_.guard);
      home_.slots.find_again();
    } else {
      leave();
    }
  }

  // One connection less is waited for.
  void leave() {
    home_.open_connections.fetch_sub(1, std::memory_order_release);
    if (all_.limit.leave()) {
      LASTBYTE_MARK(room_again);
      all_.ring_all();
    }
  }

  // The kernel has not given an operation back: its memory can never be used again.
  void quarantine(slot_type& on) {
    if (on.is_quarantined) return;
    LASTBYTE_MARK(quarantined);
    on.is_quarantined = true;
    all_.counts.count_quarantined();
    all_.tell(notice::kind::stuck,
              "an operation that was cancelled never came back; its connection is put aside");
    {
      const std::lock_guard lock(home_.guard);
      home_.slots.lose();
    }
    leave();
  }

  [[nodiscard]] static core::witness witness_of(const port::kernel_witness& kernel) noexcept {
    core::witness said;
    said.known = kernel.known;
    said.is_closed = kernel.is_closed;
    said.has_unsent = kernel.has_unsent;
    said.acknowledged = kernel.acknowledged;
    return said;
  }

  // Of the error behind the ending: what comes later is none of its business.
  static void note_error(slot_type& on, const port::outcome& why) noexcept {
    if (on.machine.cause() == ending::none) on.native_error = why.native;
  }

  static constexpr tick farthest_look_ms = tick{1} << 30U;
  static constexpr tick longest_unseen_ms = 5'000;  // while something is queued

  common& all_;
  lane<Port>& home_;
  io_worker& io_;
  turn& turn_;
  std::array<port::slice, port::max_slices> slices_;  // of the send that is being submitted
};

}  // namespace lastbyte::engine
