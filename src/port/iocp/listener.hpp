// A listening socket with several AcceptEx in flight, which any worker may dequeue.
//
// An accept is one subscription made of many operations. It ends when the last of them is over and every
// connection that it brought was dealt with: a reference counts each of these, and whoever drops the last
// one hands out the terminal completion. So nothing of an accept can come behind its end, also not on
// another worker.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "port/completion_port.hpp"
#include "port/iocp/operation.hpp"
#include "port/iocp/winsock.hpp"

namespace lastbyte::port::iocp {

class listener;

// AcceptEx wants 16 bytes more than the longest address, twice.
inline constexpr DWORD accept_address_bytes = sizeof(sockaddr_in6) + 16;

struct accept_operation : overlapped {
  accept_operation() noexcept : overlapped(kind::accept) {}

  listener* of = nullptr;
  SOCKET accepting = no_socket;
  bool is_posted = false;
  alignas(sockaddr_in6) std::array<std::byte, std::size_t{2} * accept_address_bytes> addresses{};
};

struct end_of_accept_operation : overlapped {
  explicit end_of_accept_operation(listener& whose) noexcept
      : overlapped(kind::end_of_accept), of(whose) {}

  listener& of;
};

class listener {
 public:
  listener() noexcept : end_(*this) {}
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  ~listener() = default;

  // ---- For its owner.

  [[nodiscard]] outcome open(const winsock& calls, const endpoint& where, const listen_options& how,
                             void* whose) noexcept;
  [[nodiscard]] SOCKET handle() const noexcept { return handle_; }
  [[nodiscard]] endpoint local() const noexcept;
  void begin(ready_list& ready) noexcept;
  void cancel() noexcept;
  void finish() noexcept;
  void close() noexcept;

  // ---- For the worker that dequeued one of its operations.

  // Deals with an AcceptEx that is over, and posts it again if the accept goes on.
  // @return whether `out` holds a connection; then release() is owed once it was dealt with.
  [[nodiscard]] bool on_accept(accept_operation& done, ready_list& ready, completion& out) noexcept;
  // @return whether `out` is the terminal completion; otherwise it is one connection more.
  [[nodiscard]] bool on_end(ready_list& ready, completion& out) noexcept;
  void release(ready_list& ready) noexcept;

 private:
  enum class phase : std::uint8_t { idle, accepting, ending, finishing };

  void post(accept_operation& again, ready_list& ready) noexcept;
  void end(phase how, outcome why) noexcept;
  void cancel_posted() noexcept;
  [[nodiscard]] bool take_accepted(accept_operation& done, completion& out) noexcept;
  [[nodiscard]] bool take_queued(completion& out) noexcept;

  const winsock* calls_ = nullptr;
  SOCKET handle_ = no_socket;
  int family_ = 0;
  listen_options how_;
  void* owner_ = nullptr;
  std::unique_ptr<accept_operation[]> operations_;
  end_of_accept_operation end_;
  std::uint32_t queued_taken_ = 0;       // connections, since the last AcceptEx was over
  std::atomic<std::uint32_t> uses_ = 0;  // operations in flight, and connections not dealt with
  std::mutex guard_;                     // held by the owner or with a use; guards what follows
  phase phase_ = phase::idle;
  outcome ending_;
};

}  // namespace lastbyte::port::iocp
