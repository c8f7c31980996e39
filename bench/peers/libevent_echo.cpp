// An echo server on libevent, as its book writes one: an evconnlistener, a bufferevent for each connection, and
// evbuffer_add_buffer, which moves the bytes from one queue to the other without a copy.
//
// Question: what does a message, and a connection, cost on libevent's buffered interface?
// Not answered: what its bare events would cost, where the program reads and writes by itself.

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <sys/socket.h>

#include <cstdint>

#include "serving/startup.hpp"

namespace {

// Units: bytes. Above libevent's own bound of a read, so that it is not what streams run into first.
constexpr std::size_t most_at_once = 64U << 10U;

struct connection {
  std::uint64_t echoed = 0;
  std::uint64_t finish_after = 0;
  bool has_finished = false;
  bool is_at_end = false;
};

void end(bufferevent* gone, connection* which) {
  bufferevent_free(gone);
  delete which;
}

void finish_if_flushed(bufferevent* on, connection& which) {
  if (evbuffer_get_length(bufferevent_get_output(on)) != 0) return;
  if (!which.has_finished) shutdown(bufferevent_getfd(on), SHUT_WR);
  which.has_finished = true;
  if (which.is_at_end) end(on, &which);
}

void on_read(bufferevent* from, void* user) {
  auto& which = *static_cast<connection*>(user);
  evbuffer* received = bufferevent_get_input(from);
  const std::size_t count = evbuffer_get_length(received);
  if (which.has_finished) {
    evbuffer_drain(received, count);
    return;
  }
  which.echoed += count;
  evbuffer_add_buffer(bufferevent_get_output(from), received);
}

// The queue is empty.
void on_written(bufferevent* to, void* user) {
  auto& which = *static_cast<connection*>(user);
  const bool is_enough = which.finish_after != 0 && which.echoed >= which.finish_after;
  if (is_enough || which.is_at_end) finish_if_flushed(to, which);
}

void on_event(bufferevent* on, short what, void* user) {
  auto& which = *static_cast<connection*>(user);
  if ((what & BEV_EVENT_ERROR) != 0) return end(on, &which);
  if ((what & BEV_EVENT_EOF) == 0) return;
  which.is_at_end = true;
  finish_if_flushed(on, which);
}

void on_accept(evconnlistener* listener, int descriptor, sockaddr*, int, void* user) {
  bufferevent* made =
      bufferevent_socket_new(evconnlistener_get_base(listener), descriptor, BEV_OPT_CLOSE_ON_FREE);
  auto* which = new connection;
  which->finish_after = *static_cast<const std::uint64_t*>(user);
  bufferevent_set_max_single_read(made, most_at_once);
  bufferevent_set_max_single_write(made, most_at_once);
  bufferevent_setcb(made, on_read, on_written, on_event, which);
  bufferevent_enable(made, EV_READ | EV_WRITE);
}

}  // namespace

int main(int count, char** words) {
  auto made = lastbyte::serving::start(count, words);
  if (!made.problem.empty()) return lastbyte::serving::refuse(made);
  // One thread; no lock is asked for, and none is taken.
  event_base* base = event_base_new();
  for (const int each : made.listeners) {
    if (evconnlistener_new(base, on_accept, &made.finish_after,
                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, each) == nullptr) {
      return 1;
    }
  }
  return event_base_dispatch(base);
}
