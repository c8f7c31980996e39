// The surroundings of one connection, steered by the fuzzer: kernel, peer, handler and driver, with any
// sizes, any bounds and any order that a port's contract allows, the illegal ones that must be refused
// included.
//
// Beside tests/core/world.hpp, which walks a tiny world completely, this samples a large one: long sends,
// partial acknowledgements, a clock that wraps, several events before the machine is asked what to do.
// Not modelled: a kernel that lies. Acknowledgements only grow, and never beyond what was sent.
#pragma once

#include <cstdint>

#include "core/block_supply.hpp"
#include "core/connection.hpp"
#include "fuzz/account.hpp"

namespace lastbyte::fuzz {

// What can be made to happen. What is impossible where the connection stands is left out.
enum class deed : std::uint8_t {
  // The kernel and the peer.
  connect_succeeds,
  connect_fails,
  bytes_arrive,
  bytes_behind_the_end,  // illegal: must be refused
  end_of_stream,
  receive_ends,
  receive_fails,
  send_ends,
  send_fails,
  peer_acknowledges,
  kernel_goes_mute,  // or speaks again
  kernel_is_over,    // its state machine has ended, or so it says
  shutdown_breaks,   // the next SD_SEND will fail, or not
  // The handler.
  send,
  grow,
  refuse,
  finish,
  close,
  abort,
  pause,
  resume,
  hold,
  release,
  // The driver and the clock.
  time_passes,
  much_time_passes,
  alarm,
  alarm_when_due,
  clock_goes_back,  // as it may between two workers
  drain_is_checked,
  quiesce_presses,
};
inline constexpr std::size_t deed_count = 30;

// How it begins.
struct setting {
  core::connection::origin from = core::connection::origin::accepted;
  core::tick now = 0;
  core::limits bounds;
  std::uint8_t answer_to_end = 0;  // what the handler does in on_end_of_stream()
};

// Every member throws broken.
class surroundings {
 public:
  explicit surroundings(const setting& chosen);

  // @param how: sizes, causes, shares: what is open about `what`.
  void happen(deed what, std::uint8_t how);
  // Does what the machine wants until it wants nothing.
  void settle();
  // From here on everybody keeps to the rules, but nobody does more than he must: bounds alone must end it.
  void wind_down(std::uint8_t how);

 private:
  struct view;  // all that a refusal may not change

  // Each returns whether it was its deed.
  bool happen_to_receive(deed what, std::uint8_t how);
  bool happen_to_send(deed what, std::uint8_t how);
  bool happen_in_kernel(deed what, std::uint8_t how);
  bool happen_in_handler(deed what, std::uint8_t how);
  void happen_in_driver(deed what, std::uint8_t how);

  void arrive(std::uint32_t count);
  void arrive_behind_the_end(std::uint32_t count);
  void end_stream(proof mark);
  void connected(bool is_good, std::uint8_t how);
  void take(std::uint8_t share);
  void send_block(std::uint8_t how);
  void grow_last(std::uint8_t how);
  void say_finish();
  void say_close(intent who);
  void press(std::uint8_t how);
  void answer_end();
  // @param unheard_ms: for so long nobody has listened.
  void ring(core::tick unheard_ms);
  void pass(core::tick ms);
  void choose_last_bounds(unsigned how);
  bool give_back();

  void do_step(core::step next);
  void submit_receive();
  void submit_send();
  void shut_down();
  void ask_kernel();
  void tell_end();
  void close_socket();

  [[nodiscard]] core::tick now() const { return now_ - behind_; }
  [[nodiscard]] core::witness kernel_says() const;
  [[nodiscard]] bool is_ending() const { return machine_.cause() != ending::none; }
  [[nodiscard]] view seen() const;
  void release_sent();
  void check();
  void check_settled() const;
  void check_silence_kept() const;

  test::block_supply supply_;
  core::tick now_;
  core::tick behind_ = 0;
  core::tick passed_ = 0;
  core::limits bounds_;
  core::connection machine_;
  account ours_;
  std::uint8_t answer_to_end_;

  // The operations, as the port sees them.
  bool is_connecting_;
  bool is_receiving_ = false;
  bool is_stopping_receive_ = false;
  bool is_sending_ = false;
  bool is_stopping_send_ = false;
  std::uint64_t gathered_ = 0;  // by the send in flight
  bool is_mute_ = false;
  bool is_over_ = false;
  bool is_shutdown_broken_ = false;
  bool is_last_reader_ = false;  // while winding down, the peer takes all that it is sent

  // What was seen so far.
  bool is_end_told_ = false;
  bool is_shutdown_said_ = false;
  bool is_closed_ = false;
  bool is_paused_ = false;
  int holds_ = 0;
  core::tick moved_at_;  // when bytes last went to the handler or to the kernel
  ending cause_ = ending::none;
  intent intent_ = intent::none;
};

}  // namespace lastbyte::fuzz
