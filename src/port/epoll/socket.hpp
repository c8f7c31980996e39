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

  bool is_receiving : 1 = false;   // a receive is in flight
  bool is_sending : 1 = false;     // a send is in flight, waiting for room
  bool is_connecting : 1 = false;  // a connect is in flight
  bool is_readable : 1 = false;    // as far as we know
  bool is_full : 1 = false;        // no room for sending, as far as we know
  bool is_hung_up : 1 = false;     // the peer finished or the connection failed: read to the end
  bool is_send_error_held : 1 = false;  // told once the waiting bytes are received
  bool is_connecting_side : 1 = false;
  bool is_end_told : 1 = false;  // by an event that proves the peer's end of stream
  bool is_listed : 1 = false;    // among the sockets that can be read now
  int fd = -1;
  outcome first_error;  // sticky
  void* owner = nullptr;
  std::uint64_t received = 0;  // bytes
  socket* next = nullptr;      // in that list
};
static_assert(sizeof(socket) <= 40);

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
    (tail_ == nullptr ? head_ : tail_->next) = &last;
    tail_ = &last;
    ++count_;
  }
  // Looks it up: a receive is seldom cancelled while there is something to be read, and a second link
  // would cost every idle connection eight bytes.
  void remove(socket& any) noexcept {
    if (!any.is_listed) return;
    socket* before = nullptr;
    for (socket* each = head_; each != &any; each = each->next) before = each;
    unlink(before, any);
  }
  [[nodiscard]] socket* pop() noexcept {
    socket* first = head_;
    if (first != nullptr) unlink(nullptr, *first);
    return first;
  }
  [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  void unlink(socket* before, socket& any) noexcept {
    any.is_listed = false;
    (before == nullptr ? head_ : before->next) = any.next;
    if (tail_ == &any) tail_ = before;
    --count_;
  }

  socket* head_ = nullptr;
  socket* tail_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace lastbyte::port::epoll
