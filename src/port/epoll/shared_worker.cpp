// The operations of the shared epoll port. How completions are dealt stands in shared_dequeue.cpp.
#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "port/epoll/shared_port.hpp"
#include "port/posix/error_map.hpp"
#include "port/posix/sockets.hpp"
#include "port/posix/tcp_witness.hpp"

namespace lastbyte::port::epoll {
shared_worker::shared_worker(shared_port& shared, std::uint32_t /*index*/, buffer_pool& pool)
    : port_(shared), pool_(pool) {}

// Gives `fd` a record and puts it, asking for nothing yet, into the set. On failure `fd` is closed.
outcome shared_worker::enlist(record*& made, int fd, void* owner) noexcept {
  made = port_.records_.take();
  outcome why{error::resources, ENOMEM};
  if (made != nullptr) {
    {
      const std::scoped_lock lock(made->mutex);
      made->fd = fd;
      made->owner = owner;
    }
    epoll_event nothing_yet{};
    nothing_yet.events = EPOLLONESHOT;
    nothing_yet.data.ptr = made;
    if (::epoll_ctl(port_.set_, EPOLL_CTL_ADD, fd, &nothing_yet) == 0) return {};
    why = posix::last_error();
    dismiss(made, close_mode::reset);
  } else {
    posix::close(fd, close_mode::reset);
  }
  return why;
}

void shared_worker::dismiss(record*& unused, close_mode mode) noexcept {
  if (unused == nullptr) return;  // a connect that failed at once has none
  record& last = *std::exchange(unused, nullptr);
  {
    const std::scoped_lock lock(last.mutex);
    posix::close(last.fd, mode);
    last.clear();
  }
  port_.records_.give_back(last);
}

// Asks for one event about exactly what is in flight.
void shared_worker::arm(record& on) noexcept {
  epoll_event wanted{};
  if (on.is_receiving && on.teller == nullptr) wanted.events |= EPOLLIN | EPOLLRDHUP;
  if (on.is_accepting && !on.accept_end.failed()) wanted.events |= EPOLLIN;
  if (on.is_sending || on.is_connecting) wanted.events |= EPOLLOUT;
  // Errors and hang-ups are reported unasked; while nothing is in flight nobody wants to know.
  if (wanted.events == 0) return;
  wanted.events |= EPOLLONESHOT;
  wanted.data.ptr = &on;
  // Modifying what was added before cannot fail for lack of anything.
  (void)::epoll_ctl(port_.set_, EPOLL_CTL_MOD, on.fd, &wanted);
}

// Into the batch that is being dealt, if there is one.
completion& shared_worker::finish(record& on, operation what, outcome result, std::uint32_t bytes) {
  completion& done = dealing_ != nullptr && dealing_->room() > 0 ? dealing_->add(what, on.owner)
                                                                 : finished_.add(what, on.owner);
  done.result = result;
  done.bytes = bytes;
  return done;
}

// ---- Listeners.

outcome shared_worker::listen(listener& made, const endpoint& where, const listen_options& how,
                              void* owner) noexcept {
  int fd = -1;
  const outcome opened = posix::open_listener(fd, where, how, posix::sharing::alone);
  return opened.failed() ? opened : enlist(made.kept, fd, owner);
}

endpoint shared_worker::local(const listener& of) const noexcept {
  return posix::local_endpoint(of.kept->fd);
}

void shared_worker::submit_accept(listener& on) noexcept {
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  kept.is_accepting = true;
  kept.is_finishing = false;
  kept.accept_end = {};
  arm(kept);
}

void shared_worker::cancel_accept(listener& on) noexcept {
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  end_accept(kept, {error::cancelled, 0});
}

void shared_worker::finish_accept(listener& on) noexcept {
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  // If the filter is refused, connections of this very moment may be reset by close(): nothing is left to
  // do about it, and the server's end must go on.
  (void)posix::refuse_new(kept.fd);
  if (!kept.is_accepting) return;
  kept.is_finishing = true;
  to_look_at_.push_back(&kept);  // an empty queue gives no event
}

// Who finds the last dealt connection handled tells the end: see settle_dealt_accepts().
void shared_worker::end_accept(record& on, outcome why) noexcept {
  if (!on.is_accepting) return;
  if (!on.accept_end.failed()) on.accept_end = why;
  if (on.accepts_dealt > 0) return;
  on.is_accepting = false;
  finish(on, operation::accept, on.accept_end);
}

void shared_worker::close(listener& unused) noexcept { dismiss(unused.kept, close_mode::orderly); }

// ---- Sockets.

outcome shared_worker::adopt(socket& into, accepted_socket accepted, void* owner) noexcept {
  return enlist(into.kept, static_cast<int>(accepted.native), owner);
}

void shared_worker::discard(accepted_socket accepted) noexcept {
  posix::close(static_cast<int>(accepted.native), close_mode::reset);
}

void shared_worker::submit_connect(socket& into, const endpoint& where, void* owner) noexcept {
  into.kept = nullptr;
  int fd = -1;
  outcome begun = posix::begin_connect(fd, where);
  if (!begun.failed()) begun = enlist(into.kept, fd, owner);
  if (begun.failed()) {
    finished_.add(operation::connect, owner).result = begun;
    return;
  }
  record& kept = *into.kept;
  const std::scoped_lock lock(kept.mutex);
  kept.is_connecting = kept.is_connecting_side = true;
  arm(kept);
}

// A socket that has failed is readable to epoll for ever: arming is enough, whatever came before.
void shared_worker::submit_receive(socket& on) noexcept {
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  kept.is_receiving = true;
  arm(kept);
}

void shared_worker::cancel_receive(socket& on) noexcept {
  if (on.kept == nullptr) return;  // a connect that failed at once: nothing is in flight
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  if (kept.is_receiving) end_receive(kept, {error::cancelled, 0});
}

void shared_worker::tell_held_error(record& on) noexcept {
  if (!std::exchange(on.is_send_error_held, false)) return;
  finish(on, operation::send, on.first_error);
  tell_the_rest(on);
}

// The error has been told here: what else ends by it waits until this worker dequeues again.
void shared_worker::tell_the_rest(record& on) noexcept {
  on.teller = this;
  held_errors_.push_back(&on);
}

// A send that has met an error tells of it first.
void shared_worker::end_receive(record& on, outcome why, bool is_end_of_stream) noexcept {
  on.is_receiving = false;
  tell_held_error(on);
  finish(on, operation::receive, why).is_end_of_stream = is_end_of_stream;
  if (on.first_error.failed()) tell_the_rest(on);
}

void shared_worker::submit_send(socket& on, std::span<const slice> slices) noexcept {
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  if (kept.first_error.failed()) return fail_send(kept, kept.first_error);
  const ssize_t taken = posix::send_now(kept.fd, slices);
  if (taken >= 0) {
    finish(kept, operation::send, {}, static_cast<std::uint32_t>(taken));
  } else if (errno == EAGAIN) {
    kept.is_sending = true;
    arm(kept);
  } else {
    fail_send(kept, posix::last_error());
  }
}

// Bytes that wait behind the error are received first: what the peer said before it went counts. And whoever ends a
// receive by the error, at another worker perhaps, tells of the send before.
void shared_worker::fail_send(record& on, outcome why) noexcept {
  if (!on.first_error.failed()) on.first_error = why;
  on.is_send_error_held = true;
  if (on.teller == nullptr) held_errors_.push_back(&on);
}

void shared_worker::cancel_send(socket& on) noexcept {
  if (on.kept == nullptr) return;  // as above
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  if (!kept.is_sending && !kept.is_connecting) return;
  finish(kept, kept.is_connecting ? operation::connect : operation::send, {error::cancelled, 0});
  kept.is_sending = kept.is_connecting = false;
}

outcome shared_worker::shutdown_send(socket& on) noexcept {
  record& kept = *on.kept;
  const std::scoped_lock lock(kept.mutex);
  const outcome done = posix::shutdown_send(kept.fd);
  if (done.failed() && !kept.first_error.failed()) kept.first_error = done;
  return done;
}

kernel_witness shared_worker::witness(const socket& of) const noexcept {
  if (of.kept == nullptr) return {};
  return posix::ask_witness(of.kept->fd, of.kept->is_connecting_side);
}

outcome shared_worker::failure(const socket& of) const noexcept {
  if (of.kept == nullptr) return {};
  const std::scoped_lock lock(of.kept->mutex);
  return of.kept->first_error.failed() ? of.kept->first_error : posix::take_error(of.kept->fd);
}

std::optional<std::uint64_t> shared_worker::unread(const socket& of) const noexcept {
  return of.kept == nullptr ? std::nullopt : posix::ask_unread(of.kept->fd);
}

void shared_worker::close(socket& joined, close_mode mode) noexcept { dismiss(joined.kept, mode); }

}  // namespace lastbyte::port::epoll
