// Coverage marks: a rare branch names itself, and a test can tell whether anybody ever took it.
//
// The rule: a mark changes nothing. Only builds with LASTBYTE_COVERAGE_MARKS count; in all others not one
// instruction is left of it. As with check.hpp, the counting is done at the edge (text/marks.cpp), so that the
// core calls nobody. The names of the rooms above stand here too: one list, one table.
// A new mark: its name in the list, LASTBYTE_MARK(name) in the branch, and a swarm that reaches it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/state.hpp"

// clang-format off
#define LASTBYTE_MARKS(X) \
  /* core: the connection */ \
  X(clock_behind_stamp)              /* a stamp of another worker is later than this one's clock */ \
  X(connected_too_late)              /* somebody had given up meanwhile */ \
  X(closed_before_connected)         \
  X(error_after_bytes)               /* a send failed, but bytes of it were taken */ \
  X(drain_flooded)                   /* more was dropped than drain_bytes allows */ \
  X(send_refused)                    /* the handler has ended its side */ \
  X(end_told_later)                  /* the end of stream came while the connection was held */ \
  X(shutdown_failed)                 \
  X(receive_paused)                  \
  X(receive_cancelled_while_pausing) \
  X(send_cancelled)                  \
  X(closed_by_reset_unsent)          /* something is still queued */ \
  X(confirmed_unasked)               /* the kernel can't tell */ \
  X(confirmed_with_end)              /* the peer's end of stream told of ours */ \
  X(failure_told)                    /* closed with nothing in flight: the kernel says why */ \
  X(failure_untold)                  /* likewise, and it doesn't */ \
  X(fin_held_back)                   /* all is acknowledged, but there is no room for our end */ \
  X(confirm_waits_for_bytes)         \
  X(confirm_asked_again)             \
  X(confirm_clock_starts)            /* the bytes were acknowledged after all, the FIN is not */ \
  X(stall_sampled_again)             /* it moved: send_stall counts from now on */ \
  X(drain_awaits_acknowledgement)    \
  X(drain_clock_starts)              /* all was acknowledged: now the peer can have seen our end */ \
  X(first_byte_spared)               /* an answer was promised, or nobody listened */ \
  X(idle_spared_held)                /* somebody promised an answer */ \
  X(idle_spared_sending)             /* the peer still reads */ \
  X(idle_spared_unheard)             /* paused, or its bytes wait to be received */ \
  X(drain_idle_unheard)              /* its bytes wait to be dropped */ \
  X(release_too_many)                \
  /* server: the driver */ \
  X(adoption_failed)                 \
  X(handler_threw)                   \
  X(handler_threw_unknown)           /* no std::exception */ \
  X(handler_threw_at_end)            /* in on_ended */ \
  X(kernel_told_failure)             /* which no completion brought */ \
  X(paused_at_high_mark)             \
  X(resumed_at_low_mark)             \
  X(mark_lifted)                     /* an acknowledgement can come only if we receive */ \
  X(high_mark_again)                 /* on_send_low filled the queue up at once */ \
  X(confirm_asked_late)              /* its peer finished while it was held */ \
  X(alarm_kept)                      /* it is due before the one that would be set */ \
  X(opened_behind_cap)               /* out of the accept queue, while all others are closed */ \
  X(quiet_but_unacknowledged)        /* quiesce waits for what the kernel still holds */ \
  X(closing_held_back)               /* at the cap of quiesce somebody has promised an answer */ \
  X(pressed_at_deadline)             \
  X(quarantined)                     \
  X(quarantined_came_back)           /* find_again */ \
  X(room_again)                      /* a connection less than the limit: all may accept again */ \
  /* server: the worker */ \
  X(accepted_without_slot)           \
  X(connect_without_slot)            \
  X(connect_too_late)                /* the quiesce is over */ \
  X(command_stale)                   /* its connection ended while it was in the inbox */ \
  X(command_stale_in_mailbox)        /* ... or in the mailbox */ \
  X(alarm_already_posted)            \
  X(alarm_after_end)                 /* the connection ended while its alarm was on its way */ \
  X(postponed)                       /* rounds_in_a_row: others have their turn */ \
  X(quiesce_spread)                  \
  X(spread_not_awaited)              /* something else is due before */ \
  X(deadline_reached)                /* of the quiesce, by whoever sees it first */ \
  /* server: accepting */ \
  X(accept_failed)                   \
  X(accept_waits)                    /* for the end of its back-off */ \
  X(accept_resumed)                  \
  X(accept_held_back)                /* by the limit */ \
  X(accept_freed)                    /* the accept that was held back has ended */ \
  X(accept_last_emptied)             /* nobody waits in the queue any more */ \
  X(accept_lingers)                  /* ... but somebody may be on the way */ \
  X(accept_given_up)                 /* the hard deadline, with an accept under way */ \
  X(door_closed_idle)                /* ... with none */ \
  /* server: slots and copies */ \
  X(slots_used_up)                   \
  X(slots_without_memory)            \
  X(copy_out_of_memory)              \
  X(copied_small_buffer)             /* it would pin its memory for a few bytes */ \
  X(appended_to_last)                \
  X(own_cause_refused)               /* a handler may not claim what only a port can know */ \
  X(handle_gone)                     \
  X(timer_beyond_a_turn)             /* of the wheel */
// clang-format on

namespace lastbyte::coverage {

#define LASTBYTE_MARK_ENUMERATOR(name) name,
enum class mark : std::uint8_t { LASTBYTE_MARKS(LASTBYTE_MARK_ENUMERATOR) };
#undef LASTBYTE_MARK_ENUMERATOR

#define LASTBYTE_MARK_NAME(name) std::string_view(#name),
inline constexpr std::array mark_names{LASTBYTE_MARKS(LASTBYTE_MARK_NAME)};
#undef LASTBYTE_MARK_NAME
inline constexpr std::size_t mark_count = mark_names.size();

// Counts. Thread: any.
void passed(mark which) noexcept;
void passed(core::state in, core::event what) noexcept;  // an event was applied
// How often. Thread: any.
[[nodiscard]] std::uint64_t times(mark which) noexcept;
[[nodiscard]] std::uint64_t times(core::state in, core::event what) noexcept;

#ifdef LASTBYTE_COVERAGE_MARKS
inline constexpr bool is_counting = true;
#else
inline constexpr bool is_counting = false;
#endif

}  // namespace lastbyte::coverage

#ifdef LASTBYTE_COVERAGE_MARKS
#define LASTBYTE_MARK(name) ::lastbyte::coverage::passed(::lastbyte::coverage::mark::name)
#define LASTBYTE_MARK_CELL(in, what) ::lastbyte::coverage::passed(in, what)
#else
#define LASTBYTE_MARK(name) static_cast<void>(0)
#define LASTBYTE_MARK_CELL(in, what) static_cast<void>(0)
#endif
