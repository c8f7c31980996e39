// The listeners of a lane: when to accept, when not to, and how to stop without resetting anybody.
//
// Accepting pauses at the connection limit and when the kernel runs out of handles or memory; new
// connections then wait in the kernel's queue. It never spins: after a failure it backs off.
// Thread: under the lane's guard.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/mark.hpp"
#include "port/completion_port.hpp"
#include "server/common.hpp"

namespace lastbyte::engine {

template <port::completion_port Port>
class acceptor {
 public:
  using io_worker = typename Port::worker;

  explicit acceptor(common& all) : all_(all) {}

  // @param where: TCP port 0 is replaced by the one that was taken.
  [[nodiscard]] port::outcome open(io_worker& io, endpoint& where,
                                   const port::listen_options& how) {
    auto made = std::make_unique<entrance>();
    const port::outcome done = io.listen(made->listener, where, how, made.get());
    if (done.failed()) return done;
    where.tcp_port = io.local(made->listener).tcp_port;
    entrances_.push_back(std::move(made));
    return {};
  }

  void start(io_worker& io) {
    for (auto& each : entrances_) submit(io, *each);
  }

  // Before anything was accepted: the server could not start.
  void close_all(io_worker& io) {
    for (auto& each : entrances_) close(io, *each);
  }

  // An accept completed. @return whether it brought a connection: then it is welcomed or turned away.
  [[nodiscard]] bool on_completion(io_worker& io, const port::completion& done, tick now) {
    auto& at = *static_cast<entrance*>(done.owner);
    if (!done.more) at.is_accepting = false;
    if (!done.result.failed()) return true;
    if (done.result.what != port::error::cancelled) {
      on_failure(now);
    } else if (at.is_held_back) {
      LASTBYTE_MARK(accept_freed);
    } else if (at.is_last) {
      on_emptied(io, at, now);
    }
    return false;
  }

  void on_welcomed(tick now) {
    // Who came together with the one that failed says nothing of those behind them.
    if (backoff_ms_ == 0 || left_until(retry_at_, now) > 0) return;
    LASTBYTE_MARK(accept_resumed);
    backoff_ms_ = 0;
    all_.tell(notice::kind::accept_resumed, "accepting again");
  }

  // For want of memory: that those behind it wait in the queue is better than the same end for each.
  void on_turned_away(io_worker& io, tick now) {
    if (left_until(retry_at_, now) > 0) {  // of those who came together only the first is news
      all_.counts.count_accept_failure();
    } else {
      on_failure(now);
    }
    hold_back(io);
  }

  // Once a turn: accepts again where there is room again, or stops for good.
  void on_turn(io_worker& io, tick now) {
    const quiesce::phase phase = all_.ending.at(now);
    if (phase > quiesce::phase::grace) refuse_new(io);
    if (phase == quiesce::phase::over) return give_up(io, now);
    const bool is_waiting = next_wait(now).value_or(0) > 0;
    if (!is_waiting) {
      retry_at_.reset();
      look_again_at_.reset();
    }
    using answer = connection_limit::answer;
    const answer said = all_.limit.ask();
    if (said == answer::just_met || said == answer::room_again) all_.ring_all();
    if (said == answer::just_met || said == answer::met) return hold_back(io);
    if (is_waiting) {
      LASTBYTE_MARK(accept_waits);
      return;
    }
    for (auto& each : entrances_) {
      if (!each->is_accepting && !each->is_closed) submit(io, *each);
    }
  }

  // Milliseconds until on_turn() has something to do by itself.
  [[nodiscard]] std::optional<tick> next_wait(tick now) const {
    if (!retry_at_ && !look_again_at_) return std::nullopt;
    return std::max(left_until(retry_at_, now), left_until(look_again_at_, now));
  }

  [[nodiscard]] bool is_closed() const {
    return std::all_of(entrances_.begin(), entrances_.end(),
                       [](const auto& each) { return each->is_closed; });
  }

