// The limit of epoll: an echo server by hand, edge-triggered, one thread, nothing between it and the kernel.
//
// Question: what does a message, and a connection, cost at least on this interface?
// Not answered: what a server costs that can be used. This one has no deadlines, no account, no verified ends,
// no way to stop, and its handler is woven into its loop.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "serving/startup.hpp"

namespace {

// Units: bytes; events.
constexpr std::size_t receive_bytes = 64U << 10U;
constexpr int events_at_once = 256;

struct connection {
  char* unsent = nullptr;  // what the kernel did not take; allocated only then
  std::uint32_t unsent_bytes = 0;
  std::uint32_t unsent_from = 0;
  std::uint64_t echoed = 0;
  bool has_finished = false;  // we have
  bool is_at_end = false;     // the peer is
};

struct server {
  int set = -1;
  std::uint64_t finish_after = 0;
  connection* by_descriptor = nullptr;
  std::array<char, receive_bytes> received{};
};

void end(server& at, int descriptor) {
  connection& gone = at.by_descriptor[static_cast<std::size_t>(descriptor)];
  std::free(gone.unsent);
  gone = {};
  close(descriptor);
}

// Behind the last byte: our end of stream, and the connection's end if the peer's has come.
void finish(server& at, int descriptor, connection& which) {
  if (!which.has_finished) {
    shutdown(descriptor, SHUT_WR);
    which.has_finished = true;
  }
  if (which.is_at_end) end(at, descriptor);
}

void keep_unsent(connection& of, const char* bytes, std::size_t count) {
  of.unsent = static_cast<char*>(std::malloc(count));
  if (of.unsent == nullptr) std::abort();
  std::memcpy(of.unsent, bytes, count);
  of.unsent_bytes = static_cast<std::uint32_t>(count);
  of.unsent_from = 0;
}

// @return whether all was taken, so that receiving may go on.
bool flush(int descriptor, connection& which) {
  while (which.unsent_from < which.unsent_bytes) {
    const auto sent = send(descriptor, which.unsent + which.unsent_from,
                           which.unsent_bytes - which.unsent_from, MSG_NOSIGNAL);
    if (sent < 0) return false;
    which.unsent_from += static_cast<std::uint32_t>(sent);
  }
  std::free(which.unsent);
  which.unsent = nullptr;
  return true;
}

// @return whether all was taken.
bool echo(server& at, int descriptor, connection& which, std::size_t count) {
  const auto sent = send(descriptor, at.received.data(), count, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) return true;  // the next receive tells the end
  const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  which.echoed += count;
  if (taken == count) return true;
  keep_unsent(which, at.received.data() + taken, count - taken);
  return false;
}

void receive(server& at, int descriptor, connection& which, bool is_end_announced) {
  for (;;) {
    const auto got = recv(descriptor, at.received.data(), receive_bytes, 0);
    if (got < 0) {
      if (errno != EAGAIN) end(at, descriptor);
      return;
    }
    const auto count = static_cast<std::size_t>(got);
    if (count != 0 && !which.has_finished) {
      if (!echo(at, descriptor, which, count)) return;
      if (at.finish_after != 0 && which.echoed >= at.finish_after) finish(at, descriptor, which);
    }
    // A short receive has emptied the queue: what comes later is another edge.
    if (count == receive_bytes) continue;
    which.is_at_end = count == 0 || is_end_announced;
    if (which.is_at_end) finish(at, descriptor, which);
    return;
  }
}

// An accept4() that finds nobody makes a socket first and throws it away, so the kernel is asked how many wait.
unsigned ask_waiting(int listener) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
  return info.tcpi_unacked;
}

void accept_waiting(server& at, int listener) {
  for (unsigned waiting = ask_waiting(listener); waiting > 0; --waiting) {
    const int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    epoll_event wanted{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.fd = descriptor}};
    if (epoll_ctl(at.set, EPOLL_CTL_ADD, descriptor, &wanted) != 0) end(at, descriptor);
  }
}

void serve(server& at, const epoll_event& event) {
  const int descriptor = event.data.fd;
  connection& which = at.by_descriptor[static_cast<std::size_t>(descriptor)];
  const bool is_end_announced = (event.events & EPOLLRDHUP) != 0;
  if (which.unsent != nullptr) {
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) return end(at, descriptor);
    if (!flush(descriptor, which)) return;
    if (at.finish_after != 0 && which.echoed >= at.finish_after) finish(at, descriptor, which);
    return receive(at, descriptor, which, is_end_announced);
  }
  if ((event.events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    receive(at, descriptor, which, is_end_announced);
  }
}

}  // namespace

int main(int count, char** words) {
  const auto made = lastbyte::serving::start(count, words);
  if (!made.problem.empty()) return lastbyte::serving::refuse(made);
  static server at;
  at.set = epoll_create1(EPOLL_CLOEXEC);
  at.finish_after = made.finish_after;
  // Not touched before it is used, so that an idle connection costs what is written for it.
  at.by_descriptor = static_cast<connection*>(std::calloc(made.most_files, sizeof(connection)));
  if (at.set < 0 || at.by_descriptor == nullptr) std::abort();
  int last_listener = 0;
  for (const int listener : made.listeners) {
    epoll_event wanted{EPOLLIN | EPOLLET, {.fd = listener}};
    epoll_ctl(at.set, EPOLL_CTL_ADD, listener, &wanted);
    last_listener = listener;
  }
  // Listeners were opened first, so their descriptors are the lowest in the set.
  std::array<epoll_event, events_at_once> events{};
  for (;;) {
    const int ready = epoll_wait(at.set, events.data(), events_at_once, -1);
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd <= last_listener) {
        accept_waiting(at, event.data.fd);
      } else {
        serve(at, event);
      }
    }
  }
}
