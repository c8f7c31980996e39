// Time, chance, and the system calls of the simulated network. What arrives stands in wire.cpp.
#include "port/sim/network.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "port/sim/codes.hpp"

namespace lastbyte::port::sim {
namespace {

micros machine_now() noexcept {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<micros>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

bool is_loopback(const endpoint& where) noexcept {
  if (where.family == address_family::ipv4) return where.address[0] == 127 || where.address[0] == 0;
  return std::all_of(where.address.begin(), where.address.end() - 1,
                     [](auto byte) { return byte == 0; });
}

}  // namespace

network::network(clock kind, std::uint64_t seed, const weather& sky)
    : kind_(kind), sky_(sky), dice_(seed), began_(machine_now()) {
  events_.reserve(256);
}

// ---- Time.

micros network::live_now() const noexcept { return machine_now() - began_; }

void network::catch_up() { run_until(live_now()); }

void network::wait(std::unique_lock<std::mutex>& held, micros until) {
  const micros due = std::min(until, next_event().value_or(until));
  const micros now = live_now();
  if (due > now) (void)changed_.wait_for(held, std::chrono::microseconds(due - now));
  catch_up();
}

void network::run_until(micros then) {
  while (!events_.empty() && events_.front().when <= then) {
    std::pop_heap(events_.begin(), events_.end(), is_later{});
    const event next = events_.back();
    events_.pop_back();
    now_ = std::max(now_, next.when);
    happen(next);
  }
  now_ = std::max(now_, then);
}

std::optional<micros> network::next_event() const noexcept {
  return events_.empty() ? std::nullopt : std::optional(events_.front().when);
}

void network::call_at(micros when, alarm& whom, std::uint64_t word) {
  post({when, 0, happening::alarm, nullptr, &whom, word});
}

void network::post(event what) {
  what.order = posted_++;
  events_.push_back(what);
  std::push_heap(events_.begin(), events_.end(), is_later{});
  if (is_live()) announce();
}

// ---- Chance.

bool network::strikes(fault which) noexcept {
  if (!dice_.chance(sky_[which])) return false;
  ++struck_[static_cast<std::size_t>(which)];
  return true;
}

// ---- Listeners.

outcome network::listen(tcp_listener*& made, const endpoint& where, std::uint32_t backlog,
                        bool is_shared, watcher* user) {
  constexpr std::uint16_t first_free_for_all = 1'024;
  if (!is_loopback(where)) return {error::no_address, code::no_address};
  if (where.tcp_port != 0 && where.tcp_port < first_free_for_all)
    return {error::denied, code::denied};
  if (where.tcp_port != 0 && !is_shared && find(where) != nullptr)
    return {error::in_use, code::in_use};
  made = &listeners_.emplace_back();
  made->where = where;
  if (where.tcp_port == 0) made->where.tcp_port = next_tcp_port_++;
  made->user = user;
  made->backlog = backlog;
  open_.push_back(made);
  return {};
}

// Where several listen on one endpoint, each call comes to any of them.
tcp_listener* network::find(const endpoint& where) {
  tcp_listener* found = nullptr;
  std::uint64_t among = 0;
  for (tcp_listener* each : open_) {
    if (each->where != where) continue;
    if (dice_.below(++among) == 0) found = each;
  }
  return found;
}

// A closed listener takes with it whom nobody has accepted.
void network::close(tcp_listener& unused) {
  std::erase(open_, &unused);
  unused.user = nullptr;
  for (tcp_link* each : unused.queue) {
    ++reset_in_backlog_;
    each->server.held_by = tcp_end::holder::nobody;
    reset(each->server);
  }
  unused.queue.clear();
}

tcp_end* network::accept(tcp_listener& from) {
  if (from.queue.empty()) return nullptr;
  tcp_end& taken = from.queue.front()->server;
  from.queue.pop_front();
  taken.held_by = tcp_end::holder::program;
  taken.keeps_alive = from.keeps_alive;
  return &taken;
}

// ---- Sockets.

tcp_end& network::connect(const endpoint& where, watcher* user) {
  tcp_link& made = links_.emplace_back();
  made.number = links_.size() - 1;
  made.called = where;
  made.client.link = made.server.link = &made;
  made.client.is_client = true;
  made.client.user = user;
  made.client.held_by = tcp_end::holder::program;
  made.client.local = where;
  made.client.local.tcp_port = next_tcp_port_++;
  made.server.local = where;
  made.up.window_edge = made.down.window_edge = sky_.receive_room;
  if (is_loopback(where)) {
    send_to(made.server, happening::call);
  } else {
    made.client.failure = {error::no_address, code::no_address};
    made.client.is_over = true;  // found out by whoever asks next
  }
  return made.client;
}

std::uint64_t network::room(const tcp_end& of) const noexcept {
  const tcp_half& out = of.out();
  const std::uint64_t kept = out.written - out.acknowledged;
  if (of.is_over || out.is_fin_written || kept >= sky_.send_room) return 0;
  return sky_.send_room - kept;
}

std::size_t network::send(tcp_end& by, std::span<const std::byte> bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), room(by)));
  if (count == 0) return 0;
  by.out().bytes.append(bytes.first(count));
  by.out().written += count;
  depart(by);
  return count;
}

void network::receive(tcp_end& by, std::span<std::byte> into) {
  tcp_half& in = by.in();
  in.bytes.copy(in.read, into);
  in.read += into.size();
  in.bytes.drop_until(in.read);
  // Now the peer's acknowledgements count again, and what it has not acknowledged is sent to it again.
  if (std::exchange(in.taken_back_at, std::nullopt) && !by.is_over) acknowledge(by.other());
  // The sender hears of new room when it is worth a segment.
  const std::uint64_t known = in.window_edge - in.arrived;
  if (!by.is_over && known < sky_.receive_room / 2) acknowledge(by);
}

outcome network::shutdown_send(tcp_end& by) {
  if (by.failure.failed()) return by.failure;
  if (by.is_over) return {error::other, code::not_connected};
  by.out().is_fin_written = true;
  depart(by);
  return {};
}

void network::close(tcp_end& by, close_mode mode) {
  by.user = nullptr;
  by.held_by = tcp_end::holder::nobody;
  if (!by.is_over) {
    // Closing what was not read tells the peer that it will never be (RFC 2525, 2.17).
    if (mode == close_mode::reset || !by.is_connected || by.unread() > 0) {
      reset(by);
    } else if (!by.out().is_fin_written) {
      (void)shutdown_send(by);  // it is not over: this succeeds
    }
  }
  tidy(*by.link);
}

// ---- Acts of God.

void network::stall(tcp_link& which, micros until) noexcept {
  which.open_at = std::max(which.open_at, until);
}

void network::cut(tcp_link& which) {
  if (which.cut_at) return;
  which.cut_at = now_;
  for (tcp_end* each : {&which.client, &which.server}) {
    post({now_ + sky_.give_up_us, 0, happening::give_up, each, nullptr, 0});
  }
}

void network::kill(tcp_end& which) {
  if (which.is_over || !which.is_connected) return;
  which.was_killed = true;
  reset(which);
}

}  // namespace lastbyte::port::sim
