// What the epoll port keeps of a socket and of a listener.
#pragma once

#include <cstdint>

#include "port/completion_port.hpp"

namespace lastbyte::port::epoll {

// Whatever an event of an epoll set can be about.
struct source {
  enum class kind : std::uint8_t { socket, listener };

  explicit source(kind which) noexcept : is(which) {}
  kind is;
};

// The kernel reports changes (EPOLLET), so what it said is remembered until a system call refutes it.
struct socket : source {
  socket() noexcept : source(kind::socket) {}

  int fd = -1;
  bool is_receiving = false;        // a receive is in flight
  bool is_sending = false;          // a send is in flight, waiting for room
  bool is_connecting = false;       // a connect is in flight
  bool is_readable = false;         // as far as we know
  bool is_full = false;             // no room for sending, as far as we know
  bool is_hung_up = false;          // the peer finished or the connection failed: read to the end
  bool is_send_error_held = false;  // told once the waiting bytes are received
  bool is_connecting_side = false;
  outcome first_error;  // sticky
  void* owner = nullptr;
  std::uint64_t received = 0;  // bytes
  // Its place among the sockets that can be read now.
  socket* next = nullptr;
  socket* previous = nullptr;
  bool is_listed = false;
};

struct listener : source {
  listener() noexcept : source(kind::listener) {}

  int fd = -1;
  bool is_accepting = false;  // an accept is in flight
  bool is_finishing = false;  // it ends once the queue is empty
  bool is_ready = false;      // somebody may wait in the queue
  void* owner = nullptr;
};

// Sockets to be read, each once, in the order in which they became readable.
class reading_list {
 public:
  void push(socket& last) noexcept {
    if (last.is_listed) return;
    last.is_listed = true;
    last.next = nullptr;
    last.previous = tail_;
    (tail_ == nullptr ? head_ : tail_->next) = &last;
    tail_ = &last;
    ++count_;
  }
  void remove(socket& any) noexcept {
    if (!any.is_listed) return;
    any.is_listed = false;
    (any.previous == nullptr ? head_ : any.previous->next) = any.next;
    (any.next == nullptr ? tail_ : any.next->previous) = any.previous;
    --count_;
  }
  [[nodiscard]] socket* pop() noexcept {
    socket* first = head_;
    if (first != nullptr) remove(*first);
    return first;
  }
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  socket* head_ = nullptr;
  socket* tail_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace lastbyte::port::epoll
