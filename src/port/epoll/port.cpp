#include "port/epoll/port.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "port/posix/error_map.hpp"

namespace lastbyte::port::epoll {

port::port(std::uint32_t workers) : lanes_(workers) {
  for (lane& made : lanes_) {
    made.set = ::epoll_create1(EPOLL_CLOEXEC);
    made.bell = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    epoll_event ring{};
    // Edge-triggered: each ring is an event of its own, so nobody has to read the bell to silence it.
    ring.events = EPOLLIN | EPOLLET;
    ring.data.ptr = nullptr;
    if (made.set < 0 || made.bell < 0 ||
        ::epoll_ctl(made.set, EPOLL_CTL_ADD, made.bell, &ring) != 0) {
      problem_ = posix::last_error();
      return;
    }
  }
}

port::~port() {
  for (const lane& unused : lanes_) {
    if (unused.set >= 0) ::close(unused.set);
    if (unused.bell >= 0) ::close(unused.bell);
  }
}

void port::wake(std::uint32_t worker_index) noexcept {
  const std::uint64_t one = 1;
  // Fails only when the count is full, after 2^64 rings that nobody heard: then it still rings.
  (void)!::write(lanes_[worker_index].bell, &one, sizeof one);
}

}  // namespace lastbyte::port::epoll
