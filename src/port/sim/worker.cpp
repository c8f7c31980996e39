// A worker's calls into the simulated port.
#include <algorithm>
#include <utility>

#include "port/sim/codes.hpp"
#include "port/sim/port.hpp"

namespace lastbyte::port::sim {
namespace {

constexpr micros us_per_ms = 1'000;
constexpr micros long_us = 10'000'000;

tcp_end& end_of(accepted_socket accepted) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the contract's handle is a number
  return *reinterpret_cast<tcp_end*>(accepted.native);
}

}  // namespace

worker::visit::visit(any_port& to, std::string_view call, const record* on, std::uint64_t bytes)
    : told_(on != nullptr ? to.spectator_ : nullptr), call_(call) {
  if (told_ != nullptr) told_->on_call(call, on->owner, bytes);
  held_ = to.network_.guard();
  if (to.network_.is_live()) to.network_.catch_up();
}

worker::visit::~visit() {
  if (held_.owns_lock()) held_.unlock();
  if (told_ != nullptr) told_->on_return(call_);
}

// ---- Listeners.

outcome worker::listen(listener& made, const endpoint& where, const listen_options& how,
                       void* owner) {
  const auto held = enter("listen", nullptr);
  record& fresh = port_.take_record(index_);
  fresh.begin(owner, index_);
  const outcome done =
      port_.network_.listen(fresh.listening, where, how.backlog, how.share_count > 1, &fresh);
  if (done.failed()) {
    port_.give_back(fresh);
    return done;
  }
  fresh.listening->keeps_alive = how.keepalive_ms != 0;
  fresh.accept_depth = how.accept_depth;
  made.kept = &fresh;
  return {};
}

endpoint worker::local(const listener& of) {
  const auto held = enter("local", nullptr);
  return of.kept->listening->where;
}

void worker::submit_accept(listener& on) {
  const auto held = enter("submit_accept", on.kept);
  on.kept->submit_accept();
}

void worker::cancel_accept(listener& on) {
  const auto held = enter("cancel_accept", on.kept);
  on.kept->stop_accept({error::cancelled, code::cancelled}, false);
}

void worker::finish_accept(listener& on) {
  const auto held = enter("finish_accept", on.kept);
  on.kept->listening->refuses_new = true;
  on.kept->stop_accept({error::cancelled, code::cancelled}, true);
}

void worker::close(listener& unused) {
  const auto held = enter("close listener", unused.kept);
  record& last = *std::exchange(unused.kept, nullptr);
  if (last.is_in_flight()) port_.broke("a listener closed with an accept in flight", last);
  port_.network_.close(*last.listening);
  last.listening = nullptr;
  port_.give_back(last);
}

// ---- Sockets.

outcome worker::adopt(socket& into, accepted_socket accepted, void* owner) {
  const auto held = enter("adopt", nullptr);
  tcp_end& taken = end_of(accepted);
  ++port_.accepts_.adopted;
  if (port_.network_.strikes(fault::refused_adoption)) {
    into.kept = nullptr;
    port_.accepts_.turned_away_at.push_back(port_.network_.now());
    port_.network_.close(taken, close_mode::reset);
    return {error::resources, code::no_memory};
  }
  into.kept = &port_.take_record(index_);
  into.kept->begin(owner, index_);
  into.kept->tcp = &taken;
  taken.user = into.kept;
  return {};
}

void worker::discard(accepted_socket accepted) {
  const auto held = enter("discard", nullptr);
  ++port_.accepts_.discarded;
  port_.accepts_.turned_away_at.push_back(port_.network_.now());
  port_.network_.close(end_of(accepted), close_mode::reset);
}

void worker::submit_connect(socket& into, const endpoint& where, void* owner) {
  const auto held = enter("submit_connect", nullptr);
  into.kept = &port_.take_record(index_);
  into.kept->begin(owner, index_);
  into.kept->submit_connect(where);
}

void worker::submit_receive(socket& on) {
  const auto held = enter("submit_receive", on.kept);
  on.kept->submit_receive();
}

void worker::pause_receive(socket& on) {
  const auto held = enter("pause_receive", on.kept);
  on.kept->pause_receive();
}

void worker::cancel_receive(socket& on) {
  if (on.kept == nullptr) return;
  const auto held = enter("cancel_receive", on.kept);
  on.kept->stop_receive();
}

void worker::submit_send(socket& on, std::span<const slice> slices) {
  std::uint64_t bytes = 0;
  for (const slice& each : slices) bytes += each.size();
  const auto held = enter("submit_send", on.kept, bytes);
  on.kept->submit_send(slices);
}

void worker::cancel_send(socket& on) {
  if (on.kept == nullptr) return;
  const auto held = enter("cancel_send", on.kept);
  on.kept->stop_send();
}

