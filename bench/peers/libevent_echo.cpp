// An echo server on libevent's events, as memcached uses them: a persistent read event for each connection, one
// buffer that all receive into, an attempt to send at once, and an evbuffer with a write event for what was not taken.
//
// Not on bufferevents, which its book begins with: in 2.1 they ask for the number of waiting bytes before each read,
// read at most 4 KiB, and add and delete a write event for each message, which is two system calls. Events are
// assigned into the connection, since the book advises so where allocations count; the base has no locks.
// EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST is not set: it saves calls for descriptors that change several times between
// two waits, and none does here.
//
// Question: what does a message, and a connection, cost on libevent's event loop?
// Not answered: what its buffered interface costs.

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "serving/startup.hpp"

namespace {

constexpr std::size_t receive_bytes = 64U << 10U;

struct connection {
  event readable{};
  event writable{};            // added only while something is unsent
  evbuffer* unsent = nullptr;  // made only when the kernel did not take all
  std::uint64_t echoed = 0;
  bool has_finished = false;
  bool is_at_end = false;
};

struct server {
  event_base* base = nullptr;
  std::uint64_t finish_after = 0;
  std::array<char, receive_bytes> received{};
};

server& state() {
  static server only;
  return only;
}

void end(int descriptor, connection* gone) {
  event_del(&gone->readable);
  if (gone->unsent != nullptr) {
    event_del(&gone->writable);
    evbuffer_free(gone->unsent);
  }
  close(descriptor);
  delete gone;
}

bool has_unsent(const connection& which) {
  return which.unsent != nullptr && evbuffer_get_length(which.unsent) != 0;
}

// Behind the last byte: our end of stream, and the connection's end if the peer's has come.
void finish_if_due(int descriptor, connection& which) {
  const std::uint64_t enough = state().finish_after;
  const bool is_due = which.is_at_end || (enough != 0 && which.echoed >= enough);
  if (!is_due || has_unsent(which)) return;
  if (!which.has_finished) shutdown(descriptor, SHUT_WR);
  which.has_finished = true;
  if (which.is_at_end) end(descriptor, &which);
}

void on_writable(int descriptor, short, void* user) {
  auto& which = *static_cast<connection*>(user);
  if (evbuffer_write(which.unsent, descriptor) < 0 && errno != EAGAIN) {
    return end(descriptor, &which);
  }
  if (has_unsent(which)) return;
  event_del(&which.writable);
  finish_if_due(descriptor, which);
}

void keep_unsent(int descriptor, connection& of, const char* bytes, std::size_t count) {
  if (of.unsent == nullptr) {
    of.unsent = evbuffer_new();
    event_assign(&of.writable, state().base, descriptor, EV_WRITE | EV_PERSIST, on_writable, &of);
  }
  evbuffer_add(of.unsent, bytes, count);
  event_add(&of.writable, nullptr);
}

// @return whether the connection is still there.
bool echo(int descriptor, connection& which, std::size_t count) {
  const char* bytes = state().received.data();
  std::size_t taken = 0;
  if (!has_unsent(which)) {
    const auto sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      end(descriptor, &which);
      return false;
    }
    taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  which.echoed += count;
  if (taken != count) keep_unsent(descriptor, which, bytes + taken, count - taken);
  return true;
}

void on_readable(int descriptor, short, void* user) {
  auto& which = *static_cast<connection*>(user);
  const auto got = recv(descriptor, state().received.data(), receive_bytes, 0);
  if (got < 0) {
    if (errno != EAGAIN) end(descriptor, &which);
    return;
  }
  if (got == 0) {
    which.is_at_end = true;
    event_del(&which.readable);
  } else if (!which.has_finished && !echo(descriptor, which, static_cast<std::size_t>(got))) {
    return;
  }
  finish_if_due(descriptor, which);
}

void on_accept(evconnlistener*, int descriptor, sockaddr*, int, void*) {
  auto* made = new connection;
  event_assign(&made->readable, state().base, descriptor, EV_READ | EV_PERSIST, on_readable, made);
  event_add(&made->readable, nullptr);
}

// One thread: no lock is needed.
event_base* make_base() {
  event_config* wanted = event_config_new();
  event_config_set_flag(wanted, EVENT_BASE_FLAG_NOLOCK);
  event_base* made = event_base_new_with_config(wanted);
  event_config_free(wanted);
  return made;
}

}  // namespace

int main(int count, char** words) {
  const auto made = lastbyte::serving::start(count, words);
  if (!made.problem.empty()) return lastbyte::serving::refuse(made);
  state().finish_after = made.finish_after;
  state().base = make_base();
  for (const int each : made.listeners) {
    if (evconnlistener_new(state().base, on_accept, nullptr,
                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, each) == nullptr) {
      return 1;
    }
  }
  return event_base_dispatch(state().base);
}
