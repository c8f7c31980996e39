// What the shared epoll port keeps of a socket or a listener, apart from the caller's memory.
//
// A worker may hold an event that it has not looked at yet while another one closes the connection it is
// about. So events point at records, which live as long as the port: a stale event meets a record that
// wants nothing, or the next connection's, whose own system calls then say that there is no news.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "port/completion_port.hpp"

namespace lastbyte::port::epoll {

// Guarded by `mutex`, which is held across no wait: the caller keeps other submitters away (rule 1), so it
// stands between one submitting and the dequeuing workers.
struct record {
  std::mutex mutex;

  int fd = -1;
  void* owner = nullptr;
  outcome first_error;  // sticky
  // The worker that was dealt a completion with it, until it dequeues again: what else ends by the error is told by
  // that one, too, lest another worker be quicker and the error be taken for that of the wrong operation.
  const void* teller = nullptr;

  bool is_receiving = false;  // these are in flight
  bool is_sending = false;    // waiting for room
  bool is_connecting = false;
  bool is_accepting = false;
  bool is_send_error_held = false;  // told once the waiting bytes are received
  bool is_connecting_side = false;
  std::uint64_t received = 0;  // bytes

  // The accept's end must not overtake connections that another worker has dequeued and not handled.
  std::uint32_t accepts_dealt = 0;  // of workers that have not dequeued again since
  bool is_finishing = false;        // the accept ends once the queue is empty
  outcome accept_end;               // why it ends, once it shall

  // Makes it anybody's again. The mutex is held.
  void clear() noexcept {
    fd = -1;
    owner = nullptr;
    teller = nullptr;
    first_error = accept_end = {};
    is_receiving = is_sending = is_connecting = is_accepting = false;
    is_send_error_held = is_connecting_side = is_finishing = false;
    received = 0;
    accepts_dealt = 0;
  }
};

// All records of a port. They are used again, and freed with the port.
class record_store {
 public:
  // @return nullptr if memory is refused.
  [[nodiscard]] record* take() noexcept;
  void give_back(record& unused) noexcept;

 private:
  std::mutex mutex_;
  std::deque<record> all_;
  std::vector<record*> unused_;  // has room for all of them
};

}  // namespace lastbyte::port::epoll
