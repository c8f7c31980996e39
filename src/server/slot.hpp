// A connection's memory in the server: the machine, the socket, and what the handler hangs on it.
//
// The rule: a slot is never freed while the server lives, only used again; its generation tells one
// connection in it from the next.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <lastbyte/connection.hpp>

#include "core/connection.hpp"
#include "port/completion_port.hpp"
#include "server/courier.hpp"
#include "server/mailbox.hpp"
#include "server/timer_wheel.hpp"

namespace lastbyte::engine {

// What a handler's wishes need of the worker on whose thread it runs.
struct turn {
  // At the last look at the clock.
  tick now = 0;
  // All that had come by then has been dealt with: only until then is silence known.
  tick heard = now;
  port::buffer_pool* copies = nullptr;  // for bytes that are sent by copy
  const std::shared_ptr<courier>* inbox = nullptr;
  std::uint32_t high_mark = 0;
  std::function<tick()> clock;

  // Handlers take their time: what begins behind one, and the peer's deadlines with it, begins now.
  tick look_at_clock() { return now = clock(); }

  // The one under way on this thread: a connection's calls come from within a handler's, so it need not
  // keep a way to its worker.
  [[nodiscard]] static turn& here() noexcept { return *current; }

  static inline thread_local turn* current = nullptr;
};

// While it lives, `mine` is the turn of this thread. Turns nest where one thread plays several workers.
class turn_scope {
 public:
  explicit turn_scope(turn& mine) noexcept : before_(std::exchange(turn::current, &mine)) {}
  turn_scope(const turn_scope&) = delete;
  turn_scope& operator=(const turn_scope&) = delete;
  ~turn_scope() { turn::current = before_; }

 private:
  turn* before_;
};

// What doesn't depend on the port. Every lastbyte::connection is one, and is its own timer: the alarm.
struct slot_base : connection, timer {
  core::connection machine{core::connection::origin::accepted, 0};
  std::uint64_t user_word = 0;
  endpoint peer;
  std::uint32_t index = 0;
  std::atomic<std::uint32_t> generation = 0;    // odd: in use
  int native_error = 0;                         // behind the ending
  core::state timed_for = core::state::closed;  // what the alarm was last computed for
  bool is_timed_sending : 1 = false;
  bool is_begun : 1 = false;  // the machine is a connection's
  bool is_paused_by_user : 1 = false;
  bool is_paused_by_mark : 1 = false;
  bool is_mark_lifted : 1 = false;  // paused by it, and receives still
  bool is_quarantined : 1 = false;  // an operation never came back: never used again
  bool is_seen_unread : 1 = false;  // at the last look of quiesce its peer had not taken all
  std::uint8_t marks_lifted = 0;    // so many high marks may be queued beside the first

  [[nodiscard]] static slot_base& of(connection& any) noexcept {
    return static_cast<slot_base&>(any);
  }
  [[nodiscard]] static const slot_base& of(const connection& any) noexcept {
    return static_cast<const slot_base&>(any);
  }
  void apply_pause() noexcept {
    if (is_paused_by_user || (is_paused_by_mark && !is_mark_lifted)) return machine.pause();
    machine.resume();
    (void)turn::here().look_at_clock();  // its peer is heard again from now on
  }
  // Gives back every block that has been sent.
  void release_sent() noexcept {
    while (block* sent = machine.queue().pop_sent()) sent->owner->give_back(*sent);
  }
  void release_all() noexcept {
    while (block* any = machine.queue().pop_abandoned()) any->owner->give_back(*any);
  }
};

// Mail of a connection's own operations: at most one of each is under way.
struct completion_mail : mail {
  port::completion done;
};

// Only where completions surface at any worker is a mailbox needed.
struct no_mailbox {};
struct slot_mailbox {
  mailbox box;
  completion_mail receive_mail;
  completion_mail send_mail;
  mail alarm_mail;
  bool is_alarm_posted = false;  // under the lane's guard
  mail begin_mail;
  port::accepted_socket accepted;  // with begin_mail
};

template <port::completion_port Port>
struct slot : slot_base {
  typename Port::worker::socket socket;
  [[no_unique_address]] std::conditional_t<Port::connections_stay, no_mailbox, slot_mailbox> post;
};

// What an idle connection may cost where connections stay on their worker; elsewhere mail comes on top.
inline constexpr std::size_t most_slot_bytes = 248;

}  // namespace lastbyte::engine
