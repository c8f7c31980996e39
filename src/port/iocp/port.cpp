#include "port/iocp/port.hpp"

#include "port/iocp/error_map.hpp"
#include "port/iocp/law.hpp"

namespace lastbyte::port::iocp {
namespace {

// A wake must not be lost: a worker would sleep for ever. Posting fails only while the kernel has no memory
// for one packet. Units: attempts, one per millisecond.
constexpr int most_wake_attempts = 10'000;

outcome last_system_error() noexcept { return from_code(static_cast<int>(GetLastError())); }

}  // namespace

port::port(std::uint32_t workers)
    : problem_(calls_.problem()),
      workers_(workers),
      is_waking_(std::make_unique<std::atomic<bool>[]>(workers)) {
  if (problem_.failed()) return;
  handle_ = CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, workers);
  if (handle_ == nullptr) problem_ = last_system_error();
}

port::~port() {
  hold_law(in_flight_ == 0, "a port ends only when nothing is in flight");
  if (handle_ != nullptr) (void)CloseHandle(handle_);
}

outcome port::associate(SOCKET made) const noexcept {
  if (CreateIoCompletionPort(as_handle(made), handle_, operation_key, 0) == nullptr) {
    return last_system_error();
  }
  if (!calls_.may_skip_packets()) return {};
  const BOOL done =
      SetFileCompletionNotificationModes(as_handle(made), FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
  return done != FALSE ? outcome{} : last_system_error();
}

void port::wake(std::uint32_t worker_index) noexcept {
  // So there are never more packets than workers, however often they are woken.
  if (!is_waking_[worker_index].exchange(true)) post_wake(worker_index);
}

void port::post_wake(std::uint32_t worker_index) noexcept {
  for (int attempt = 0; attempt < most_wake_attempts; ++attempt) {
    if (PostQueuedCompletionStatus(handle_, worker_index, wake_key, nullptr) != FALSE) return;
    Sleep(1);
  }
  hold_law(false, "a wake reaches its worker");
}

void port::note_woken(std::uint32_t worker_index) noexcept { is_waking_[worker_index] = false; }

}  // namespace lastbyte::port::iocp
