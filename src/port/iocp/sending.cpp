// Everything of a connection but receiving: adopting, connecting, sending, ending.
#include <algorithm>
#include <utility>

#include "port/iocp/error_map.hpp"
#include "port/iocp/law.hpp"
#include "port/iocp/port.hpp"
#include "port/iocp/socket_address.hpp"
#include "port/iocp/socket_options.hpp"
#include "port/iocp/tcp_witness.hpp"

namespace lastbyte::port::iocp {
namespace {

// Of one send: fits the completion's count, and a WSABUF's.
constexpr std::size_t most_send_bytes = 1U << 30;

// Of `wanted`, what one send takes. @return how many buffers.
DWORD gather(std::span<const slice> wanted, std::array<WSABUF, max_slices>& into,
             std::uint32_t& total) noexcept {
  DWORD count = 0;
  total = 0;
  for (const slice& part : wanted.first(std::min(wanted.size(), max_slices))) {
    const auto size = static_cast<std::uint32_t>(std::min(part.size(), most_send_bytes - total));
    if (size == 0) break;
    // WSASend only reads.
    auto* data = const_cast<std::byte*>(part.data());
    into[count++] = {size, reinterpret_cast<CHAR*>(data)};
    total += size;
  }
  return count;
}

void begin(send_operation& made, overlapped::kind as) noexcept {
  hold_law(!made.is_in_flight, "one send at a time on a socket");
  made.clear();
  made.is = as;
  made.asked = 0;
  made.is_put_off = false;
  made.is_cancel_asked = false;
  made.is_in_flight = true;
}

outcome outcome_of(const send_operation& over, int code) noexcept {
  if (over.is_cancel_asked && is_cancellation(code)) return {error::cancelled, code};
  return from_code(code);
}

void close_handle(SOCKET& handle) noexcept {
  if (handle != no_socket) (void)::closesocket(std::exchange(handle, no_socket));
}

void reset_handle(SOCKET& handle) noexcept {
  const linger at_once{1, 0};
  // If it fails the connection is over, and there is nothing left to reset.
  (void)::setsockopt(handle, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&at_once),
                     sizeof at_once);
  close_handle(handle);
}

}  // namespace

outcome worker::adopt(socket& into, accepted_socket accepted, void* owner) noexcept {
  into.renew(accepted.native, owner);
  outcome done = set_connection_options(into.handle);
  if (!done.failed()) done = port_.associate(into.handle);
  if (done.failed()) reset_handle(into.handle);
  return done;
}

void worker::discard(accepted_socket accepted) noexcept {
  SOCKET unwanted = accepted.native;
  reset_handle(unwanted);
}

void worker::submit_connect(socket& into, const endpoint& where, void* owner) noexcept {
  into.renew(no_socket, owner);
  begin(into.send, overlapped::kind::connect);
  ++in_flight_;
  const outcome done = begin_connect(into, where);
  if (!done.failed()) return;
  into.send.failed_at_once = done.native;
  ready_.push(into.send);
}

// @return an error only if no completion will come.
outcome worker::begin_connect(socket& into, const endpoint& where) noexcept {
  into.handle = make_socket(native_family(where.family));
  if (into.handle == no_socket) return last_socket_error();
  // ConnectEx wants a bound socket.
  endpoint any;
  any.family = where.family;
  const socket_address from = to_address(any);
  if (::bind(into.handle, from.get(), from.length) != 0) return last_socket_error();
  if (const outcome done = port_.associate(into.handle); done.failed()) return done;

  const socket_address to = to_address(where);
  const BOOL connected =
      port_.calls_.connect_ex(into.handle, to.get(), to.length, nullptr, 0, nullptr, &into.send);
  const int code = connected != FALSE ? 0 : WSAGetLastError();
  if (note_posted(into.send, code) == posted::over) ready_.push(into.send);
  return {};
}

bool worker::hand_out_connect(send_operation& over, completion& out) noexcept {
  socket& on = over.of;
  const int code = over.code(on.handle);
  out = completion();
  out.what = operation::connect;
  out.owner = on.owner;
  out.result = outcome_of(over, code);
  if (!out.result.failed()) {
    // Before this the socket isn't one that shutdown() knows.
    const int done = ::setsockopt(on.handle, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0);
    out.result = done == 0 ? set_connection_options(on.handle) : last_socket_error();
  }
  over.is_in_flight = false;
  --in_flight_;
  return true;
}

void worker::submit_send(socket& on, std::span<const slice> slices) noexcept {
  std::array<WSABUF, max_slices> parts{};
  begin(on.send, overlapped::kind::send);
  ++in_flight_;
  const DWORD count = gather(slices, parts, on.send.asked);
  // The array is copied by the call, the bytes are not.
  const int done = WSASend(on.handle, parts.data(), count, nullptr, 0, &on.send, nullptr);
  const int code = done == 0 ? 0 : WSAGetLastError();
  if (note_posted(on.send, code) == posted::pending) return;
  if (is_of_connection(code)) on.note_error(code);
  ready_.push(on.send);
}

void worker::cancel_send(socket& on) noexcept {
  if (!on.send.is_in_flight) return;
  on.send.is_cancel_asked = true;
  // It fails if nothing is pending any more.
  if (on.handle != no_socket) (void)CancelIoEx(as_handle(on.handle), &on.send);
}

bool worker::hand_out_send(send_operation& over, completion& out) noexcept {
  socket& on = over.of;
  const int code = over.code(on.handle);
  const outcome result = outcome_of(over, code);
  const bool is_error = result.failed() && result.what != error::cancelled;
  if (is_error) {
    if (is_of_connection(code)) on.note_error(code);
    // Bytes that wait stand before the error: what the kernel has of them goes first.
    if (on.receive.state.is_in_flight() && !std::exchange(over.is_put_off, true)) {
      ready_.push(over);
      return false;
    }
  }
  out = completion();
  out.what = operation::send;
  out.owner = on.owner;
  out.result = result;
  out.bytes = static_cast<std::uint32_t>(std::min<std::size_t>(over.bytes(), over.asked));
  on.sent += out.bytes;
  over.is_in_flight = false;
  --in_flight_;
  return true;
}

outcome worker::shutdown_send(socket& on) noexcept {
  on.is_send_shut = true;  // before the call: judge_end() relies on it
  if (::shutdown(on.handle, SD_SEND) == 0) return {};
  const int code = WSAGetLastError();
  on.is_send_shut = false;
  on.note_error(code);
  return from_code(code);
}

kernel_witness worker::witness(const socket& of) const noexcept { return ask_witness(of); }

outcome worker::failure(const socket& of) const noexcept {
  int code = of.first_error.load();
  int length = sizeof code;
  if (code == 0 &&
      ::getsockopt(of.handle, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&code), &length) != 0) {
    return last_socket_error();
  }
  return from_code(code);
}

std::optional<std::uint64_t> worker::unread(const socket& of) const noexcept {
  return ask_unread(of.handle);
}

void worker::close(socket& joined, close_mode mode) noexcept {
  hold_law(!joined.receive.state.is_in_flight() && !joined.send.is_in_flight,
           "a socket is closed only when nothing is in flight");
  if (joined.handle == no_socket) return;
  mode == close_mode::reset ? reset_handle(joined.handle) : close_handle(joined.handle);
}

}  // namespace lastbyte::port::iocp
