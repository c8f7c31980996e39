// Who may touch a receive, when one thread cancels it while another one re-posts it.
//
// A zero-byte receive that completes without bytes is posted again by the worker that dequeued it. Two
// things can happen in that moment:
//  * The owner cancels. It leaves a mark, then calls CancelIoEx; who posts looks at the mark after posting.
//    Whichever comes second hits, so a cancel is never lost.
//  * The receive completes again, on another worker. That one must not hand it out, or the socket could be
//    closed and gone while the first worker still looks at the mark: it only says that it was there, and the
//    first worker carries on in its place. So an operation is handled by one thread at a time, and completes
//    once.
#pragma once

#include <atomic>
#include <cstdint>

namespace lastbyte::port::iocp {

class receive_state {
 public:
  [[nodiscard]] bool is_in_flight() const noexcept { return (load() & in_flight) != 0; }
  [[nodiscard]] bool is_cancel_asked() const noexcept { return (load() & cancel_asked) != 0; }

  // ---- For the owner of the socket.

  void begin() noexcept { bits_.store(in_flight, std::memory_order_release); }
  // @return whether there is something to cancel: call CancelIoEx then.
  [[nodiscard]] bool ask_cancel() noexcept {
    return (bits_.fetch_or(cancel_asked) & in_flight) != 0;
  }

  // ---- For the worker that has the operation in its hands.

  // A completion came. @return false: leave it, whoever is posting will handle it.
  [[nodiscard]] bool arrive() noexcept {
    std::uint8_t now = bits_.load();
    while ((now & posting) != 0) {
      if (bits_.compare_exchange_weak(now, static_cast<std::uint8_t>(now | arrived))) return false;
    }
    return true;
  }

  void begin_posting() noexcept { bits_.fetch_or(posting); }

  enum class next_step : std::uint8_t {
    leave,   // the kernel has it: touch nothing any more
    cancel,  // cancel it, then ask again
    handle,  // it is over already, and in your hands
  };
  // @param is_cancelled: the last answer was `cancel`.
  [[nodiscard]] next_step end_posting(bool is_cancelled) noexcept {
    std::uint8_t now = bits_.load();
    for (;;) {
      if ((now & cancel_asked) != 0 && !is_cancelled) return next_step::cancel;
      const auto rest = static_cast<std::uint8_t>(now & ~(posting | arrived));
      if (bits_.compare_exchange_weak(now, rest)) break;
    }
    return (now & arrived) != 0 ? next_step::handle : next_step::leave;
  }
  // Posting it ended the operation at once, so nobody else can have it.
  void posted_in_vain() noexcept { bits_.fetch_and(static_cast<std::uint8_t>(~posting)); }

  // It is about to be handed out.
  void end() noexcept { bits_.store(0, std::memory_order_release); }

 private:
  static constexpr std::uint8_t in_flight = 1;
  static constexpr std::uint8_t cancel_asked = 2;
  static constexpr std::uint8_t posting = 4;
  static constexpr std::uint8_t arrived = 8;

  [[nodiscard]] std::uint8_t load() const noexcept { return bits_.load(); }

  std::atomic<std::uint8_t> bits_ = 0;
};

}  // namespace lastbyte::port::iocp
