#include "port/sim/record.hpp"

#include <algorithm>
#include <utility>

#include "port/sim/codes.hpp"
#include "port/sim/port.hpp"

namespace lastbyte::port::sim {

void record::begin(void* its_owner, std::uint32_t at_worker) {
  tcp = nullptr;
  listening = nullptr;
  owner = its_owner;
  home = at_worker;
  ++generation;
  first_error = accept_end_ = {};
  accept_ = receive_ = send_ = {};
  is_ending_accept_ = ends_with_queue_ = is_send_error_held_ = false;
  unsettled_accepts_ = 0;
}

void record::on_change() {
  if (listening != nullptr) return go_on_accepting();
  go_on_receiving();
  go_on_sending();
}

void record::begin(flight& which) noexcept {
  which.is_active = true;
  which.is_stopping = which.is_pausing = false;
  ++which.number;
}

// ---- Errands.

void record::later(errand what, const flight& about, std::uint64_t delay_us) {
  port_.network_.call_at(port_.network_.now() + delay_us, *this, word_of(what, about));
}

std::uint64_t record::word_of(errand what, const flight& about) const noexcept {
  constexpr unsigned errand_bits = 4;
  constexpr unsigned number_bits = 28;
  const std::uint64_t number = about.number & ((1U << number_bits) - 1);
  return (std::uint64_t{generation} << (errand_bits + number_bits)) | (number << errand_bits) |
         static_cast<std::uint64_t>(what);
}

// Errands about operations that have ended, or sockets that are closed, are not run.
void record::on_time(std::uint64_t word) {
  if (word == word_of(errand::stop_receive, receive_)) {
    receive_.is_lost = false;
    stop_receive_now();
  } else if (word == word_of(errand::stop_send, send_)) {
    send_.is_lost = false;
    stop_send_now();
  }
}

// A cancel gets to its operation now, soon, or after a very long time.
void record::stop(flight& which, errand how) {
  network& over = port_.network_;
  if (!which.is_active || which.is_stopping) return;
  which.is_stopping = true;
  if (over.strikes(fault::lost_operation)) {
    which.is_lost = true;
    later(how, which, over.sky().lost_us);
  } else if (over.strikes(fault::late_cancel)) {
    later(how, which, over.chance().between(1, over.sky().lateness_us));
  } else {
    how == errand::stop_send ? stop_send_now() : stop_receive_now();
  }
}

// ---- Accepting.

void record::submit_accept() {
  if (accept_.is_in_flight()) return port_.broke("a second accept", *this);
  accept_.is_active = true;
  is_ending_accept_ = ends_with_queue_ = false;
  go_on_accepting();
}

void record::stop_accept(outcome why, bool is_after_queue) {
  if (!accept_.is_active || is_ending_accept_) return;
  if (is_after_queue && !listening->queue.empty()) {
    ends_with_queue_ = true;
    return go_on_accepting();
  }
  is_ending_accept_ = true;
  accept_end_ = why;
  end_accept_if_settled();
}

void record::go_on_accepting() {
  while (accept_.is_active && !is_ending_accept_ && !listening->queue.empty() &&
         accept_.undealt < accept_depth) {
    if (port_.network_.strikes(fault::refused_accept)) {
      return stop_accept({error::resources, code::too_many_files}, false);
    }
    tell_accept(port_.network_.accept(*listening));
  }
  if (ends_with_queue_ && listening->queue.empty())
    stop_accept({error::cancelled, code::cancelled}, false);
}

void record::tell_accept(tcp_end* accepted) {
  any_port::pending& news = port_.make_pending(*this, operation::accept, {});
  // The last one, too, must not overtake the others.
  news.done.more = unsettled_accepts_ > 0 || !port_.network_.strikes(fault::one_shot);
  news.done.accepted = {reinterpret_cast<std::uintptr_t>(accepted), accepted->other().local};
  if (!news.done.more) accept_.is_active = false;
  ++port_.accepts_.taken;
  ++unsettled_accepts_;
  port_.tell(news, accept_);
}

// The end must not overtake connections that a worker was dealt and has not handled.
void record::end_accept_if_settled() {
  if (!accept_.is_active || !is_ending_accept_ || unsettled_accepts_ > 0) return;
  accept_.is_active = false;
  port_.tell(port_.make_pending(*this, operation::accept, accept_end_), accept_);
}

// ---- Receiving.

void record::submit_receive() {
  if (receive_.is_in_flight()) return port_.broke("a second receive", *this);
  begin(receive_);
  go_on_receiving();
}

void record::go_on_receiving() {
  if (!receive_.is_active || receive_.is_lost || receive_.undealt > 0) return;
  if (tcp->unread() > 0) {
    if (!port_.network_.strikes(fault::refused_receive)) return tell_bytes(receive_.is_ending());
    return end_receive({error::resources, code::no_memory}, false);
  }
  if (first_error.failed()) return end_receive(first_error, false);
  if (tcp->is_end_read()) return end_receive({}, true);
  if (!tcp->failure.failed()) return;
  // Nothing is left of an error that a send has met: only asking the kernel shows that no FIN has come.
  if (tcp->is_error_taken && !port_.network_.sky().can_prove) return end_receive({}, true);
  first_error = tcp->is_error_taken ? outcome{error::reset, 0} : tcp->failure;
  end_receive(first_error, false);
}

void record::tell_bytes(bool is_last) {
  network& over = port_.network_;
  auto count =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(tcp->unread(), receive_block_bytes));
  if (over.strikes(fault::short_receive)) {
    count = static_cast<std::uint32_t>(over.chance().between(1, count));
  }
  any_port::pending& news = port_.make_pending(*this, operation::receive, {});
  news.done.more = port_.stays_ && !is_last && !over.strikes(fault::one_shot);
  news.done.bytes = count;
  if (!news.done.more) receive_.is_active = false;
  if (over.strikes(fault::early_receive)) {
    news.staged.resize(count);
    over.receive(*tcp, news.staged);
  }
  port_.tell(news, receive_);
}

