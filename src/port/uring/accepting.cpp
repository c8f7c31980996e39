// Listeners of the uring port.
//
// A multishot accept would empty the kernel's queue before anybody could stop it at the connection limit,
// and tells no peer's address. So the ring only says that somebody waits, again and again, and each
// connection is taken by one accept4(), which brings the address that would need a call of its own.
#include <poll.h>

#include <algorithm>
#include <utility>

#include "port/posix/error_map.hpp"
#include "port/posix/sockets.hpp"
#include "port/posix/tcp_witness.hpp"
#include "port/uring/port.hpp"

namespace lastbyte::port::uring {
namespace {

// Connections accepted for one listener before others have their turn.
constexpr unsigned max_accepts_in_a_row = 8;

}  // namespace

outcome worker::listen(listener& made, const endpoint& where, const listen_options& how,
                       void* owner) noexcept {
  auto with = posix::sharing::alone;
  if (how.share_count > 1) with = index_ == 0 ? posix::sharing::first : posix::sharing::joins;
  int fd = -1;
  if (const outcome why = posix::open_listener(fd, where, how, with); why.failed()) return why;
  made = listener();
  made.fd = fd;
  made.owner = owner;
  return {};
}

endpoint worker::local(const listener& of) const noexcept { return posix::local_endpoint(of.fd); }

void worker::submit_accept(listener& on) noexcept {
  on.is_accepting = true;
  on.is_stopping = false;
  on.is_ready = false;  // if somebody waits already, the poll says so at once
  accepting_.push_back(&on);
  arm(on);
}

void worker::cancel_accept(listener& on) noexcept {
  if (on.is_accepting) stop_accept(on, {error::cancelled, 0});
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

void worker::arm(listener& on) noexcept {
  io_uring_sqe& asked = next_submission();
  io_uring_prep_poll_multishot(&asked, on.fd, POLLIN);
  asked.user_data = user_data_of(on, tag::accept);
  ++in_flight_;
}

// The accept ends when its poll has: so nothing is in flight when the listener is closed.
void worker::stop_accept(listener& on, outcome why) noexcept {
  if (std::exchange(on.is_stopping, true)) return;
  on.result = why;
  cancel(user_data_of(on, tag::accept));
}

void worker::on_poll(listener& on, const io_uring_cqe& done) noexcept {
  on.is_ready = true;
  if ((done.flags & IORING_CQE_F_MORE) != 0) return;
  if (!on.is_stopping && done.res >= 0) {
    arm(on);  // it ends by itself when the completion queue was full
    return;
  }
  if (!on.is_stopping) on.result = posix::from_errno(-done.res);
  on.is_accepting = false;
  std::erase(accepting_, &on);
  finished_.add(operation::accept, on.owner).result = on.result;
}

// Whether a listener's queue is not known to be empty.
bool worker::is_anybody_waiting() const noexcept {
  return std::any_of(accepting_.begin(), accepting_.end(),
                     [](const listener* on) { return on->is_ready && !on->is_stopping; });
}

void worker::accept_waiting(batch& to) noexcept {
  for (listener* on : accepting_) {
    if (!on->is_ready || on->is_stopping) continue;
    posix::known_waiting others(on->fd);
    for (unsigned taken = 0;
         on->is_ready && !on->is_stopping && taken < max_accepts_in_a_row && !to.is_full();
         ++taken) {
      accept_one(*on, to);
      // Who comes later makes another completion. But an accept that finishes needs to hear that nobody is left.
      if (others.take() && !on->is_finishing) on->is_ready = false;
    }
  }
}

void worker::accept_one(listener& on, batch& to) noexcept {
  accepted_socket accepted;
  outcome why;
  switch (posix::accept_one(on.fd, accepted, why)) {
    case posix::accept_result::accepted: {
      completion& done = to.add(operation::accept, on.owner);
      done.accepted = accepted;
      done.more = true;
      break;
    }
    case posix::accept_result::none_waiting:
      on.is_ready = false;
      if (on.is_finishing) stop_accept(on, {error::cancelled, 0});
      break;
    case posix::accept_result::failed: stop_accept(on, why); break;
  }
}

}  // namespace lastbyte::port::uring
