// The IOCP port: one completion port for all workers, and a connection's completions surface anywhere.
//
// The kernel speaks in completions already, so the contract is kept nearly as it stands. What is added: an
// operation that was over at once is put on a list of the worker that submitted it, and an idle connection
// waits with a receive of no bytes, whose completion never leaves the port.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "port/clock.hpp"
#include "port/completion_port.hpp"
#include "port/iocp/worker.hpp"

namespace lastbyte::port::iocp {

class port {
 public:
  using worker = iocp::worker;
  static constexpr bool connections_stay = false;
  static constexpr std::string_view name = "iocp";

  explicit port(std::uint32_t workers);
  port(const port&) = delete;
  port& operator=(const port&) = delete;
  ~port();

  [[nodiscard]] outcome problem() const noexcept { return problem_; }
  void wake(std::uint32_t worker_index) noexcept;
  [[nodiscard]] std::uint32_t now_ms() const noexcept { return steady_now_ms(); }

 private:
  friend class iocp::worker;

  static constexpr ULONG_PTR operation_key = 0;
  static constexpr ULONG_PTR wake_key = 1;

  // Completions of `made` come here from now on.
  [[nodiscard]] outcome associate(SOCKET made) const noexcept;
  void post_wake(std::uint32_t worker_index) noexcept;
  // A wake was dequeued: the next one counts again.
  void note_woken(std::uint32_t worker_index) noexcept;

  winsock calls_;
  HANDLE handle_ = nullptr;
  outcome problem_;
  std::uint32_t workers_;
  std::unique_ptr<std::atomic<bool>[]> is_waking_;  // by worker: a wake is under way
  std::atomic<std::int64_t> in_flight_ = 0;         // operations, summed when workers end
};

static_assert(completion_port<port>);

}  // namespace lastbyte::port::iocp
