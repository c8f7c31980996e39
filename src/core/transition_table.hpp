// The connection machine, whole: what each event does in each state.
//
// The rule: every cell is written down, as a constant; there is no default. The diagram and the truth
// table in README.md are generated from here.
#pragma once

#include <array>

#include "core/state.hpp"

namespace lastbyte::core {

struct cell {
  bool legal;
  state next;
  effect effects;

  friend constexpr bool operator==(const cell&, const cell&) = default;
};

namespace table {

// An illegal event changes nothing: a handler's is refused, a port's or a driver's breaks a law.
constexpr cell no{false, state::closed, effect::none};

constexpr cell to(state next, effect effects = effect::none) { return {true, next, effects}; }

using row = std::array<cell, event_count>;

constexpr effect deliver = effect::deliver;
constexpr effect discard = effect::discard;
constexpr effect tell_end = effect::tell_end;
constexpr effect shutdown = effect::shutdown_send;
constexpr effect fix = effect::fix_ending;

constexpr cell end = to(state::closing, fix);

}  // namespace table

// clang-format off
inline constexpr std::array<table::row, state_count> transitions = [] {
  using namespace table;
  using enum state;
  return std::array<row, state_count>{{
    // Each row, in the order of `event`:
    //   connected                   received                  end_of_stream
    //   send_done_queue_empty       send_done_more_queued     request_send
    //   request_finish_queue_empty  request_finish_queued
    //   request_close_queue_empty   request_close_queued      request_abort
    //   operation_failed            bound_struck              confirmed           joined

    /* connecting: only success or an end. */ {
      to(open),                      no,                       no,
      no,                            no,                       no,
      no,                            no,
      no,                            no,                       end,
      end,                           end,                      no,                 no },

    /* open */ {
      no,                            to(open, deliver),        to(peer_finished, tell_end),
      to(open),                      to(open),                 to(open),
      to(half_closed, shutdown),     to(finishing),
      to(draining, shutdown),        to(flushing),             end,
      end,                           end,                      no,                 no },

    /* finishing: something is queued, or we would be half_closed. */ {
      no,                            to(finishing, deliver),   to(last_flush, tell_end),
      to(half_closed, shutdown),     to(finishing),            no,
      no,                            to(finishing),
      no,                            to(flushing),             end,
      end,                           end,                      no,                 no },

    /* half_closed: nothing is queued any more. */ {
      no,                            to(half_closed, deliver), to(confirming, tell_end),
      no,                            no,                       no,
      to(half_closed),               no,
      to(draining),                  no,                       end,
      end,                           end,                      no,                 no },

    /* flushing */ {
      no,                            to(flushing, discard),    to(last_flush),
      to(draining, shutdown),        to(flushing),             no,
      no,                            to(flushing),
      no,                            to(flushing),             end,
      end,                           end,                      no,                 no },

    /* draining */ {
      no,                            to(draining, discard),    to(confirming),
      no,                            no,                       no,
      to(draining),                  no,
      to(draining),                  no,                       end,
      end,                           end,                      no,                 no },

    /* peer_finished: bytes behind a FIN do not exist. */ {
      no,                            no,                       no,
      to(peer_finished),             to(peer_finished),        to(peer_finished),
      to(confirming, shutdown),      to(last_flush),
      to(confirming, shutdown),      to(last_flush),           end,
      end,                           end,                      no,                 no },

    /* last_flush */ {
      no,                            no,                       no,
      to(confirming, shutdown),      to(last_flush),           no,
      no,                            to(last_flush),
      no,                            to(last_flush),           end,
      end,                           end,                      no,                 no },

    /* confirming: both FINs are out; only the acknowledgement of ours is missing. */ {
      no,                            no,                       no,
      no,                            no,                       no,
      to(confirming),                no,
      to(confirming),                no,                       end,
      end,                           end,                      end,                no },

    /* closing: completions still come, and their bytes still count; the cause stands. */ {
      no,                            to(closing, discard),     to(closing),
      to(closing),                   to(closing),              no,
      to(closing),                   to(closing),
      to(closing),                   to(closing),              to(closing),
      to(closing),                   no,                       no,
      to(closed, effect::close_socket) },

    /* closed: nothing can come, because nothing is in flight; requests are late, not wrong. */ {
      no,                            no,                       no,
      no,                            no,                       no,
      to(closed),                    to(closed),
      to(closed),                    to(closed),               to(closed),
      no,                            no,                       no,                 no },
  }};
}();
// clang-format on

[[nodiscard]] constexpr const cell& look_up(state in, event what) noexcept {
  return transitions[static_cast<std::size_t>(in)][static_cast<std::size_t>(what)];
}

}  // namespace lastbyte::core
