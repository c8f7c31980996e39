// How the shared epoll port deals completions: first what ended without waiting, then what the kernel says.
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "port/epoll/shared_port.hpp"
#include "port/posix/error_map.hpp"
#include "port/posix/sockets.hpp"
#include "port/posix/tcp_witness.hpp"

namespace lastbyte::port::epoll {
namespace {

// Connections accepted at a time for one listener, so that the others' workers get some, too.
constexpr std::size_t max_accepts_at_a_time = 8;

// Whether a connect under way has succeeded or failed: an event may be about the record's past.
bool is_decided(int fd) noexcept {
  pollfd writable{fd, POLLOUT, 0};
  return ::poll(&writable, 1, 0) == 1;
}

}  // namespace

std::size_t shared_worker::dequeue(std::span<completion> out,
                                   std::optional<std::uint32_t> timeout_ms) noexcept {
  batch dealt(out);
  dealing_ = &dealt;
  settle_dealt_accepts();
  tell_held_errors();
  // The other half is the kernel's: operations that all end at once must not keep its news waiting.
  finished_.deal(dealt, (dealt.room() + 1) / 2);
  for (record* each : std::exchange(to_look_at_, {})) {
    const std::scoped_lock lock(each->mutex);
    if (has_room_for(*each)) {
      look_at(*each, EPOLLIN);
    } else {
      to_look_at_.push_back(each);
    }
  }
  if (dealt.room() > 0) {
    const bool must_not_wait = dealt.count() > 0 || !finished_.empty() || !to_look_at_.empty();
    auto wait = must_not_wait ? std::optional<std::uint32_t>(0) : timeout_ms;
    // Events may be stale: only the kernel can say that there is nothing.
    while (poll(wait) && dealt.count() == 0 && finished_.empty()) wait = 0;
  }
  finished_.deal(dealt);
  dealing_ = nullptr;
  return dealt.count();
}

// Whoever dequeues again has seen what it was dealt before.
void shared_worker::settle_dealt_accepts() noexcept {
  for (record* each : dealt_accepts_) {
    const std::scoped_lock lock(each->mutex);
    --each->accepts_dealt;
    if (each->accept_end.failed()) end_accept(*each, each->accept_end);
  }
  dealt_accepts_.clear();
}

// What was received in front of an error has been dealt: unless somebody receives on, the error is next.
void shared_worker::tell_held_errors() noexcept {
  for (record* each : std::exchange(held_errors_, {})) {
    const std::scoped_lock lock(each->mutex);
    if (!has_room_for(*each)) {
      held_errors_.push_back(each);
      continue;
    }
    if (each->teller == this) each->teller = nullptr;
    if (each->is_receiving) {
      to_look_at_.push_back(each);  // an error that is the send's alone gives no event
    } else {
      tell_held_error(*each);
    }
  }
}

// What a worker has taken from the kernel no other one can see: so it takes no more than it deals.
bool shared_worker::has_room_for(const record& on) const noexcept {
  const std::size_t most = std::size_t{on.is_accepting} + std::size_t{on.is_connecting} +
                           std::size_t{on.is_sending} + std::size_t{on.is_receiving} +
                           std::size_t{on.is_send_error_held};
  return dealing_->count() == 0 || most <= dealing_->room();
}

bool shared_worker::poll(std::optional<std::uint32_t> timeout_ms) noexcept {
  // No more events than there is room: others can have them.
  std::array<epoll_event, max_batch> events;  // NOLINT(*-member-init): the kernel fills it
  const int wait =
      !timeout_ms ? -1 : static_cast<int>(std::min<std::uint32_t>(*timeout_ms, INT_MAX));
  // EINTR (who is stopped and continued gets it, too) is a wake-up; what is there is to be seen all the same.
  const auto most = static_cast<int>(dealing_->room());
  int count = ::epoll_wait(port_.set_, events.data(), most, wait);
  if (count < 0) count = ::epoll_wait(port_.set_, events.data(), most, 0);
  bool is_woken = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& told = events[static_cast<std::size_t>(i)];
    if (told.data.ptr == nullptr) {  // the bell: waking up was its whole purpose
      is_woken = true;
      continue;
    }
    record& on = *static_cast<record*>(told.data.ptr);
    const std::scoped_lock lock(on.mutex);
    if (has_room_for(on)) {
      look_at(on, told.events);
    } else {
      arm(on);  // for others, or for the next batch
    }
  }
  return count == most && !is_woken;
}

void shared_worker::look_at(record& on, std::uint32_t events) noexcept {
  if (on.is_accepting) accept_waiting(on);
  if (on.is_connecting && is_decided(on.fd)) {
    on.is_connecting = false;
    finish(on, operation::connect, posix::take_error(on.fd));
  }
  if (on.is_receiving) receive_waiting(on);
  if (on.is_sending && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
    on.is_sending = false;
    finish(on, operation::send, {});  // 0 bytes: there is room, submit the rest
  }
  arm(on);
}

void shared_worker::accept_waiting(record& on) noexcept {
  // Those who come later make another event; but an accept that finishes needs to hear that nobody is left.
  const std::size_t known = on.is_finishing ? 0 : posix::ask_waiting(on.fd);
  for (std::size_t left =
           std::min({dealing_->room(), max_accepts_at_a_time, known > 0 ? known : SIZE_MAX});
       left > 0 && !on.accept_end.failed(); --left) {
    accepted_socket accepted;
    outcome why;
    switch (posix::accept_one(on.fd, accepted, why)) {
      case posix::accept_result::accepted: {
        completion& done = finish(on, operation::accept, {});
        done.accepted = accepted;
        done.more = true;
        ++on.accepts_dealt;
        dealt_accepts_.push_back(&on);
        break;
      }
      case posix::accept_result::none_waiting:
        if (on.is_finishing) end_accept(on, {error::cancelled, 0});
        return;
      case posix::accept_result::failed: end_accept(on, why); return;
    }
  }
  // The queue may have more, and arming tells; but not that it is empty.
  if (on.is_finishing && !on.accept_end.failed()) to_look_at_.push_back(&on);
}

// One buffer, and the receive is over: so no second worker can overtake it.
void shared_worker::receive_waiting(record& on) noexcept {
  block* into = pool_.take();
  if (into == nullptr) return end_receive(on, {error::resources, ENOMEM});
  const ssize_t count = posix::receive_now(on.fd, *into);
  if (count <= 0) {
    const int code = count < 0 ? errno : 0;
    pool_.give_back(*into);
    if (code == EAGAIN && !on.first_error.failed()) return;  // no news after all
    if (on.teller != nullptr && on.teller != this) return;   // that one ends it
    receive_end(on, code);
    return end_receive(on, on.first_error, !on.first_error.failed());
  }
  into->size = static_cast<std::uint32_t>(count);
  on.received += into->size;
  finish(on, operation::receive, {}, into->size).received = into;
  on.is_receiving = false;
  // There may be more in front of the error that a send has met: whoever got these bytes may receive on.
  if (on.is_send_error_held) held_errors_.push_back(&on);
}

// Nothing could be received. Sets the error, unless it is the end of the stream.
// @param code: errno, or 0 for a receive of 0.
void shared_worker::receive_end(record& on, int code) noexcept {
  if (on.first_error.failed()) return;
  if (code != 0) {
    on.first_error = posix::from_errno(code);
  } else if (!posix::verify_end(on.fd, on.received, on.is_connecting_side)) {
    // The reset that a pending send swallowed: no error is left of it anywhere.
    on.first_error = {error::reset, 0};
  }
}

}  // namespace lastbyte::port::epoll
