// Sockets of the uring port: how they begin, send and end.
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "port/posix/error_map.hpp"
#include "port/posix/socket_address.hpp"
#include "port/posix/sockets.hpp"
#include "port/posix/tcp_witness.hpp"
#include "port/uring/port.hpp"

namespace lastbyte::port::uring {

outcome worker::adopt(socket& into, accepted_socket accepted, void* owner) noexcept {
  into = socket();
  into.fd = static_cast<int>(accepted.native);
  into.owner = owner;
  return {};
}

void worker::discard(accepted_socket accepted) noexcept {
  posix::close(static_cast<int>(accepted.native), close_mode::reset);
}

void worker::submit_connect(socket& into, const endpoint& where, void* owner) noexcept {
  into = socket();
  into.owner = owner;
  into.is_connecting_side = true;
  if (const outcome why = posix::open_to_connect(into.fd, where.family); why.failed()) {
    finished_.add(operation::connect, owner).result = why;
    return;
  }
  const posix::socket_address address = posix::to_address(where);
  io_uring_sqe& asked = next_submission();
  sockaddr_storage& kept = attached_to(asked).address;
  std::memcpy(&kept, &address.storage, sizeof kept);
  io_uring_prep_connect(&asked, into.fd, reinterpret_cast<const sockaddr*>(&kept), address.length);
  asked.user_data = user_data_of(into, tag::connect);
  into.is_connecting = true;
  ++in_flight_;
}

void worker::on_connect(socket& on, int result, batch& to) noexcept {
  on.is_connecting = false;
  to.add(operation::connect, on.owner).result = posix::from_errno(-result);
}

void worker::submit_send(socket& on, std::span<const slice> slices) noexcept {
  if (on.first_error.failed()) {
    fail_send(on, on.first_error);
    return;
  }
  // Not MSG_WAITALL: an error that strikes a send in its middle would be lost, since the kernel then returns
  // the count and forgets the error (io_send() in io_uring/net.c), and a vanished peer would look like one
  // that reset. It saves a submission only where the path is full, and there nobody is in a hurry.
  constexpr int how = MSG_NOSIGNAL;
  io_uring_sqe& asked = next_submission();
  if (slices.size() == 1) {
    io_uring_prep_send(&asked, on.fd, slices[0].data(), slices[0].size(), how);
  } else {
    auto& [header, parts] = attached_to(asked).gathered;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      parts[i] = {const_cast<std::byte*>(slices[i].data()), slices[i].size()};
    }
    header = {};
    header.msg_iov = parts;
    header.msg_iovlen = slices.size();
    io_uring_prep_sendmsg(&asked, on.fd, &header, how);
  }
  asked.user_data = user_data_of(on, tag::send);
  on.is_sending = true;
  ++in_flight_;
}

void worker::on_send(socket& on, int result, batch& to) noexcept {
  on.is_sending = false;
  const bool was_awaited = on.is_awaiting_send;
  on.is_awaiting_send = false;
  if (was_awaited) begin_salvage(on);
  if (result < 0 && result != -ECANCELED && result != -EINTR && result != -EAGAIN) {
    fail_send(on, posix::from_errno(-result));
    return;
  }
  completion& done = to.add(operation::send, on.owner);
  if (result == -ECANCELED && !was_awaited) done.result = {error::cancelled, 0};
  if (result > 0) done.bytes = static_cast<std::uint32_t>(result);
}

// Bytes that wait behind the error are received first: what the peer said before it went counts.
void worker::fail_send(socket& on, outcome why) noexcept {
  if (!on.first_error.failed()) on.first_error = why;
  if (on.is_receiving) {
    on.is_send_error_held = true;
    disarm(on);
  } else {
    finished_.add(operation::send, on.owner).result = on.first_error;
  }
}

void worker::cancel_send(socket& on) noexcept {
  if (on.is_sending) cancel(user_data_of(on, tag::send));
  if (on.is_connecting) cancel(user_data_of(on, tag::connect));
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
  if (of.fd < 0) return std::nullopt;
  auto count = posix::ask_unread(of.fd);
  for (const block* each = of.stash; count && each != nullptr; each = each->next) {
    *count += each->size;
  }
  return count;
}

void worker::close(socket& joined, close_mode mode) noexcept {
  while (joined.stash != nullptr) {
    block& unread = *std::exchange(joined.stash, joined.stash->next);
    unread.owner->give_back(unread);
  }
  if (joined.fd >= 0) posix::close(std::exchange(joined.fd, -1), mode);
}

}  // namespace lastbyte::port::uring
