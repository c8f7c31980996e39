#include "port/iocp/listener.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "port/iocp/error_map.hpp"
#include "port/iocp/law.hpp"
#include "port/iocp/socket_address.hpp"
#include "port/iocp/socket_options.hpp"

namespace lastbyte::port::iocp {
namespace {

// Longer queues must be asked for as a hint, a negative number that ws2def.h calls SOMAXCONN_HINT; plain
// numbers are cut to 200. Microsoft's page of listen().
constexpr std::uint32_t plain_backlog = 200;
constexpr std::uint32_t longest_backlog = 65'535;

int native_backlog(std::uint32_t wanted) noexcept {
  const auto most = static_cast<int>(std::min(wanted, longest_backlog));
  return wanted <= plain_backlog ? most : -most;
}

void close_unused(SOCKET& unused) noexcept {
  if (unused != no_socket) (void)::closesocket(std::exchange(unused, no_socket));
}

void describe(completion& out, void* owner, SOCKET accepted, const sockaddr& peer) noexcept {
  out = completion();
  out.what = operation::accept;
  out.more = true;
  out.owner = owner;
  out.accepted = {accepted, to_endpoint(peer)};
}

}  // namespace

outcome listener::open(const winsock& calls, const endpoint& where, const listen_options& how,
                       void* whose) noexcept {
  hold_law(handle_ == no_socket, "a listener is opened only once");
  calls_ = &calls;
  family_ = native_family(where.family);
  how_ = how;
  how_.accept_depth = std::max(how.accept_depth, 1U);
  owner_ = whose;
  operations_.reset(new (std::nothrow) accept_operation[how_.accept_depth]);
  if (operations_ == nullptr) return {error::resources, WSA_NOT_ENOUGH_MEMORY};
  for (std::uint32_t i = 0; i < how_.accept_depth; ++i) operations_[i].of = this;

  handle_ = make_socket(family_);
  if (handle_ == no_socket) return last_socket_error();
  const socket_address address = to_address(where);
  outcome done = set_listener_options(handle_, where);
  if (!done.failed()) done = set_no_blocking(handle_);  // for on_end(); AcceptEx doesn't care
  if (!done.failed() && ::bind(handle_, address.get(), address.length) != 0) {
    done = last_socket_error();
  }
  if (!done.failed() && ::listen(handle_, native_backlog(how.backlog)) != 0) {
    done = last_socket_error();
  }
  if (done.failed()) close_unused(handle_);
  return done;
}

endpoint listener::local() const noexcept {
  socket_address address;
  if (::getsockname(handle_, address.get(), &address.length) != 0) return {};
  return to_endpoint(*address.get());
}

void listener::begin(ready_list& ready) noexcept {
  hold_law(uses_ == 0 && phase_ == phase::idle, "one accept at a time on a listener");
  uses_ = 1;
  {
    const std::lock_guard lock(guard_);
    phase_ = phase::accepting;
    ending_ = {};
    queued_taken_ = 0;
    for (std::uint32_t i = 0; i < how_.accept_depth && phase_ == phase::accepting; ++i) {
      post(operations_[i], ready);
    }
  }
  release(ready);
}

void listener::cancel() noexcept {
  const std::lock_guard lock(guard_);
  if (phase_ == phase::finishing) {  // who is still queued is not waited for any more
    phase_ = phase::ending;
    cancel_posted();
  }
  end(phase::ending, {error::cancelled, 0});
}

// Windows has no way to keep new clients out of the queue. What loses least: end the AcceptEx first, then
// take what is queued by accept() until there is nothing more (on_end), so that only who comes between that
// and close() is reset.
void listener::finish() noexcept {
  const std::lock_guard lock(guard_);
  end(phase::finishing, {error::cancelled, 0});
}

void listener::close() noexcept {
  hold_law(uses_ == 0 && phase_ == phase::idle,
           "a listener is closed only when no accept is in flight");
  close_unused(handle_);
  operations_.reset();
}

void listener::end(phase how, outcome why) noexcept {
  if (phase_ == phase::ending && how == phase::finishing && ending_.what == error::cancelled) {
    phase_ = how;
  }
  if (phase_ != phase::accepting) return;
  phase_ = how;
  ending_ = why;
  cancel_posted();
}

void listener::cancel_posted() noexcept {
  for (std::uint32_t i = 0; i < how_.accept_depth; ++i) {
    // It fails if the operation is over already, which its completion will tell.
    if (operations_[i].is_posted) (void)CancelIoEx(as_handle(handle_), &operations_[i]);
  }
}

void listener::post(accept_operation& again, ready_list& ready) noexcept {
  again.accepting = make_socket(family_);
  if (again.accepting == no_socket) {
    end(phase::ending, last_socket_error());
    return;
  }
  again.clear();
  again.is_posted = true;
  uses_.fetch_add(1);
  DWORD bytes = 0;
  // Receive length 0: a client that says nothing costs no AcceptEx.
  const BOOL accepted =
      calls_->accept_ex(handle_, again.accepting, again.addresses.data(), 0, accept_address_bytes,
                        accept_address_bytes, &bytes, &again);
  if (accepted != FALSE) {
    if (calls_->may_skip_packets()) ready.push(again);
    return;
  }
  const int code = WSAGetLastError();
  if (code == WSA_IO_PENDING) return;
  again.failed_at_once = code;
  ready.push(again);
}

bool listener::on_accept(accept_operation& done, ready_list& ready, completion& out) noexcept {
  const std::lock_guard lock(guard_);
  done.is_posted = false;
  const int code = done.code(handle_);
  const bool brings_connection = code == 0 && take_accepted(done, out);
  close_unused(done.accepting);
  const bool is_client_only = code == 0 || is_client_gone(code);
  if (!is_client_only) end(phase::ending, from_code(code));
  if (phase_ == phase::accepting) post(done, ready);
  return brings_connection;
}

bool listener::take_accepted(accept_operation& done, completion& out) noexcept {
  // Before this the socket isn't one that shutdown() and getpeername() know; and it fails if the client has
  // gone already, who then has no story to tell.
  if (::setsockopt(done.accepting, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                   reinterpret_cast<const char*>(&handle_), sizeof handle_) != 0) {
    return false;
  }
  sockaddr* local = nullptr;
  sockaddr* peer = nullptr;
  int local_length = 0;
  int peer_length = 0;
  calls_->get_accept_ex_sockaddrs(done.addresses.data(), 0, accept_address_bytes,
                                  accept_address_bytes, &local, &local_length, &peer, &peer_length);
  describe(out, owner_, std::exchange(done.accepting, no_socket), *peer);
  set_keepalive(out.accepted.native, how_.keepalive_ms);
  return true;
}

bool listener::on_end(ready_list& ready, completion& out) noexcept {
  const std::lock_guard lock(guard_);
  if (phase_ == phase::finishing && queued_taken_ < how_.backlog && take_queued(out)) {
    ++queued_taken_;
    ready.push(end_);
    return false;
  }
  out = completion();
  out.what = operation::accept;
  out.result = ending_;
  out.owner = owner_;
  phase_ = phase::idle;
  return true;
}

bool listener::take_queued(completion& out) noexcept {
  socket_address peer;
  SOCKET taken = no_socket;
  do {
    peer.length = sizeof peer.storage;
    taken = ::accept(handle_, peer.get(), &peer.length);
  } while (taken == no_socket &&
           WSAGetLastError() == WSAECONNRESET);  // gone; each was one of the queue
  if (taken == no_socket) return false;
  // accept() knows no WSA_FLAG_NO_HANDLE_INHERIT.
  (void)SetHandleInformation(as_handle(taken), HANDLE_FLAG_INHERIT, 0);
  describe(out, owner_, taken, *peer.get());
  set_keepalive(taken, how_.keepalive_ms);
  return true;
}

void listener::release(ready_list& ready) noexcept {
  if (uses_.fetch_sub(1) == 1) ready.push(end_);
}

}  // namespace lastbyte::port::iocp
