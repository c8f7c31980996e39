// What became of one connection, as its two programs saw it. The server's own report is only a part: it is
// judged by all the rest.
#pragma once

#include <cstdint>
#include <optional>

#include <lastbyte/connection.hpp>
#include <lastbyte/handler.hpp>

#include "port/sim/network.hpp"
#include "simulate/pattern.hpp"
#include "simulate/scenario.hpp"

namespace lastbyte::simulation {

using port::sim::tcp_end;

struct chronicle {
  chronicle(std::uint64_t which, const connection_plan& planned)
      : number(which), plan(planned), heard(2 * which), told(told_stream(which, planned)) {}

  // An echo says what it hears; everybody else has a stream of his own.
  static std::uint64_t told_stream(std::uint64_t which, const connection_plan& planned) noexcept {
    return planned.service.kind == service_kind::echo ? 2 * which : 2 * which + 1;
  }

  std::uint64_t number;
  const connection_plan& plan;

  // The network's: what really happened.
  tcp_end* ours = nullptr;
  tcp_end* peers = nullptr;

  // The peer's.
  std::uint64_t written = 0;  // of its stream
  pattern_reader heard;       // what the handler was given, stream 2n
  pattern_reader told;        // what the peer has read
  bool has_peer_read_end = false;
  bool has_peer_finished = false;  // shut down, or closed
  bool has_peer_reset = false;
  bool has_peer_met_error = false;
  micros peer_moved_at = 0;  // when it last read or wrote

  // The handler's.
  const connection* current = nullptr;  // from on_open to on_ended
  std::uint32_t opened = 0;
  bool was_opened_too_late = false;  // nothing could be sent any more
  std::uint32_t ended = 0;
  std::uint64_t offered = 0;  // to connection::send, its stream
  std::uint64_t offered_in_vain = 0;
  std::uint64_t fillers_offered = 0;  // by others
  micros awaited_since = 0;  // when last something was offered to a peer that had taken all
  std::uint64_t messages_from_others = 0;
  bool has_aborted = false;
  bool has_thrown = false;
  bool has_asked_to_end = false;
  micros asked_at = 0;        // when somebody last did
  micros first_asked_at = 0;  // ... and first
  micros close_asked_at = 0;  // when close() was first said
  bool has_told_all = false;
  bool was_cut_short = false;  // for want of memory
  bool saw_end = false;
  std::uint32_t calls_after_end = 0;
  std::uint32_t buffers_above_mark = 0;       // one after the other
  std::uint32_t most_buffers_above_mark = 0;  //
  // Until somebody asks for the contrary by a handle: when that is obeyed, only the server knows.
  bool is_paused = false;
  bool was_pause_undone = false;
  std::uint32_t holds_left = 0;           // that nobody has asked to release
  micros released_at = 0;                 // when somebody last did
  micros resumed_at = 0;                  // when somebody last asked for that
  bool has_said_end = false;              // its handler itself, and not by a handle
  bool was_told_of_room_in_vain = false;  // behind that
  std::uint64_t most_left_at_room = 0;    // bytes queued when it was told of room
  bool was_held_at_end = false;
  bool was_paused_at_end = false;
  std::uint32_t buffers_in_pause = 0;
  bool was_told_end_when_held = false;
  bool was_closed_when_held = false;  // by quiesce
  bool was_end_left_untold = false;   // it was finished behind its peer, and its handler not asked

  // The port's.
  std::uint64_t dealt = 0;         // bytes
  std::uint64_t largest_deal = 0;  // received at once
  bool was_refused_resources = false;
  int first_error = 0;  // the code of the first completion that brought one
  micros opened_at = 0;
  micros moved_at = 0;        // when a completion last brought or took bytes
  micros moved_before = 0;    // the time before that
  micros first_moved_at = 0;  // when one first did
  micros ended_at = 0;
  std::optional<ending_report> how;
  bool was_shut_down = false;              // SD_SEND was called
  micros shut_down_at = 0;                 //
  std::uint64_t unacknowledged_then = 0;   // bytes
  bool was_end_told_before_ours = false;   // its handler knew of the peer's by then
  bool was_end_dealt_behind_ours = false;  // the peer's end of stream was dealt after that
  bool was_end_dealt_in_time = false;      // it was, before the ending was fixed
  bool was_end_dealt_unasked = false;      // it was, before anybody here asked for an end
  micros end_dealt_at = 0;
  // The first thing that makes it end by force, and was seen while nothing else had.
  ending first_blow = ending::none;
  bool is_blow_our_own = false;  // its handler's, and not a completion's
  bool is_blow_uncertain =
      false;  // somebody has aborted it by a handle, and who was first isn't known
  // The kernel's answers, when it was last asked, and what it would have said when the socket was closed.
  struct kernel_answers {
    std::uint64_t acknowledged = 0;
    std::uint64_t unread = 0;
  };
  kernel_answers asked;
  kernel_answers at_close;
  bool was_closed_by_reset = false;
  // If quiesce ended it because it was quiet: how it was then.
  struct quiet_moment {
    micros at = 0;
    micros moved_at = 0;
    micros moved_before = 0;
    std::uint64_t unacknowledged = 0;  // bytes
    std::uint64_t unread = 0;          // bytes
    micros acknowledged_at = 0;        // when the peer last did
    bool has_undealt = false;          // bytes of it waited for a worker
    bool is_over = false;              // nobody was there any more
  };
  std::optional<quiet_moment> found_quiet;
  // If it was called silent: since when its worker had news of it to look at, if it had.
  std::optional<micros> unheard_since;
  micros due_to_leave_at = 0;  // since when quiesce has had no reason to let it stay; 0: it has one
};

}  // namespace lastbyte::simulation
