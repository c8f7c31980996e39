// The operations of the epoll port. How completions are dealt stands in dequeue.cpp.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "port/epoll/port.hpp"
#include "port/posix/error_map.hpp"
#include "port/posix/sockets.hpp"
#include "port/posix/tcp_witness.hpp"

namespace lastbyte::port::epoll {
namespace {

std::size_t total_of(std::span<const slice> slices) noexcept {
  std::size_t total = 0;
  for (const slice& each : slices) total += each.size();
  return total;
}

}  // namespace

worker::worker(port& shared, std::uint32_t index, buffer_pool& pool)
    : lane_(shared.lanes_[index]), index_(index), pool_(pool) {}

// ---- Listeners.

outcome worker::listen(listener& made, const endpoint& where, const listen_options& how,
                       void* owner) noexcept {
  auto with = posix::sharing::alone;
  if (how.share_count > 1) with = index_ == 0 ? posix::sharing::first : posix::sharing::joins;
  int fd = -1;
  if (const outcome why = posix::open_listener(fd, where, how, with); why.failed()) return why;
  made = listener();
  made.fd = fd;
  made.owner = owner;
  epoll_event nothing_yet{};
  nothing_yet.data.ptr = static_cast<source*>(&made);
  if (::epoll_ctl(lane_.set, EPOLL_CTL_ADD, fd, &nothing_yet) == 0) return {};
  const outcome why = posix::last_error();
  posix::close(std::exchange(made.fd, -1), close_mode::orderly);
  return why;
}

endpoint worker::local(const listener& of) const noexcept { return posix::local_endpoint(of.fd); }

void worker::submit_accept(listener& on) noexcept {
  on.is_accepting = true;
  on.is_ready = false;
  accepting_.push_back(&on);
  // Modifying asks anew: if somebody is waiting already, there is an event.
  set_interest(on, EPOLLIN | EPOLLET);
}

void worker::cancel_accept(listener& on) noexcept {
  if (on.is_accepting) end_accept(on, {error::cancelled, 0});
}

void worker::finish_accept(listener& on) noexcept {
  // If the filter is refused, connections of this very moment may be reset by close(): nothing is left to
  // do about it, and the server's end must go on.
  (void)posix::refuse_new(on.fd);
  if (!on.is_accepting) return;
  on.is_finishing = true;
  on.is_ready = true;
}

void worker::close(listener& unused) noexcept {
  posix::close(std::exchange(unused.fd, -1), close_mode::orderly);
}

// While no accept is in flight the listener must not wake anybody.
void worker::set_interest(listener& on, std::uint32_t events) noexcept {
  epoll_event wanted{};
  wanted.events = events;
  wanted.data.ptr = static_cast<source*>(&on);
  // Modifying what was added before cannot fail for lack of anything.
  (void)::epoll_ctl(lane_.set, EPOLL_CTL_MOD, on.fd, &wanted);
}

void worker::end_accept(listener& on, outcome why) noexcept {
  on.is_accepting = false;
  std::erase(accepting_, &on);
  set_interest(on, 0);
  finished_.add(operation::accept, on.owner).result = why;
}

// ---- Sockets.

outcome worker::watch(int fd, source& as) noexcept {
  epoll_event both{};
  both.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  both.data.ptr = &as;
  return ::epoll_ctl(lane_.set, EPOLL_CTL_ADD, fd, &both) == 0 ? outcome{} : posix::last_error();
}

outcome worker::adopt(socket& into, accepted_socket accepted, void* owner) noexcept {
  into = socket();
  into.fd = static_cast<int>(accepted.native);
  into.owner = owner;
  const outcome done = watch(into.fd, into);
  if (done.failed()) posix::close(std::exchange(into.fd, -1), close_mode::reset);
  return done;
}

void worker::discard(accepted_socket accepted) noexcept {
  posix::close(static_cast<int>(accepted.native), close_mode::reset);
}

void worker::submit_connect(socket& into, const endpoint& where, void* owner) noexcept {
  into = socket();
  into.owner = owner;
  into.is_connecting_side = true;
  outcome begun = posix::begin_connect(into.fd, where);
  if (!begun.failed()) begun = watch(into.fd, into);
  if (!begun.failed()) {
    into.is_connecting = true;  // an event tells, even if it is connected already
    return;
  }
  finished_.add(operation::connect, owner).result = begun;
}

void worker::submit_receive(socket& on) noexcept {
  on.is_receiving = true;
  if (on.is_readable || on.is_hung_up || on.first_error.failed()) reading_.push(on);
}

void worker::cancel_receive(socket& on) noexcept {
  if (on.is_receiving) end_receive(on, failed({error::cancelled, 0}));
}

completion worker::failed(outcome why) noexcept {
  completion done;
  done.result = why;
  return done;
}

// A send that has met an error tells of it first. @param last: how the receive ends; only that need be said.
void worker::end_receive(socket& on, completion last) noexcept {
  on.is_receiving = false;
  reading_.remove(on);
  if (on.is_send_error_held) {
    on.is_send_error_held = false;
    finished_.add(operation::send, on.owner).result = on.first_error;
  }
  last.what = operation::receive;
  last.owner = on.owner;
  finished_.add(last);
}

void worker::submit_send(socket& on, std::span<const slice> slices) noexcept {
  if (on.first_error.failed()) {
    fail_send(on, on.first_error);
    return;
  }
  if (on.is_full) {
    on.is_sending = true;
    return;
  }
  const ssize_t taken = posix::send_now(on.fd, slices);
  if (taken < 0 && errno == EAGAIN) {
    on.is_full = true;
    on.is_sending = true;
    return;
  }
  if (taken < 0) {
    fail_send(on, posix::last_error());
    return;
  }
  on.is_full = static_cast<std::size_t>(taken) < total_of(slices);
  finished_.add(operation::send, on.owner).bytes = static_cast<std::uint32_t>(taken);
}

// Bytes that wait behind the error are received first: what the peer said before it went counts.
void worker::fail_send(socket& on, outcome why) noexcept {
  if (!on.first_error.failed()) on.first_error = why;
  if (on.is_receiving) {
    on.is_send_error_held = true;
    reading_.push(on);
    return;
  }
  finished_.add(operation::send, on.owner).result = on.first_error;
}

void worker::cancel_send(socket& on) noexcept {
  if (!on.is_sending && !on.is_connecting) return;
  const operation what = on.is_connecting ? operation::connect : operation::send;
  on.is_sending = false;
  on.is_connecting = false;
  finished_.add(what, on.owner).result = {error::cancelled, 0};
}

outcome worker::shutdown_send(socket& on) noexcept {
  const outcome done = posix::shutdown_send(on.fd);
  if (done.failed() && !on.first_error.failed()) on.first_error = done;
  return done;
}

kernel_witness worker::witness(const socket& of) const noexcept {
  return of.fd < 0 ? kernel_witness{} : posix::ask_witness(of.fd, of.is_connecting_side);
}

outcome worker::failure(const socket& of) const noexcept {
  return of.first_error.failed() || of.fd < 0 ? of.first_error : posix::take_error(of.fd);
}

std::optional<std::uint64_t> worker::unread(const socket& of) const noexcept {
  return of.fd < 0 ? std::nullopt : posix::ask_unread(of.fd);
}

void worker::close(socket& joined, close_mode mode) noexcept {
  reading_.remove(joined);
  if (joined.fd >= 0) posix::close(std::exchange(joined.fd, -1), mode);
}

}  // namespace lastbyte::port::epoll
