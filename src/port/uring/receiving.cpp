// Receiving: messages by one operation that goes on and on, streams by one operation per large buffer.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "port/posix/error_map.hpp"
#include "port/posix/sockets.hpp"
#include "port/posix/tcp_witness.hpp"
#include "port/uring/port.hpp"

namespace lastbyte::port::uring {
namespace {

// So many small buffers filled in a row are a stream.
constexpr unsigned full_ones_of_a_stream = 4;
// So many large buffers in a row with no more than fits a small one are messages.
constexpr unsigned small_ones_of_messages = 8;

// Results that say nothing about the connection: the receive goes on.
bool is_passing(int result) noexcept {
  return result == -ECANCELED || result == -ENOBUFS || result == -EINTR || result == -EAGAIN;
}

void append(block*& list, block& last) noexcept {
  last.next = nullptr;
  block** end = &list;
  while (*end != nullptr) end = &(*end)->next;
  *end = &last;
}

void put(completion& into, block& bytes, bool more) noexcept {
  into.received = &bytes;
  into.bytes = bytes.size;
  into.more = more;
}

void put_end(completion& into, std::uint64_t acknowledged) noexcept {
  into.is_end_of_stream = true;
  into.acknowledged = acknowledged;
}

}  // namespace

void worker::submit_receive(socket& on) noexcept {
  if (on.stash != nullptr) {
    put(finished_.add(operation::receive, on.owner), *std::exchange(on.stash, on.stash->next),
        false);
    return;
  }
  on.is_receiving = true;
  if (on.first_error.failed()) {
    begin_salvage(on);
  } else {
    arm(on);
  }
}

void worker::arm(socket& on) noexcept {
  io_uring_sqe& asked = next_submission();
  if (on.is_bulk) {
    lane_.bulk.fill(pool_);
    io_uring_prep_recv(&asked, on.fd, nullptr, receive_block_bytes, 0);
    asked.buf_group = lane_.bulk.group();
    asked.user_data = user_data_of(on, tag::receive_bulk);
  } else {
    lane_.messages.fill(lane_.message_pool);
    io_uring_prep_recv_multishot(&asked, on.fd, nullptr, 0, 0);
    asked.buf_group = lane_.messages.group();
    asked.user_data = user_data_of(on, tag::receive_message);
  }
  asked.flags |= IOSQE_BUFFER_SELECT;
  on.is_armed = true;
  on.is_cancelled = false;
  ++in_flight_;
}

void worker::disarm(socket& on) noexcept {
  if (!on.is_armed || on.is_cancelled) return;
  on.is_cancelled = true;
  // A receive that became a stream's in the middle was cancelled then: so it is of the size it looks.
  cancel(user_data_of(on, on.is_bulk ? tag::receive_bulk : tag::receive_message));
}

void worker::cancel_receive(socket& on) noexcept {
  if (!on.is_receiving || on.is_stopping) return;
  std::erase(stashed_, &on);
  if (on.is_armed) {
    on.is_stopping = true;
    disarm(on);
    return;
  }
  on.is_awaiting_send = false;
  std::erase(salvaging_, &on);
  completion& done = finished_.add(operation::receive, on.owner);
  if (on.stash != nullptr) {
    put(done, *std::exchange(on.stash, on.stash->next), false);
  } else {
    done.result = {error::cancelled, 0};
  }
  end_receive(on);
}

completion& worker::add_receive(socket& on, batch& to) noexcept {
  on.dealt_in = dequeues_;
  return to.add(operation::receive, on.owner);
}

// Whether this dequeue has dealt a receive of the socket's already. The next bytes must wait, so that a pause at
// the first ones is in time. The lowest byte of a count of dequeues deceives now and then: then it waits for nothing.
bool worker::was_dealt(const socket& on, const batch& to) const noexcept {
  return to.count() > 0 && on.dealt_in == dequeues_;
}

// ---- What the ring says.

block* worker::take_block(const io_uring_cqe& done) noexcept {
  if ((done.flags & IORING_CQE_F_BUFFER) == 0) return nullptr;
  return tag_of(done.user_data) == tag::receive_bulk
             ? lane_.bulk.take(done.flags, pool_)
             : lane_.messages.take(done.flags, lane_.message_pool);
}

void worker::on_receive(socket& on, const io_uring_cqe& done, batch& to) noexcept {
  block* bytes = take_block(done);
  if (bytes != nullptr && done.res <= 0) {
    // Some kernels spend a buffer on the end of stream, too.
    bytes->owner->give_back(*bytes);
    bytes = nullptr;
  }
  if (bytes != nullptr) {
    bytes->size = static_cast<std::uint32_t>(done.res);
    on.received += bytes->size;
    adapt(on, *bytes);
  }
  if ((done.flags & IORING_CQE_F_MORE) == 0) {
    on.is_armed = false;
    on_receive_over(on, bytes, done.res, to);
  } else if (bytes != nullptr && must_wait(on, to)) {
    put_aside(on, *bytes);
  } else if (bytes != nullptr) {
    put(add_receive(on, to), *bytes, true);
  }
}

bool worker::must_wait(const socket& on, const batch& to) const noexcept {
  return on.is_stopping || on.stash != nullptr || was_dealt(on, to);
}

void worker::put_aside(socket& on, block& bytes) noexcept {
  if (on.stash == nullptr && !on.is_stopping) stashed_.push_back(&on);
  append(on.stash, bytes);
}

void worker::deal_stashed(batch& to) noexcept {
  for (std::size_t i = 0; i < stashed_.size() && !to.is_full();) {
    socket& on = *stashed_[i];
    if (was_dealt(on, to)) {
      ++i;
      continue;
    }
    // Behind an error the receive goes on until all is told; otherwise it ended when the ring's did.
    const bool goes_on = on.is_armed || on.first_error.failed();
    put(add_receive(on, to), *std::exchange(on.stash, on.stash->next), goes_on);
    if (goes_on && on.stash != nullptr) {
      ++i;
      continue;
    }
    std::erase(stashed_, &on);
    if (!goes_on) {
      end_receive(on);
    } else if (!on.is_armed) {
      begin_salvage(on);
    }
  }
}

// Chooses the size of the next buffers by what came.
void worker::adapt(socket& on, const block& received) noexcept {
  const bool was_message = received.capacity != receive_block_bytes;
  if (was_message == on.is_bulk) return;  // on its way to the other size
  const bool speaks_for_other = was_message ? received.size == received.capacity
                                            : received.size <= lane_.message_pool.block_bytes();
  on.streak = speaks_for_other ? static_cast<std::uint8_t>(on.streak + 1) : 0;
  if (on.streak < (was_message ? full_ones_of_a_stream : small_ones_of_messages)) return;
  on.streak = 0;
  if (was_message) disarm(on);
  on.is_bulk = was_message;
}

// The ring's operation has ended. @param last: what it still brought. @param result: as the ring says it.
void worker::on_receive_over(socket& on, block* last, int result, batch& to) noexcept {
  if (result < 0 && !is_passing(result) && !on.first_error.failed()) {
    on.first_error = posix::from_errno(-result);
  }
  if (on.is_stopping) {
    on_receive_stopped(on, last, result, to);
  } else if (on.stash != nullptr) {
    // What ended it is found again behind these bytes: an end of stream stays, and an error is kept.
    if (last != nullptr) append(on.stash, *last);
  } else if (last != nullptr && was_dealt(on, to)) {
    put_aside(on, *last);
  } else if (on.first_error.failed()) {
    if (last != nullptr) put(add_receive(on, to), *last, true);
    begin_salvage(on);
  } else if (last != nullptr) {
    put(add_receive(on, to), *last, false);
    end_receive(on);
  } else if (result == 0) {
    if (const auto acknowledged = verify_end(on)) {
      put_end(add_receive(on, to), *acknowledged);
      end_receive(on);
    } else {
      begin_salvage(on);
    }
  } else if (has_buffers_for(on)) {
    arm(on);
  } else {
    add_receive(on, to).result = {error::resources, ENOBUFS};
    end_receive(on);
  }
}

// The first of what came meanwhile, or the end; the rest waits for the next receive, as an error does.
void worker::on_receive_stopped(socket& on, block* last, int result, batch& to) noexcept {
  if (last != nullptr) append(on.stash, *last);
  completion& done = add_receive(on, to);
  if (on.stash != nullptr) {
    put(done, *std::exchange(on.stash, on.stash->next), false);
  } else if (const auto acknowledged = result == 0 ? verify_end(on) : std::nullopt) {
    put_end(done, *acknowledged);
  } else {
    done.result = {error::cancelled, 0};
  }
  end_receive(on);
}

// Whether a receive of 0 was the peer's end. @return what it has acknowledged; nothing if it was not.
std::optional<std::uint64_t> worker::verify_end(socket& on) noexcept {
  if (on.first_error.failed()) return std::nullopt;
  const auto acknowledged = posix::verify_end(on.fd, on.received, on.is_connecting_side);
  // The reset that a pending send swallowed: no error is left of it anywhere.
  if (!acknowledged) on.first_error = {error::reset, 0};
  return acknowledged;
}

bool worker::has_buffers_for(const socket& on) noexcept {
  buffer_ring& ring = on.is_bulk ? lane_.bulk : lane_.messages;
  ring.fill(on.is_bulk ? pool_ : lane_.message_pool);
  return !ring.empty();
}

void worker::end_receive(socket& on) noexcept {
  on.is_receiving = false;
  on.is_stopping = false;
  (void)tell_held_error(on);
}

// @return whether there was one.
bool worker::tell_held_error(socket& on) noexcept {
  if (!on.is_send_error_held) return false;
  on.is_send_error_held = false;
  finished_.add(operation::send, on.owner).result = on.first_error;
  return true;
}

// ---- Behind an error: what waits is taken by system calls, then the error is told.

// A send in flight comes first: it may still tell of bytes, and those are from before the error.
void worker::begin_salvage(socket& on) noexcept {
  on.is_awaiting_send = on.is_sending;
  if (on.is_sending) {
    cancel(user_data_of(on, tag::send));
  } else {
    salvaging_.push_back(&on);
  }
}

void worker::salvage_some(batch& to) noexcept {
  for (std::size_t i = 0; i < salvaging_.size() && !to.is_full();) {
    socket& on = *salvaging_[i];
    if (was_dealt(on, to) || salvage_one(on, to)) {
      ++i;
      continue;
    }
    std::erase(salvaging_, &on);
    end_receive(on);
  }
}

// @return whether there may be more.
bool worker::salvage_one(socket& on, batch& to) noexcept {
  block* into = pool_.take();
  const ssize_t count = into == nullptr ? -1 : posix::receive_now(on.fd, *into);
  if (count > 0) {
    into->size = static_cast<std::uint32_t>(count);
    on.received += into->size;
    put(add_receive(on, to), *into, true);
    return true;
  }
  if (into != nullptr) into->owner->give_back(*into);
  // A send that has met the error tells of it first, and the receive ends in the next round.
  if (tell_held_error(on)) return true;
  add_receive(on, to).result = into == nullptr ? outcome{error::resources, ENOMEM} : on.first_error;
  return false;
}

}  // namespace lastbyte::port::uring
