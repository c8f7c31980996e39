// Receiving: a receive of no bytes waits in the kernel; when it is over the bytes are taken at once.
#include "port/iocp/error_map.hpp"
#include "port/iocp/law.hpp"
#include "port/iocp/port.hpp"
#include "port/iocp/tcp_witness.hpp"

namespace lastbyte::port::iocp {
namespace {

// What a send that failed says before its completion is dequeued, or 0. A receive of 0 that comes first, on
// another worker perhaps, must not pass for an end of stream.
int undequeued_error(socket& of) noexcept {
  const int code = of.send.is_in_flight ? of.send.kernel_code(of.handle) : 0;
  return is_of_connection(code) ? code : 0;
}

}  // namespace

void worker::submit_receive(socket& on) noexcept {
  hold_law(!on.receive.state.is_in_flight(), "one receive at a time on a socket");
  ++in_flight_;
  on.receive.state.begin();
  if (on.was_block_full) {
    // More is likely to wait: taken by the next dequeue(), without the detour.
    on.receive.clear();
    ready_.push(on.receive);
  } else if (post_receive(on) == posted::over) {
    ready_.push(on.receive);
  }
}

void worker::cancel_receive(socket& on) noexcept {
  // It fails if nothing is pending at this moment; the mark then tells who posts it.
  if (on.receive.state.ask_cancel()) (void)CancelIoEx(as_handle(on.handle), &on.receive);
}

worker::posted worker::note_posted(overlapped& by, int code) const noexcept {
  if (code == WSA_IO_PENDING) return posted::pending;
  if (code == 0) return port_.calls_.may_skip_packets() ? posted::over : posted::pending;
  by.failed_at_once = code;
  return posted::over;
}

worker::posted worker::post_receive(socket& on) noexcept {
  char nowhere = 0;
  WSABUF none{0, &nowhere};
  DWORD flags = 0;
  on.receive.clear();
  const int done = WSARecv(on.handle, &none, 1, nullptr, &flags, &on.receive, nullptr);
  return note_posted(on.receive, done == 0 ? 0 : WSAGetLastError());
}

void worker::post_receive_again(socket& on) noexcept {
  using next_step = receive_state::next_step;
  receive_state& state = on.receive.state;
  state.begin_posting();
  if (post_receive(on) == posted::over) {
    state.posted_in_vain();
    ready_.push(on.receive);
    return;
  }
  next_step next = state.end_posting(false);
  if (next == next_step::cancel) {
    (void)CancelIoEx(as_handle(on.handle), &on.receive);
    next = state.end_posting(true);
  }
  if (next == next_step::handle) ready_.push(on.receive);
}

bool worker::hand_out_receive(receive_operation& over, completion& out) noexcept {
  if (!over.state.arrive()) return false;
  socket& on = over.of;
  const int code = over.code(on.handle);
  const bool is_asked = over.state.is_cancel_asked();
  out = completion();
  out.what = operation::receive;
  out.owner = on.owner;
  if (is_asked && is_cancellation(code)) {
    out.result = {error::cancelled, code};
  } else if (!receive_now(on, code, out)) {
    if (!is_asked) {
      post_receive_again(on);
      return false;
    }
    out.result = {error::cancelled, WSA_OPERATION_ABORTED};
  }
  over.state.end();
  --in_flight_;
  return true;
}

// Takes what waits; also behind an error, since the bytes came first.
// @param told: the code of the receive of no bytes.
// @return false if there is neither a byte, nor an end, nor an error.
bool worker::receive_now(socket& on, int told, completion& out) noexcept {
  on.was_block_full = false;
  if (is_of_connection(told)) on.note_error(told);
  block* into = pool_.take();
  if (into == nullptr) {
    out.result = {error::resources, WSA_NOT_ENOUGH_MEMORY};
    return true;
  }
  WSABUF room{into->capacity, reinterpret_cast<CHAR*>(into->storage)};
  DWORD bytes = 0;
  DWORD flags = 0;
  // Without an OVERLAPPED, on a socket that doesn't block: now or never, and no completion.
  const int done = WSARecv(on.handle, &room, 1, &bytes, &flags, nullptr, nullptr);
  const int code = done == 0 ? 0 : WSAGetLastError();
  if (code == 0 && bytes > 0) {
    into->size = bytes;
    on.was_block_full = bytes == into->capacity;
    out.received = into;
    out.bytes = bytes;
    return true;
  }
  pool_.give_back(*into);
  if (code == 0) {
    end_receive_of_0(on, out);
  } else if (code != WSAEWOULDBLOCK) {
    fail_receive(on, code, out);
  } else if (told != 0) {
    fail_receive(on, told, out);
  } else {
    return false;
  }
  return true;
}

void worker::end_receive_of_0(socket& on, completion& out) const noexcept {
  if (const int code = undequeued_error(on); code != 0) on.note_error(code);
  if (on.first_error != 0) {
    out.result = from_code(on.first_error);
    return;
  }
  switch (judge_end(on)) {
    case end_of_stream::proven: break;
    case end_of_stream::unproven: out.is_proven = false; break;
    case end_of_stream::refuted: fail_receive(on, WSAECONNRESET, out); return;
  }
  out.is_end_of_stream = true;
}

void worker::fail_receive(socket& on, int code, completion& out) const noexcept {
  out.result = from_code(code);
  if (!is_of_connection(code)) return;
  on.note_error(code);
  out.result = from_code(on.first_error);
}

}  // namespace lastbyte::port::iocp