void record::end_receive(outcome result, bool is_end_of_stream) {
  receive_.is_active = false;
  any_port::pending& news = port_.make_pending(*this, operation::receive, result);
  news.done.is_end_of_stream = is_end_of_stream;
  news.done.is_proven = port_.network_.sky().can_prove;
  if (is_end_of_stream && news.done.is_proven && port_.network_.strikes(fault::told_with_end)) {
    news.done.acknowledged = tcp->out().acknowledged_with_fin();
  }
  port_.tell(news, receive_);
}

void record::pause_receive() {
  if (receive_.is_active && port_.network_.strikes(fault::unheeded_pause)) {
    receive_.is_pausing = true;
  } else {
    stop_receive();
  }
}

void record::stop_receive() { stop(receive_, errand::stop_receive); }

void record::stop_receive_now() {
  // What is on its way already becomes the last one when it is dealt.
  if (!receive_.is_active || receive_.undealt > 0) return;
  if (tcp->unread() > 0 && port_.network_.strikes(fault::cancel_with_bytes))
    return tell_bytes(true);
  end_receive({error::cancelled, code::cancelled}, false);
}

// ---- Sending and connecting.

void record::submit_send(std::span<const slice> slices) {
  if (send_.is_in_flight()) return port_.broke("a second send", *this);
  if (tcp->out().is_fin_written) port_.broke("a send behind shutdown_send", *this);
  network& over = port_.network_;
  if (slices.empty() || std::ranges::any_of(slices, &slice::empty))
    port_.broke("a send of nothing", *this);
  std::copy(slices.begin(), slices.end(), slices_.begin());
  slice_count_ = slices.size();
  asked_ = taken_ = 0;
  for (const slice& each : slices) asked_ += each.size();
  is_connect_ = false;
  sends_whole_ = over.chance().below(2) == 0;
  begin(send_);
  if (first_error.failed()) return fail_send(first_error);
  if (over.strikes(fault::refused_send)) return end_send({error::resources, code::no_memory});
  if (over.strikes(fault::empty_send)) return end_send({});
  go_on_sending();
}

void record::submit_connect(const endpoint& where) {
  is_connect_ = true;
  taken_ = 0;
  begin(send_);
  tcp = &port_.network_.connect(where, this);
  go_on_sending();
}

void record::go_on_sending() {
  if (!send_.is_active || send_.is_lost || is_send_error_held_) return;
  if (is_connect_) return go_on_connecting();
  if (tcp->failure.failed()) {
    const bool is_reset = tcp->failure.what == error::reset && !tcp->is_error_taken;
    if (!is_reset || !port_.network_.strikes(fault::swallowed_reset))
      return fail_send(tcp->failure);
    tcp->is_error_taken = true;
    return end_send({});
  }
  take_slices();
  if (taken_ == asked_ || (taken_ > 0 && !sends_whole_)) end_send({});
}

void record::go_on_connecting() {
  if (tcp->failure.failed()) {
    first_error = tcp->failure;
    end_send(first_error);
  } else if (tcp->is_connected) {
    end_send({});
  }
}

void record::take_slices() {
  network& over = port_.network_;
  std::uint64_t most = std::min(asked_ - taken_, over.room(*tcp));
  if (most > 1 && over.strikes(fault::short_send)) {
    most = over.chance().between(1, most);
    sends_whole_ = false;
  }
  std::uint64_t skip = taken_;
  for (std::size_t i = 0; i < slice_count_ && most > 0; ++i) {
    const auto done = static_cast<std::size_t>(std::min<std::uint64_t>(skip, slices_[i].size()));
    skip -= done;
    slice rest = slices_[i].subspan(done);
    rest = rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), most)));
    const std::size_t taken = over.send(*tcp, rest);
    taken_ += taken;
    most -= taken;
  }
}

// Bytes that wait behind the error are received first: what the peer said before it went counts.
void record::fail_send(outcome why) {
  if (!first_error.failed()) first_error = why;
  if (receive_.is_in_flight() && !receive_.is_lost) {
    is_send_error_held_ = true;
    go_on_receiving();
  } else {
    end_send(first_error);
  }
}

void record::end_send(outcome result) {
  send_.is_active = false;
  is_send_error_held_ = false;
  any_port::pending& news =
      port_.make_pending(*this, is_connect_ ? operation::connect : operation::send, result);
  news.done.bytes = static_cast<std::uint32_t>(taken_);
  port_.tell(news, send_);
}

void record::stop_send() { stop(send_, errand::stop_send); }

void record::stop_send_now() {
  if (!send_.is_active || is_send_error_held_) return;
  end_send({error::cancelled, code::cancelled});
}

// ---- Dealing.

void record::on_dealt(completion& done) {
  if (done.what == operation::accept) {
    --accept_.undealt;
    if (accept_.is_active) go_on_accepting();
    return;
  }
  if (done.what != operation::receive) {
    --send_.undealt;
    return;
  }
  --receive_.undealt;
  if (done.more && receive_.is_ending() && !receive_.is_lost) {
    done.more = false;
    receive_.is_active = false;
  }
  if (receive_.is_active) go_on_receiving();
}

void record::settle(operation dealt) {
  if (dealt == operation::accept) {
    --unsettled_accepts_;
    end_accept_if_settled();
  } else if (is_send_error_held_ && !receive_.is_in_flight()) {
    end_send(first_error);  // nobody receives on
  }
}

}  // namespace lastbyte::port::sim