outcome worker::shutdown_send(socket& on) {
  const auto held = enter("shutdown_send", on.kept);
  record& kept = *on.kept;
  if (kept.send_.is_in_flight()) port_.broke("shutdown_send with a send in flight", kept);
  if (kept.tcp->out().is_fin_written) port_.broke("a second shutdown_send", kept);
  const outcome done = port_.network_.shutdown_send(*kept.tcp);
  if (done.failed() && !kept.first_error.failed()) kept.first_error = done;
  return done;
}

kernel_witness worker::witness(const socket& of) {
  const auto held = enter("witness", of.kept);
  kernel_witness said;
  if (of.kept == nullptr || !port_.network_.sky().can_prove) return said;
  const tcp_end& tcp = *of.kept->tcp;
  said.known = true;
  said.is_closed = tcp.is_over;
  said.is_unanswered =
      tcp.in().taken_back_at.has_value() && tcp.out().acknowledged < tcp.out().written;
  said.has_unsent = tcp.out().departed < tcp.out().written ||
                    tcp.out().has_fin_departed != tcp.out().is_fin_written;
  said.acknowledged = tcp.out().acknowledged_with_fin();
  said.round_trip_us = 2 * port_.network_.sky().latency_us;
  return said;
}

outcome worker::failure(const socket& of) {
  const auto held = enter("failure", of.kept);
  if (of.kept == nullptr) return {};
  if (of.kept->is_in_flight())
    port_.broke("asked for the failure with something in flight", *of.kept);
  const outcome why = of.kept->tcp->failure;
  return why.failed() && port_.network_.strikes(fault::untold_failure) ? outcome{} : why;
}

std::optional<std::uint64_t> worker::unread(const socket& of) {
  const auto held = enter("unread", of.kept);
  if (of.kept == nullptr || !port_.network_.sky().can_prove) return std::nullopt;
  return of.kept->tcp->unread();
}

void worker::close(socket& joined, close_mode mode) {
  if (joined.kept == nullptr) return;  // it could not be adopted
  const auto held = enter(mode == close_mode::reset ? "close by reset" : "close", joined.kept);
  record& last = *std::exchange(joined.kept, nullptr);
  if (last.is_in_flight()) port_.broke("a socket closed with an operation in flight", last);
  port_.network_.close(*last.tcp, mode);
  port_.give_back(last);
}

// ---- Dequeuing.

std::size_t worker::dequeue(std::span<completion> out, std::optional<std::uint32_t> timeout_ms) {
  visit calling(port_, "dequeue", nullptr, 0);
  network& over = port_.network_;
  settle_dealt();
  any_port::sleeper& self = port_.sleepers_[index_];
  self.until.reset();
  if (timeout_ms) self.until = over.now() + *timeout_ms * us_per_ms;
  for (;;) {
    const bool is_woken = std::exchange(self.is_woken, false);
    if (over.strikes(fault::idle_dequeue)) {
      self.is_woken = true;  // what waits is not forgotten
      return 0;
    }
    const std::size_t count = deal(out);
    if (count > 0 || is_woken || !over.is_live()) return count;
    if (self.until && *self.until <= over.now()) return 0;
    over.wait(calling.held(), self.until.value_or(over.now() + long_us));
  }
}

void worker::settle_dealt() {
  for (const auto& [on, generation, what] : std::exchange(port_.sleepers_[index_].dealt, {})) {
    if (on->generation == generation) on->settle(what);
  }
}

std::size_t worker::deal(std::span<completion> out) {
  auto& ready = port_.queue_of(index_).ready;
  // Not what these completions set going: that is for the next batch.
  const std::size_t most = std::min({out.size(), max_batch, ready.size()});
  std::size_t count = 0;
  while (count < most) {
    any_port::pending& news = *ready.front();
    if (count > 0 && port_.network_.strikes(fault::short_batch)) break;
    if (!deal_one(news, out[count])) break;
    ready.pop_front();
    port_.idle_pendings_.push_back(&news);
    ++count;
  }
  port_.dealt_ += count;
  if (port_.spectator_ != nullptr) {
    for (const completion& each : out.first(count)) port_.spectator_->on_completion(each);
  }
  return count;
}

// @return false: there is no memory for the bytes; they stay where they are.
bool worker::deal_one(any_port::pending& news, completion& out) {
  record& on = *news.on;
  if (news.done.what == operation::receive && news.done.bytes > 0) {
    block* into = pool_.take();
    if (into == nullptr) return false;
    into->size = news.done.bytes;
    if (news.staged.empty()) {
      port_.network_.receive(*on.tcp, {into->storage, into->size});
    } else {
      std::copy(news.staged.begin(), news.staged.end(), into->storage);
    }
    news.done.received = into;
  }
  on.on_dealt(news.done);
  out = news.done;
  if (on.is_awaited(out)) {
    port_.sleepers_[index_].dealt.push_back({&on, on.generation, out.what});
  }
  return true;
}

}  // namespace lastbyte::port::sim
