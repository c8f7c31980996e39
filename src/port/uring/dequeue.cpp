// How the uring port talks to its ring, and deals completions: first what ended without the ring, then what
// the ring has, and only when it has nothing is the kernel asked.
#include <poll.h>

#include <cstddef>

#include "port/uring/port.hpp"

namespace lastbyte::port::uring {
namespace {

// As long as there is something to deal, submissions are collected; but not for ever.
constexpr unsigned max_dequeues_without_enter = 8;

__kernel_timespec timespec_of(std::uint32_t ms) noexcept {
  constexpr std::uint32_t ms_per_s = 1'000;
  constexpr std::uint32_t ns_per_ms = 1'000'000;
  return {ms / ms_per_s, static_cast<long long>(ms % ms_per_s) * ns_per_ms};
}

}  // namespace

// ---- The ring.

worker::worker(port& shared, std::uint32_t index, buffer_pool& pool)
    : lane_(*shared.lanes_[index]),
      index_(index),
      pool_(pool),
      attachments_(new attachment[lane_.ring.sq.ring_entries]) {
  lane_.message_pool.adopt_thread();
  // Can't fail: it was made disabled, and nobody else enables it.
  (void)io_uring_enable_rings(&lane_.ring);
  // A number instead of a file for each call: a little faster, and allowed to fail (Linux 5.18).
  (void)io_uring_register_ring_fd(&lane_.ring);
  arm_bell();
}

worker::~worker() {
  await_all();
  for (const completion& unseen : finished_.left()) {
    if (unseen.received != nullptr) unseen.received->owner->give_back(*unseen.received);
  }
  lane_.messages.give_back();
  lane_.bulk.give_back();
  (void)io_uring_unregister_ring_fd(&lane_.ring);
}

io_uring_sqe& worker::next_submission() noexcept {
  for (;;) {
    if (io_uring_sqe* free = io_uring_get_sqe(&lane_.ring)) return *free;
    // All places are taken: the kernel takes what is in them. If it is short of memory just now, then soon.
    (void)io_uring_submit(&lane_.ring);
  }
}

worker::attachment& worker::attached_to(const io_uring_sqe& submission) noexcept {
  return attachments_[static_cast<std::size_t>(&submission - lane_.ring.sq.sqes)];
}

// Whatever becomes of it, the operation itself completes. If there was nothing to cancel any more, a
// completion says so, and is ignored.
void worker::cancel(std::uint64_t user_data) noexcept {
  io_uring_sqe& asked = next_submission();
  io_uring_prep_cancel64(&asked, user_data, 0);
  asked.flags |= IOSQE_CQE_SKIP_SUCCESS;
  asked.user_data = static_cast<std::uint64_t>(tag::cancel);
}

// A poll that goes on tells of each ring anew, so nobody has to read the bell to silence it.
void worker::arm_bell() noexcept {
  io_uring_sqe& asked = next_submission();
  io_uring_prep_poll_multishot(&asked, lane_.bell, POLLIN);
  asked.user_data = static_cast<std::uint64_t>(tag::bell);
  ++in_flight_;
}

void worker::enter(std::optional<std::uint32_t> timeout_ms) noexcept {
  if (timeout_ms == 0U) {
    (void)io_uring_submit_and_get_events(&lane_.ring);
    return;
  }
  io_uring_cqe* first = nullptr;
  __kernel_timespec wait = timespec_of(timeout_ms.value_or(0));
  const int done = io_uring_submit_and_wait_timeout(&lane_.ring, &first, 1,
                                                    timeout_ms ? &wait : nullptr, nullptr);
  // An error is the timeout, or a signal (who is stopped and continued gets one, too): a wake-up; what is there is to be
  // seen all the same.
  if (done < 0) (void)io_uring_submit_and_get_events(&lane_.ring);
}

// A worker that left with operations in flight would leave its TCP ports busy for a while.
void worker::await_all() noexcept {
  io_uring_sqe& asked = next_submission();
  io_uring_prep_cancel64(&asked, 0, IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
  asked.user_data = static_cast<std::uint64_t>(tag::cancel);
  while (in_flight_ > 0) {
    enter(std::nullopt);
    unsigned head = 0;
    unsigned count = 0;
    io_uring_cqe* done = nullptr;
    io_uring_for_each_cqe(&lane_.ring, head, done) {
      ++count;
      const tag which = tag_of(done->user_data);
      if (which != tag::cancel && (done->flags & IORING_CQE_F_MORE) == 0) --in_flight_;
      if (block* unseen = take_block(*done)) unseen->owner->give_back(*unseen);
    }
    io_uring_cq_advance(&lane_.ring, count);
  }
}

// ---- Completions.

std::size_t worker::dequeue(std::span<completion> out,
                            std::optional<std::uint32_t> timeout_ms) noexcept {
  batch dealt(out);
  ++dequeues_;
  is_woken_ = false;
  deal_what_is_there(dealt);
  if (dealt.count() == 0 || ++dequeues_since_enter_ >= max_dequeues_without_enter) {
    dequeues_since_enter_ = 0;
    const bool must_not_wait = is_woken_ || dealt.count() > 0 || !stashed_.empty() ||
                               !salvaging_.empty() || !finished_.empty() || is_anybody_waiting();
    enter(must_not_wait ? std::optional<std::uint32_t>(0) : timeout_ms);
    deal_what_is_there(dealt);
  }
  return dealt.count();
}

void worker::deal_what_is_there(batch& to) noexcept {
  finished_.deal(to);
  deal_stashed(to);
  harvest(to);
  accept_waiting(to);
  salvage_some(to);
  finished_.deal(to);
}

void worker::harvest(batch& to) noexcept {
  unsigned head = 0;
  unsigned count = 0;
  io_uring_cqe* done = nullptr;
  io_uring_for_each_cqe(&lane_.ring, head, done) {
    if (to.is_full()) break;
    ++count;
    see(*done, to);
  }
  io_uring_cq_advance(&lane_.ring, count);
}

void worker::see(const io_uring_cqe& done, batch& to) noexcept {
  const tag which = tag_of(done.user_data);
  if (which == tag::cancel) return;
  const bool is_last = (done.flags & IORING_CQE_F_MORE) == 0;
  if (is_last) --in_flight_;
  switch (which) {
    case tag::receive_message:
    case tag::receive_bulk: on_receive(source_of<socket>(done.user_data), done, to); break;
    case tag::send: on_send(source_of<socket>(done.user_data), done.res, to); break;
    case tag::connect: on_connect(source_of<socket>(done.user_data), done.res, to); break;
    case tag::accept: on_poll(source_of<listener>(done.user_data), done); break;
    case tag::bell:
      is_woken_ = true;
      if (is_last) arm_bell();
      break;
    case tag::cancel: break;  // returned above
  }
}

}  // namespace lastbyte::port::uring
