// What the kernel holds while an operation is in flight, and the list of those that it has let go.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "port/iocp/native.hpp"

namespace lastbyte::port::iocp {

// Its memory belongs to the kernel from the submitting call until the completion was dequeued.
struct overlapped : OVERLAPPED {
  enum class kind : std::uint8_t { receive, send, connect, accept, end_of_accept };

  explicit overlapped(kind which) noexcept : OVERLAPPED{}, is(which) {}

  // Ready to be submitted.
  void clear() noexcept {
    static_cast<OVERLAPPED&>(*this) = OVERLAPPED{};
    failed_at_once = 0;
  }
  // 0, or why the operation failed. Only once it is over.
  [[nodiscard]] int code(SOCKET of) noexcept {
    return failed_at_once != 0 ? failed_at_once : kernel_code(of);
  }
  // The kernel's part of it; 0 also while the operation is in flight. Thread: any.
  [[nodiscard]] int kernel_code(SOCKET of) noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept { return InternalHigh; }

  kind is;
  int failed_at_once = 0;      // the code of the submitting call
  overlapped* next = nullptr;  // in a ready_list
};

// Operations that are over and wait to be handed out, first in, first out.
class ready_list {
 public:
  void push(overlapped& last) noexcept {
    last.next = nullptr;
    (tail_ == nullptr ? head_ : tail_->next) = &last;
    tail_ = &last;
    ++count_;
  }
  // Only from a list that isn't empty.
  [[nodiscard]] overlapped& pop() noexcept {
    overlapped& first = *head_;
    head_ = first.next;
    if (head_ == nullptr) tail_ = nullptr;
    --count_;
    return first;
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  overlapped* head_ = nullptr;
  overlapped* tail_ = nullptr;
  std::size_t count_ = 0;
};

inline int overlapped::kernel_code(SOCKET of) noexcept {
  // An NTSTATUS: failures are negative, STATUS_PENDING is not.
  const auto status = static_cast<LONG>(std::atomic_ref(Internal).load(std::memory_order_acquire));
  if (status >= 0) return 0;
  // Winsock's own translation of the NTSTATUS: it tells more codes apart than a completion packet's.
  DWORD bytes_unused = 0;
  DWORD flags_unused = 0;
  const BOOL succeeded = WSAGetOverlappedResult(of, this, &bytes_unused, FALSE, &flags_unused);
  return succeeded == FALSE ? WSAGetLastError() : ERROR_GEN_FAILURE;
}

}  // namespace lastbyte::port::iocp
