// The sans-I/O connection: it is told what happened, and says what to do next.
//
// The rule: no socket, no clock, no memory, no log. Whoever drives it calls on_...() for each completion,
// request_...() for each wish of the handler, and then next() until it says `nothing`, doing each step.
// Not here: which state follows which (transition_table.hpp), the memory of what is queued (send_queue.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <lastbyte/ending.hpp>
#include <lastbyte/ledger.hpp>

#include "core/account.hpp"
#include "core/deadlines.hpp"
#include "core/send_queue.hpp"
#include "core/state.hpp"

namespace lastbyte::core {

// What the driver must do now. Each is said once, and counts as done when it was said.
enum class step : std::uint8_t {
  nothing,
  submit_receive,  // a subscription; ends by on_receive_ended(), on_end_of_stream() or on_failed()
  pause_receive,   // it ends soon, perhaps with bytes; a request, for the sake of back-pressure
  cancel_receive,  // it ends as soon as it can
  submit_send,     // the queue, gathered; ends by on_sent() or on_failed()
  cancel_send,     // it ends as soon as it can
  shutdown_send,   // SD_SEND; only a failure is reported back: on_failed()
  ask_kernel,      // on_witness()
  tell_end,        // the handler's on_end_of_stream()
  close_socket,    // the last one; reset or orderly: closes_by_reset()
};

// What an operation was that failed.
enum class operation : std::uint8_t { connect, receive, send, shutdown };

// What becomes of received bytes.
enum class disposition : std::uint8_t {
  deliver,
  discard,
  impossible,  // behind an end of stream: the port broke its contract; nothing was counted
};

// What the kernel says about a connection. Units: bytes; without SYN, with our FIN.
struct witness {
  bool known = false;              // false: this platform can't tell
  bool is_closed = false;          // the TCP state machine is over: closed, or TIME_WAIT
  bool has_unsent = false;         // something of ours has not left yet, were it our FIN
  std::uint64_t acknowledged = 0;  // of what we sent, our FIN counting as one byte
  ending failure = ending::none;   // what ended it, where no operation was in flight to be told
  std::optional<std::uint64_t>
      unread;  // received by the kernel, not by us; asked when closing, and before silence is judged
};

class connection {
 public:
  enum class origin : std::uint8_t { accepted, connecting };

  connection(origin from, tick now) noexcept;

  // ---- What happened.

  void on_connected(tick now) noexcept;
  [[nodiscard]] disposition on_received(std::uint32_t count, tick now) noexcept;
  // The peer's FIN, which also ends the receive. @param mark: whether it was verified. @param acknowledged: as in
  // `witness`, if the kernel was asked on the way; else 0.
  void on_end_of_stream(proof mark, tick now, std::uint64_t acknowledged = 0) noexcept;
  // The receive ended, without news: cancelled, or the port asks for another.
  void on_receive_ended() noexcept;
  // The send ended: `count` bytes were taken, perhaps fewer than asked, perhaps because of a cancel.
  void on_sent(std::uint64_t count, tick now) noexcept;
  // `which` ended by an error. @param taken: bytes that the kernel took of a send all the same.
  void on_failed(operation which, ending cause, tick now, std::uint64_t taken = 0) noexcept;
  void on_witness(const witness& kernel, tick now) noexcept;
  // The connection's timer expired. @param kernel: asked just before. @param heard: all news until then have been told,
  // so deadlines are judged as of then; what begins here begins `now`, which is never sooner.
  void on_timer(const witness& kernel, tick heard, tick now, const limits& bounds) noexcept;
  // The peer was seen to have read on, which is no silence.
  void note_reading(tick now) noexcept;
  // The byte bound of the drain; cheap: call it after bytes were discarded.
  void check_drain_bytes(tick now, const limits& bounds) noexcept;

  // ---- What somebody wants.

  // @return whether `last` was accepted; if not, it stays the caller's and its bytes count as refused.
  [[nodiscard]] bool request_send(block& last) noexcept;
  // Whether a send would be accepted now.
  [[nodiscard]] bool may_send() const noexcept;
  // `count` bytes were appended to the last queued block. may_send() must hold.
  void grew_last(std::uint32_t count) noexcept;
  void refuse(std::uint64_t count) noexcept { bytes_.refused += count; }
  void request_finish(intent who, tick now) noexcept;
  void request_close(intent who, tick now) noexcept;
  void request_abort(intent who, ending cause, tick now) noexcept;
  void pause() noexcept { paused_ = true; }
  void resume() noexcept { paused_ = false; }
  void hold() noexcept { held_ += held_ == most_held ? 0 : 1; }
  void release() noexcept;

  // ---- What to do.

  [[nodiscard]] step next(tick now) noexcept;
  // Milliseconds until on_timer() must be called.
  [[nodiscard]] std::optional<tick> next_timer(tick now, const limits& bounds) const noexcept;
  // Whether close_socket must reset: a stream that was cut short must not end like a whole one.
  [[nodiscard]] bool closes_by_reset() const noexcept;

