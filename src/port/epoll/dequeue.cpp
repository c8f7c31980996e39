// How the epoll port deals completions: first what ended without waiting, then what the kernel says.
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "port/epoll/port.hpp"
#include "port/posix/error_map.hpp"
#include "port/posix/sockets.hpp"
#include "port/posix/tcp_witness.hpp"

namespace lastbyte::port::epoll {
namespace {

// Events asked for at once. More than a batch: they only set flags.
constexpr int max_events = 64;
// As long as there is something to deal, the kernel is not asked; but not for ever.
constexpr unsigned max_dequeues_without_poll = 8;
// Bytes received in one batch, so that what a batch touches stays within the cache.
constexpr std::size_t max_batch_bytes = 128U << 10;
// Connections accepted for one listener before others have their turn.
constexpr unsigned max_accepts_in_a_row = 8;

}  // namespace

std::size_t worker::dequeue(std::span<completion> out,
                            std::optional<std::uint32_t> timeout_ms) noexcept {
  batch dealt(out, max_batch_bytes);
  for (;;) {
    // The other half is the kernel's: whoever sends on and on, at once each time, must not keep its news waiting.
    finished_.deal(dealt, (dealt.room() + 1) / 2);
    const bool has_something = dealt.count() > 0 || round_left_ > 0;
    const bool asks = !has_something || ++dequeues_since_poll_ >= max_dequeues_without_poll;
    if (asks) {
      dequeues_since_poll_ = 0;
      const bool must_not_wait = has_something || !reading_.empty() || is_anybody_waiting();
      poll(must_not_wait ? std::optional<std::uint32_t>(0) : timeout_ms);
      round_left_ = reading_.count();
    }
    accept_waiting(dealt);
    receive_readable(dealt);
    finished_.deal(dealt);
    // What was known may be stale: only the kernel can say that there is nothing.
    if (dealt.count() > 0 || asks) return dealt.count();
  }
}

void worker::poll(std::optional<std::uint32_t> timeout_ms) noexcept {
  std::array<epoll_event, max_events> events;  // NOLINT(*-member-init): the kernel fills it
  const int wait =
      !timeout_ms ? -1 : static_cast<int>(std::min<std::uint32_t>(*timeout_ms, INT_MAX));
  // EINTR (who is stopped and continued gets it, too) is a wake-up; what is there is to be seen all the same.
  int count = ::epoll_wait(lane_.set, events.data(), max_events, wait);
  if (count < 0) count = ::epoll_wait(lane_.set, events.data(), max_events, 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& told = events[static_cast<std::size_t>(i)];
    auto* about = static_cast<source*>(told.data.ptr);
    if (about == nullptr) continue;  // the bell: waking up was its whole purpose
    if (about->is == source::kind::listener) {
      static_cast<listener*>(about)->is_ready = true;
    } else {
      note(static_cast<socket&>(*about), told.events);
    }
  }
}

void worker::note(socket& on, std::uint32_t events) noexcept {
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) on.is_hung_up = true;
  // A reset closes both directions (tcp_done() in net/ipv4/tcp.c), and that is EPOLLHUP (tcp_poll()). One alone
  // is a FIN, which came behind all bytes. So it is if we have not finished yet; else the kernel must be asked.
  if ((events & (EPOLLRDHUP | EPOLLHUP)) == EPOLLRDHUP) on.is_end_told = true;
  if ((events & EPOLLIN) != 0) on.is_readable = true;
  if (on.is_receiving && (on.is_readable || on.is_hung_up)) reading_.push(on);

  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) == 0) return;
  on.is_full = false;
  if (!on.is_connecting && !on.is_sending) return;
  if (on.is_connecting) {
    on.is_connecting = false;
    finished_.add(operation::connect, on.owner).result = posix::take_error(on.fd);
  } else {
    on.is_sending = false;
    finished_.add(operation::send, on.owner);  // 0 bytes: there is room, submit the rest
  }
}

// Whether a listener's queue is not known to be empty.
bool worker::is_anybody_waiting() const noexcept {
  return std::any_of(accepting_.begin(), accepting_.end(),
                     [](const listener* on) { return on->is_ready; });
}

void worker::accept_waiting(batch& to) noexcept {
  for (std::size_t i = 0; i < accepting_.size(); ++i) {
    listener& on = *accepting_[i];
    if (!on.is_ready) continue;
    posix::known_waiting others(on.fd);
    for (unsigned taken = 0; on.is_ready && taken < max_accepts_in_a_row && !to.is_full();
         ++taken) {
      accepted_socket accepted;
      outcome why;
      switch (posix::accept_one(on.fd, accepted, why)) {
        case posix::accept_result::accepted: {
          completion& done = to.add(operation::accept, on.owner);
          done.accepted = accepted;
          done.more = true;
          // Who comes later makes another event. But an accept that finishes needs to hear that nobody is left.
          if (others.take() && !on.is_finishing) on.is_ready = false;
          break;
        }
        case posix::accept_result::none_waiting:
          on.is_ready = false;
          if (on.is_finishing) why = {error::cancelled, 0};
          break;
        case posix::accept_result::failed: on.is_ready = false; break;
      }
      if (why.failed()) {
        end_accept(on, why);
        --i;  // it has left the list
        break;
      }
    }
  }
}

void worker::receive_readable(batch& to) noexcept {
  while (round_left_ > 0 && !to.is_full()) {
    --round_left_;
    socket* on = reading_.pop();
    if (on == nullptr) {  // cancelled meanwhile
      round_left_ = 0;
      return;
    }
    receive_one(*on, to);
  }
}

void worker::receive_one(socket& on, batch& to) noexcept {
  block* into = pool_.take();
  if (into == nullptr) return end_receive(on, failed({error::resources, ENOMEM}));
  const ssize_t count = posix::receive_now(on.fd, *into);
  if (count <= 0) {
    const int code = count < 0 ? errno : 0;
    pool_.give_back(*into);
    return end_of_receive(on, code);
  }
  into->size = static_cast<std::uint32_t>(count);
  on.received += into->size;
  completion& done = to.add(operation::receive, on.owner);
  done.received = into;
  done.bytes = into->size;
  done.more = true;
  to.add_bytes(into->size);
  // Less than asked for: the queue is empty, and the next byte will be an event (epoll(7)). Not so with a
  // FIN or an error behind it: their event may have come already.
  on.is_readable = into->size == into->capacity;
  if (on.is_readable || on.is_hung_up || on.first_error.failed()) reading_.push(on);
}

// Nothing could be received. @param code: errno, or 0 for a receive of 0.
void worker::end_of_receive(socket& on, int code) noexcept {
  if (code == EAGAIN && !on.first_error.failed()) {
    on.is_readable = false;
    // An event that told of a FIN always has a readable 0 behind it: this one told of something else, an
    // error that a send has taken, for instance.
    on.is_hung_up = false;
    return;
  }
  if (code != 0 && code != EAGAIN && !on.first_error.failed())
    on.first_error = posix::from_errno(code);
  completion last;
  if (!on.first_error.failed() && !on.is_end_told) {
    const auto acknowledged = posix::verify_end(on.fd, on.received, on.is_connecting_side);
    last.acknowledged = acknowledged.value_or(0);
    // The reset that a pending send swallowed: no error is left of it anywhere.
    if (!acknowledged) on.first_error = {error::reset, 0};
  }
  last.result = on.first_error;
  last.is_end_of_stream = !on.first_error.failed();
  end_receive(on, last);
}

}  // namespace lastbyte::port::epoll
