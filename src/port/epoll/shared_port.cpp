#include "port/epoll/shared_port.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <new>

#include "port/posix/error_map.hpp"

namespace lastbyte::port::epoll {

// Any number of workers: they all wait on the one set.
shared_port::shared_port(std::uint32_t /*workers*/)
    : set_(::epoll_create1(EPOLL_CLOEXEC)), bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  epoll_event ring{};
  // Edge-triggered: each ring wakes one worker, and nobody has to read the bell to silence it.
  ring.events = EPOLLIN | EPOLLET;
  ring.data.ptr = nullptr;
  if (set_ < 0 || bell_ < 0 || ::epoll_ctl(set_, EPOLL_CTL_ADD, bell_, &ring) != 0) {
    problem_ = posix::last_error();
  }
}

shared_port::~shared_port() {
  if (set_ >= 0) ::close(set_);
  if (bell_ >= 0) ::close(bell_);
}

void shared_port::wake(std::uint32_t /*worker_index*/) noexcept {
  const std::uint64_t one = 1;
  // Fails only when the count is full, after 2^64 rings: then it still rings.
  (void)!::write(bell_, &one, sizeof one);
}

record* record_store::take() noexcept {
  const std::scoped_lock lock(mutex_);
  if (unused_.empty()) {
    try {
      unused_.reserve(all_.size() + 1);
      unused_.push_back(&all_.emplace_back());
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
  record* taken = unused_.back();
  unused_.pop_back();
  return taken;
}

void record_store::give_back(record& unused) noexcept {
  const std::scoped_lock lock(mutex_);
  unused_.push_back(&unused);
}

}  // namespace lastbyte::port::epoll
