#include <pthread.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>
#include <utility>

#include "service/signals.hpp"

namespace lastbyte::service {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 4> known_signals{{
    {SIGTERM, "SIGTERM"},
    {SIGINT, "SIGINT"},
    {SIGQUIT, "SIGQUIT"},
    {SIGHUP, "SIGHUP"},  // a terminal that closes must not cost anybody a byte
}};

sigset_t set_of_known_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const auto& [number, name] : known_signals) sigaddset(&set, number);
  return set;
}

std::string_view name_of(int number) {
  for (const auto& [known, name] : known_signals) {
    if (known == number) return name;
  }
  return "a signal";
}

}  // namespace

struct end_requests::state {
  std::atomic<bool> is_over = false;
  std::jthread waiting;
};

// Blocked here, the signals are blocked in every thread that is started later; so only sigwait() gets
// them, and a handler's few allowed calls are nobody's worry.
end_requests::end_requests() : state_(std::make_unique<state>()) {
  const sigset_t set = set_of_known_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A peer that is gone is told by the send's result; a reader of our stdout that is gone, by write's.
  signal(SIGPIPE, SIG_IGN);
}

void end_requests::start(callback on_request) {
  state_->waiting = std::jthread([this, on_request = std::move(on_request)] {
    const sigset_t set = set_of_known_signals();
    for (unsigned number = 1;; ++number) {
      int which = 0;
      sigwait(&set, &which);
      if (state_->is_over) return;
      on_request(number, name_of(which));
    }
  });
}

void end_requests::stop() {
  if (!state_->waiting.joinable()) return;
  state_->is_over = true;
  // Any of those that it waits for; for its sigwait(), and nobody else's.
  pthread_kill(state_->waiting.native_handle(), SIGINT);
  state_->waiting.join();
}

end_requests::~end_requests() { stop(); }

}  // namespace lastbyte::service