  // ---- What it is.

  [[nodiscard]] state current() const noexcept { return state_; }
  [[nodiscard]] ending cause() const noexcept { return ending_; }
  [[nodiscard]] intent first_asked() const noexcept { return intent_; }
  [[nodiscard]] proof mark() const noexcept { return mark_; }
  [[nodiscard]] ledger bytes() const noexcept { return bytes_.told(queue_.size(), close_asked_); }
  [[nodiscard]] std::uint64_t sent() const noexcept { return bytes_.sent; }
  [[nodiscard]] send_queue& queue() noexcept { return queue_; }
  [[nodiscard]] const send_queue& queue() const noexcept { return queue_; }
  [[nodiscard]] bool is_paused() const noexcept { return paused_; }
  // Whether our end's acknowledgement is all that it waits for: the handler knows of the peer's.
  [[nodiscard]] bool is_confirming() const noexcept {
    return state_ == state::confirming && !end_untold_;
  }
  [[nodiscard]] bool is_held() const noexcept { return held_ != 0; }
  [[nodiscard]] bool is_send_in_flight() const noexcept { return send_ != flight::none; }
  [[nodiscard]] bool is_receive_in_flight() const noexcept { return receive_ != flight::none; }
  [[nodiscard]] bool is_closed() const noexcept { return state_ == state::closed; }
  // Whether the peer's end is known and nothing is in flight: who resets it then is not told of by any operation, and
  // on_timer() must be told by `failure`.
  [[nodiscard]] bool is_unwatched() const noexcept;
  // Whether the peer has, for all we know, not taken all that we sent, our end included.
  [[nodiscard]] bool may_be_unread() const noexcept;
  // Nothing moved for `quiet_ms`, and nothing is queued: quiesce may close it, if the kernel holds
  // nothing unacknowledged either.
  [[nodiscard]] bool is_quiet(tick now, tick quiet_ms) const noexcept;
  // Whether the join has taken longer than its bound: the slot must be put aside, never freed.
  [[nodiscard]] bool is_stuck(tick now, const limits& bounds) const noexcept;

 private:
  // Of more nobody could say who they are: they are not counted.
  static constexpr std::uint16_t most_held = 0xffff;

  enum class flight : std::uint8_t { none, submitted, pausing, cancelling };

  void apply(event what, tick now, ending cause = ending::none) noexcept;
  void fix_ending(ending cause) noexcept;
  void end_by(event what, intent who, ending cause, tick now) noexcept;
  void on_entered(state into, tick now) noexcept;
  void ask(intent who) noexcept;
  [[nodiscard]] bool wants_receive() const noexcept;
  [[nodiscard]] bool wants_send() const noexcept;
  void take_sent(std::uint64_t count) noexcept;
  void start_drain(tick now) noexcept;
  void delay_drain(const witness& kernel, bool was_unread, tick now) noexcept;
  void check_drain(const witness& kernel, tick heard, tick now, const limits& bounds) noexcept;
  void check_silence(const witness& kernel, tick heard, tick now, const limits& bounds) noexcept;
  [[nodiscard]] step next_of_closing(tick now) noexcept;
  void take_acknowledged(const witness& kernel) noexcept;
  void take_unsent() noexcept;
  void confirm(const witness& kernel, tick now) noexcept;
  void end_unwatched(const witness& kernel, tick now) noexcept;
  void on_confirmed(tick now) noexcept;
  void check_send_stall(const witness& kernel, tick heard, tick now, const limits& bounds) noexcept;
  void check_laws() const noexcept;

  // In 136 bytes: a server keeps one for each connection, and touches few lines of it per message.
  send_queue queue_;
  account bytes_;
  std::uint64_t stall_goal_ = 0;  // so much must be acknowledged before send_stall strikes
  deadlines deadlines_;
  std::uint16_t held_ = 0;
  state state_;
  ending ending_ = ending::none;
  flight receive_ : 2 = flight::none;
  flight send_ : 2 = flight::none;
  std::uint8_t confirm_probes_ : 3 = 0;  // as far as confirming backs off
  proof mark_ : 1 = proof::proven;
  intent intent_ : 3 = intent::none;
  bool paused_ : 1 = false;
  bool end_untold_ : 1 = false;  // the handler still has to hear of the peer's end of stream
  bool shutdown_wanted_ : 1 = false;
  bool fin_sent_ : 1 = false;          // SD_SEND was done
  bool fin_held_back_ : 1 = false;     // by a window that was shut when the kernel was asked
  bool fin_acknowledged_ : 1 = false;  // known before confirming
  bool peer_was_first_ : 1 = false;    // its end of stream came before our SD_SEND
  bool close_asked_ : 1 = false;
  bool kernel_wanted_ : 1 = false;
  bool was_write_open_ : 1 = false;  // nobody had finished our stream when the ending was fixed
};

}  // namespace lastbyte::core
