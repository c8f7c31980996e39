// A connection with its whole surroundings in miniature: kernel, handler and driver, as one value that is
// made anew by replaying inputs. Its own bookkeeping judges the machine; it believes nothing that the
// machine says of itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/connection.hpp"

#include "block_supply.hpp"

namespace lastbyte::test {

// What can happen. Not everything can happen everywhere: world::is_possible().
enum class input : std::uint8_t {
  connected,
  connect_failed,
  byte_arrives,
  fin_arrives,
  fin_arrives_unverified,
  receive_ends,
  receive_fails,
  all_sent,
  one_sent,
  nothing_sent,
  send_fails,
  send,
  finish,
  close,
  quiesce_close,
  abort,
  pause,
  resume,
  hold,
  release,
  time_passes,
};
inline constexpr std::size_t input_count = 21;

// How the kernel answers while the driver settles.
enum class kernel_mood : std::uint8_t {
  all_acknowledged,
  not_yet,
  end_held_back,  // all bytes are acknowledged, and our end waits for room
  closed_short,   // over, with bytes of ours unacknowledged
  mute,           // can't be asked
  shutdown_fails,
};
inline constexpr std::size_t mood_count = 6;

struct happening {
  input what;
  kernel_mood mood;
};

class world {
 public:
  explicit world(core::connection::origin from);

  [[nodiscard]] bool is_possible(input what) const;
  // @return what the machine did wrong; empty if nothing.
  [[nodiscard]] std::string apply(happening next);

  // Whether the kernel's mood mattered to what happened last.
  [[nodiscard]] bool was_kernel_asked() const { return was_kernel_asked_; }

  // Everything that what comes next can depend on.
  [[nodiscard]] std::string key() const;
  [[nodiscard]] bool is_closed() const { return closes_ > 0; }
  [[nodiscard]] core::connection& machine() { return machine_; }

 private:
  void happen(happening next);
  [[nodiscard]] std::string settle(kernel_mood mood);
  [[nodiscard]] std::string do_step(core::step next, kernel_mood mood);
  [[nodiscard]] std::string judge() const;
  [[nodiscard]] core::witness answer(kernel_mood mood);
  [[nodiscard]] std::uint64_t told_with_end(kernel_mood mood) const;
  void end_receive() { is_receiving_ = is_stopping_receive_ = false; }
  void end_send() { is_sending_ = is_stopping_send_ = false; }

  block_supply supply_{1};
  core::tick now_ = 1'000;
  core::connection machine_;
  core::limits bounds_;
  bool is_connecting_;
  bool is_receiving_ = false;
  bool is_stopping_receive_ = false;
  bool is_sending_ = false;
  bool is_stopping_send_ = false;
  bool is_close_said_ = false;
  bool is_fin_seen_ = false;
  bool is_fin_seen_first_ = false;
  bool is_end_told_ = false;
  int shutdowns_ = 0;
  bool is_shutdown_good_ = false;
  bool is_shutdown_acknowledged_ = false;  // the kernel has said so
  bool is_shutdown_told_ = false;          // with the end of stream
  int closes_ = 0;
  bool was_kernel_asked_ = false;
  std::uint64_t received_ = 0;
  std::uint64_t sends_ = 0;
  std::uint64_t taken_ = 0;
  int holds_ = 0;
  bool is_paused_ = false;
  lastbyte::ending cause_seen_ = lastbyte::ending::none;
  lastbyte::intent intent_seen_ = lastbyte::intent::none;
};

[[nodiscard]] std::string to_string(happening what);

}  // namespace lastbyte::test
