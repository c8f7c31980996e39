// What the simulated port keeps of a socket or a listener, apart from the caller's memory: which operations
// are in flight, and what happens to them when the network has news.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "port/completion_port.hpp"
#include "port/sim/network.hpp"

namespace lastbyte::port::sim {

class any_port;

class record final : public watcher, public alarm {
 public:
  explicit record(any_port& of) : port_(of) {}

  // Begins anew, for the next socket or listener.
  void begin(void* its_owner, std::uint32_t at_worker);

  void submit_accept();
  void stop_accept(outcome why, bool is_after_queue);
  void submit_receive();
  void pause_receive();
  void stop_receive();
  void submit_send(std::span<const slice> slices);
  void submit_connect(const endpoint& where);
  void stop_send();

  // A completion of ours was taken out of the queue, and is being dealt.
  void on_dealt(completion& done);
  // The worker that was dealt a completion which is awaited has dequeued again: it has seen it.
  void settle(operation dealt);

  void on_change() override;
  void on_time(std::uint64_t word) override;

  // Whether something waits until this completion was not only dealt, but seen.
  [[nodiscard]] bool is_awaited(const completion& dealt) const noexcept {
    return (dealt.what == operation::accept && !dealt.result.failed()) ||
           (dealt.what == operation::receive && is_send_error_held_);
  }
  [[nodiscard]] bool is_in_flight() const noexcept {
    return accept_.is_in_flight() || receive_.is_in_flight() || send_.is_in_flight();
  }

  tcp_end* tcp = nullptr;
  tcp_listener* listening = nullptr;
  std::uint32_t accept_depth = 0;  // accepted connections that wait to be dealt, at most
  void* owner = nullptr;
  std::uint32_t home = 0;  // the worker's index
  std::uint32_t generation = 0;
  outcome first_error;  // sticky

 private:
  friend class any_port;
  friend class worker;

  // An operation is active while the kernel still works on it, and in flight until its last completion was
  // dealt.
  struct flight {
    bool is_active = false;
    bool is_stopping = false;  // it was asked to end
    bool is_pausing = false;   // the next completion is its last one
    bool is_lost = false;      // nothing is heard of it for a very long time
    std::uint32_t undealt = 0;
    std::uint32_t number = 0;  // of all such operations of the record
    micros last_told = 0;

    [[nodiscard]] bool is_in_flight() const noexcept { return is_active || undealt > 0; }
    [[nodiscard]] bool is_ending() const noexcept { return is_stopping || is_pausing; }
  };
  // What on_time() is to do; the rest of its word says to which operation, of which generation.
  enum class errand : std::uint8_t { stop_receive, stop_send };

  void later(errand what, const flight& about, std::uint64_t delay_us);
  [[nodiscard]] std::uint64_t word_of(errand what, const flight& about) const noexcept;
  static void begin(flight& which) noexcept;
  void stop(flight& which, errand how);
  void tell_accept(tcp_end* accepted);
  void go_on_accepting();
  void end_accept_if_settled();

  void go_on_receiving();
  void tell_bytes(bool is_last);
  void end_receive(outcome result, bool is_end_of_stream);
  void stop_receive_now();

  void go_on_sending();
  void take_slices();
  void end_send(outcome result);
  void fail_send(outcome why);
  void stop_send_now();
  void go_on_connecting();

  any_port& port_;

  flight accept_;
  outcome accept_end_;  // why it ends, once it shall
  bool is_ending_accept_ = false;
  bool ends_with_queue_ = false;
  std::uint32_t unsettled_accepts_ = 0;

  flight receive_;

  flight send_;
  bool is_connect_ = false;  // what the send in flight is
  bool sends_whole_ = false;
  bool is_send_error_held_ = false;
  std::array<slice, max_slices> slices_;
  std::size_t slice_count_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace lastbyte::port::sim
