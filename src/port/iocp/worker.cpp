// Dequeuing, and what concerns listeners. Receiving and sending have their own files.
#include "port/iocp/worker.hpp"

#include <algorithm>

#include "port/iocp/error_map.hpp"
#include "port/iocp/law.hpp"
#include "port/iocp/port.hpp"

namespace lastbyte::port::iocp {
namespace {

DWORD native_timeout(std::optional<std::uint32_t> timeout_ms) noexcept {
  // INFINITE is a number like any other, the greatest.
  return timeout_ms ? std::min<DWORD>(*timeout_ms, INFINITE - 1) : INFINITE;
}

}  // namespace

worker::worker(port& shared, std::uint32_t /*index*/, buffer_pool& pool) noexcept
    : port_(shared), pool_(pool) {}

worker::~worker() {
  release_accepted();
  hold_law(ready_.count() == 0, "a worker ends only when it has handed out what was ready");
  port_.in_flight_ += in_flight_;
}

outcome worker::listen(listener& made, const endpoint& where, const listen_options& how,
                       void* owner) noexcept {
  outcome done = made.open(port_.calls_, where, how, owner);
  if (done.failed()) return done;
  done = port_.associate(made.handle());
  if (done.failed()) made.close();
  return done;
}

void worker::submit_accept(listener& on) noexcept {
  ++in_flight_;
  on.begin(ready_);
}

// What is ready and what the kernel has join one queue, so neither can starve the other.
std::size_t worker::dequeue(std::span<completion> out,
                            std::optional<std::uint32_t> timeout_ms) noexcept {
  release_accepted();
  const std::size_t room = std::min(out.size(), max_batch);
  const std::size_t ready = ready_.count();
  if (room == 0) return 0;
  bool has_more =
      poll_kernel(ready < room ? room - ready : 1, ready == 0 ? native_timeout(timeout_ms) : 0);

  std::size_t count = 0;
  for (;;) {
    for (std::size_t left = ready_.count(); left > 0 && count < room; --left) {
      if (hand_out(ready_.pop(), out[count])) ++count;
    }
    // Not all that ends is handed out: only the kernel can say that there is nothing.
    if (count > 0 || !has_more) return count;
    has_more = poll_kernel(room, 0);
  }
}

bool worker::poll_kernel(std::size_t most, DWORD timeout_ms) noexcept {
  std::array<OVERLAPPED_ENTRY, max_batch> entries{};
  ULONG count = 0;
  const BOOL any = GetQueuedCompletionStatusEx(port_.handle_, entries.data(),
                                               static_cast<ULONG>(most), &count, timeout_ms, FALSE);
  if (any == FALSE) {
    // Only the return value counts: Wine leaves 1 in `count` then.
    hold_law(GetLastError() == WAIT_TIMEOUT,
             "waiting for completions ends by one or by the timeout");
    return false;
  }
  bool is_woken = false;
  for (const OVERLAPPED_ENTRY& entry : std::span(entries).first(count)) {
    if (entry.lpCompletionKey != port::wake_key) {
      ready_.push(static_cast<overlapped&>(*entry.lpOverlapped));
    } else if (is_woken) {
      // The others' wakes, all in one batch: somebody else must have them.
      port_.post_wake(entry.dwNumberOfBytesTransferred);
    } else {
      is_woken = true;
      port_.note_woken(entry.dwNumberOfBytesTransferred);
    }
  }
  return count == most && !is_woken;
}

void worker::release_accepted() noexcept {
  for (std::size_t i = 0; i < accepted_count_; ++i) accepted_of_[i]->release(ready_);
  accepted_count_ = 0;
}

bool worker::hand_out(overlapped& over, completion& out) noexcept {
  using kind = overlapped::kind;
  switch (over.is) {
    case kind::receive: return hand_out_receive(static_cast<receive_operation&>(over), out);
    case kind::send: return hand_out_send(static_cast<send_operation&>(over), out);
    case kind::connect: return hand_out_connect(static_cast<send_operation&>(over), out);
    case kind::accept: return hand_out_accept(static_cast<accept_operation&>(over), out);
    case kind::end_of_accept: return hand_out_end(static_cast<end_of_accept_operation&>(over), out);
  }
  return false;
}

bool worker::hand_out_accept(accept_operation& over, completion& out) noexcept {
  listener& on = *over.of;
  if (on.on_accept(over, ready_, out)) {
    accepted_of_[accepted_count_++] = &on;
    return true;
  }
  on.release(ready_);
  return false;
}

bool worker::hand_out_end(end_of_accept_operation& over, completion& out) noexcept {
  if (over.of.on_end(ready_, out)) --in_flight_;
  return true;
}

}  // namespace lastbyte::port::iocp
