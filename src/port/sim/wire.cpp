// What travels in the simulated network, and what its arrival does.
#include <algorithm>

#include "port/sim/codes.hpp"
#include "port/sim/network.hpp"

namespace lastbyte::port::sim {
namespace {

constexpr std::uint32_t most_calls = 3;

}  // namespace

void network::send_to(tcp_end& receiver, happening what, std::uint64_t word) {
  tcp_link& over = *receiver.link;
  micros when = std::max(now_, over.open_at) + sky_.latency_us;
  if (strikes(fault::jitter)) when += dice_.between(1, sky_.jitter_us);
  micros& last = over.last_arrival[receiver.is_client ? 1 : 0];
  last = std::max(last, when);
  ++under_way_;
  post({last, 0, what, &receiver, nullptr, word});
}

void network::happen(const event& what) {
  if (what.what == happening::alarm) return what.whom->on_time(what.word);
  tcp_end& at = *what.at;
  if (what.what == happening::give_up) return on_give_up(at);
  --under_way_;
  if (at.link->cut_at && *at.link->cut_at <= now_) return;
  switch (what.what) {
    case happening::call: return on_call(at, *at.link);
    case happening::answer:
      if (at.is_over) return;
      at.is_connected = true;
      return tell(at);
    case happening::segment: return on_segment(at, what.word);
    case happening::finish: return on_finish(at);
    case happening::acknowledgement: return on_acknowledgement(at);
    case happening::reset: return on_reset(at);
    case happening::give_up:
    case happening::alarm: return;
  }
}

// A SYN: answered, refused, or dropped and repeated by the caller.
void network::on_call(tcp_end& at, tcp_link& link) {
  if (link.client.is_over) return;
  tcp_listener* to = find(link.called);
  if (to == nullptr) {
    send_to(link.client, happening::reset);
    return;
  }
  if (to->refuses_new || to->queue.size() >= to->backlog) {
    ++link.calls;
    if (to->refuses_new && !link.turned_away_at) link.turned_away_at = now_;
    if (link.calls < most_calls) {
      ++under_way_;
      post({now_ + sky_.syn_again_us, 0, happening::call, &at, nullptr, 0});
    } else {
      end(link.client, {error::vanished, code::timed_out});
    }
    return;
  }
  at.is_connected = true;
  at.held_by = tcp_end::holder::backlog;
  at.local = to->where;
  to->queue.push_back(&link);
  link.queued_at = now_;
  send_to(link.client, happening::answer);
  if (to->user != nullptr) to->user->on_change();
}

void network::on_segment(tcp_end& at, std::uint64_t until) {
  if (at.is_over) return;
  // Bytes for a program that is gone: the sender must not believe that they will be read.
  if (at.held_by == tcp_end::holder::nobody) return reset(at);
  tcp_half& in = at.in();
  in.arrived = until;
  // The programs of the peers have nothing against it, so it doesn't strike them.
  if (!at.is_client && at.unread() >= sky_.receive_room / 2 && strikes(fault::window_taken_back)) {
    if (!in.taken_back_at) in.taken_back_at = now_;
    in.was_taken_back = true;
  }
  acknowledge(at);
  tell(at);
}

void network::on_finish(tcp_end& at) {
  if (at.is_over) return;
  at.in().has_fin_arrived = true;
  acknowledge(at);
  end_if_done(at);
  tell(at);
}

// What it carries is what the receiver knows on its arrival: as if it had travelled a little faster.
void network::on_acknowledgement(tcp_end& at) {
  tcp_half& out = at.out();
  out.is_acknowledgement_under_way = false;
  if (at.is_over || at.in().taken_back_at) return;
  if (out.acknowledged < out.arrived || out.is_fin_acknowledged != out.has_fin_arrived) {
    out.acknowledged_at = now_;
  }
  out.acknowledged = out.arrived;
  out.window_edge = window_edge(out);
  out.is_fin_acknowledged = out.has_fin_arrived;
  end_if_done(at);
  depart(at);
  tell(at);
}

void network::on_reset(tcp_end& at) {
  if (at.is_over) return;
  const bool was_connected = at.is_connected;
  at.got_reset = true;
  end(at,
      was_connected ? outcome{error::reset, code::reset} : outcome{error::refused, code::refused});
}

// A cut link is noticed by who waits for an acknowledgement, or keeps asking.
void network::on_give_up(tcp_end& at) {
  if (at.is_over) return;
  const tcp_half& out = at.out();
  const bool is_waiting = !at.is_connected || out.acknowledged < out.written ||
                          (out.is_fin_written && !out.is_fin_acknowledged);
  if (is_waiting || at.keeps_alive) {
    end(at, {error::vanished, code::timed_out});
  } else if (at.held_by != tcp_end::holder::nobody) {
    post({now_ + sky_.give_up_us, 0, happening::give_up, &at, nullptr, 0});
  }
}

void network::depart(tcp_end& from) {
  tcp_half& out = from.out();
  if (from.is_over || !from.is_connected) return;
  const std::uint64_t until = std::min(out.written, out.window_edge);
  if (out.departed < until && until - out.departed > 1 && strikes(fault::split_segment)) {
    out.departed += dice_.between(1, until - out.departed - 1);
    send_to(from.other(), happening::segment, out.departed);
  }
  if (out.departed < until) {
    out.departed = until;
    send_to(from.other(), happening::segment, until);
  }
  // A FIN takes room, too.
  if (out.is_fin_written && !out.has_fin_departed && out.departed == out.written &&
      out.departed < out.window_edge) {
    out.has_fin_departed = true;
    send_to(from.other(), happening::finish);
  }
}

void network::acknowledge(tcp_end& by) {
  if (by.in().is_acknowledgement_under_way) return;
  by.in().is_acknowledgement_under_way = true;
  send_to(by.other(), happening::acknowledgement);
}

void network::reset(tcp_end& by) {
  by.sent_reset = true;
  send_to(by.other(), happening::reset);
  end(by, {error::aborted, code::aborted});
}

void network::end(tcp_end& which, outcome why) {
  if (which.is_over) return;
  which.is_over = true;
  which.failure = why;
  tell(which);
  tidy(*which.link);
}

// Both have finished, and both know it: the state that Linux calls CLOSE.
void network::end_if_done(tcp_end& which) noexcept {
  if (which.in().has_fin_arrived && which.out().is_fin_acknowledged) {
    which.is_over = true;
    tidy(*which.link);
  }
}

void network::tidy(tcp_link& which) noexcept {
  const auto is_done = [](const tcp_end& end) {
    return end.held_by == tcp_end::holder::nobody && end.is_over;
  };
  if (!is_done(which.client) || !is_done(which.server)) return;
  which.up.bytes.free_memory();
  which.down.bytes.free_memory();
}

void network::tell(tcp_end& which) {
  if (which.user != nullptr) which.user->on_change();
}

}  // namespace lastbyte::port::sim
