// Who may touch a connection when its completions surface at any worker.
//
// The rule: whatever happens to a connection is pushed into its mailbox; who pushes into an idle one owns
// the connection until the mailbox is empty. Nobody ever waits, so two handlers that send to each other's
// connections cannot block each other.
#pragma once

#include <atomic>

namespace lastbyte::engine {

// Something that happened, in memory that stays until it was dealt with.
struct mail {
  mail* next = nullptr;
};

class mailbox {
 public:
  mailbox() = default;
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;
  ~mailbox() = default;

  // @return whether the caller now owns the connection, and must take() until nothing is left. What it owns it may
  // touch from the first take() on. Thread: any.
  [[nodiscard]] bool push(mail& last) noexcept {
    mail* top = top_.load(std::memory_order_relaxed);
    do {
      last.next = top == owned() ? nullptr : top;
    } while (!top_.compare_exchange_weak(top, &last, std::memory_order_release,
                                         std::memory_order_relaxed));
    return top == nullptr;
  }

  // All that was pushed, oldest first. Thread: the owner.
  // @return nullptr: nothing is left, and the caller has ceased to be the owner.
  [[nodiscard]] mail* take() noexcept {
    mail* nothing = owned();
    if (top_.compare_exchange_strong(nothing, nullptr, std::memory_order_release,
                                     std::memory_order_relaxed)) {
      return nullptr;
    }
    // Acquires what each pusher had done, and what the owners before had: no push between ends their release sequences.
    return reversed(top_.exchange(owned(), std::memory_order_acquire));
  }

 private:
  // Stands for "empty, but somebody owns it"; nullptr for "idle".
  [[nodiscard]] mail* owned() noexcept { return &mark_; }

  static mail* reversed(mail* newest) noexcept {
    mail* oldest = nullptr;
    while (newest != nullptr) {
      mail* const older = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = older;
    }
    return oldest;
  }

  std::atomic<mail*> top_ = nullptr;
  mail mark_;
};

}  // namespace lastbyte::engine