 private:
  // 0: it is past, or there is no such time.
  [[nodiscard]] static tick left_until(std::optional<tick> then, tick now) noexcept {
    const auto left = then ? static_cast<std::int32_t>(*then - now) : 0;
    return static_cast<tick>(std::max(left, 0));
  }

  struct entrance {
    typename io_worker::listener listener;
    bool is_accepting = false;
    bool is_held_back = false;  // its accept was cancelled for want of room
    bool is_last = false;       // accepts what is queued, then closes
    bool is_closed = false;
  };

  // The wait after a failure doubles up to a second: at most ten attempts in the first one.
  static constexpr tick first_backoff_ms = 100;
  static constexpr tick longest_backoff_ms = 1'000;

  void submit(io_worker& io, entrance& at) {
    at.is_accepting = true;
    at.is_held_back = false;
    io.submit_accept(at.listener);
    if (at.is_last) io.finish_accept(at.listener);
  }

  // Nobody waits any more. But who has our answer to its SYN takes itself for connected, and its own may be on the way, or
  // be sent again: it is looked for, until whoever is connected could have been quiet for long enough.
  void on_emptied(io_worker& io, entrance& at, tick now) {
    const bool may_come = all_.ending.at(now) == quiesce::phase::quieting &&
                          all_.ending.until_first_end(now, 0, all_.ending.quiet_ms(0)) > 0;
    if (may_come) {
      LASTBYTE_MARK(accept_lingers);
      if (!look_again_at_) look_again_at_ = now + all_.ending.look_again_ms();
    } else {
      LASTBYTE_MARK(accept_last_emptied);
      close_at_end(io, at, now);
    }
  }

  // Until somebody leaves, or memory may have come back.
  void hold_back(io_worker& io) {
    for (auto& each : entrances_) {
      if (!each->is_accepting || each->is_held_back) continue;
      LASTBYTE_MARK(accept_held_back);
      each->is_held_back = true;
      io.cancel_accept(each->listener);
    }
  }

  void on_failure(tick now) {
    LASTBYTE_MARK(accept_failed);
    backoff_ms_ = std::clamp(backoff_ms_ * 2, first_backoff_ms, longest_backoff_ms);
    retry_at_ = now + backoff_ms_;
    all_.counts.count_accept_failure();
    all_.tell(notice::kind::accept_paused,
              "cannot accept: out of handles or memory; new connections wait in the queue "
              "(raise the limit: ulimit -n, or prlimit --nofile)");
  }

  // Those who wait in the queues are served still.
  void refuse_new(io_worker& io) {
    for (auto& each : entrances_) {
      if (!std::exchange(each->is_last, true)) io.finish_accept(each->listener);
    }
  }

  // The hard deadline: whoever waits behind the limit, or for handles, is not served any more.
  void give_up(io_worker& io, tick now) {
    retry_at_.reset();
    look_again_at_.reset();
    for (auto& each : entrances_) {
      if (!each->is_accepting) {
        if (!each->is_closed) LASTBYTE_MARK(door_closed_idle);
        close_at_end(io, *each, now);
      } else if (!std::exchange(each->is_held_back, true)) {
        LASTBYTE_MARK(accept_given_up);
        io.cancel_accept(each->listener);
      }
    }
  }

  void close_at_end(io_worker& io, entrance& at, tick now) {
    if (!at.is_closed) all_.counts.count_closed(all_.ending.elapsed(now));
    close(io, at);
  }

  void close(io_worker& io, entrance& at) {
    if (at.is_closed) return;
    at.is_closed = true;
    io.close(at.listener);
  }

  common& all_;
  std::vector<std::unique_ptr<entrance>> entrances_;
  std::optional<tick> retry_at_;       // behind a failure
  std::optional<tick> look_again_at_;  // who is still on the way to a listener that was emptied
  tick backoff_ms_ = 0;
};

}  // namespace lastbyte::engine
