#include "load/interrupts.hpp"

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace lastbyte::load {
namespace {

sigset_t handled_signals() noexcept {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

// Blocked signals stay pending until somebody waits for them; threads that start later inherit that.
interrupts::interrupts() {
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

interrupts::~interrupts() {
  const sigset_t set = handled_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool interrupts::wait(std::uint32_t ms) noexcept {
  const sigset_t set = handled_signals();
  timespec timeout{};
  timeout.tv_sec = ms / 1'000;
  timeout.tv_nsec = static_cast<long>(ms % 1'000) * 1'000'000;
  return sigtimedwait(&set, nullptr, &timeout) > 0;
}

}  // namespace lastbyte::load
