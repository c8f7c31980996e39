// What one socket was asked to do and what came of it, held against the rules of
// src/port/completion_port.hpp. Not here: who asks, and on which thread (driver.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "port/completion_port.hpp"

namespace lastbyte::test {

/// The rules that a port broke. Thread: any.
class verdict {
 public:
  void broke(std::string rule);
  [[nodiscard]] std::vector<std::string> all() const;
  [[nodiscard]] bool is_clean() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> broken_;
};

/// Its numbers: what tests look at. Units: bytes; completions.
struct account {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t received_when_send_failed = 0;
  std::uint32_t receive_completions = 0;
  std::uint32_t receives_with_bytes = 0;
  std::uint32_t send_completions = 0;
  std::uint32_t connect_completions = 0;
  std::uint64_t seen_at = 0;  // one bit for each worker that saw a completion
  bool is_receiving = false;  // in flight
  bool is_sending = false;
  bool is_connecting = false;
  bool has_ended = false;  // the end of stream
  bool is_end_proven = false;
  std::uint64_t acknowledged_at_end = 0;  // as it came with the end of stream
  port::outcome receive_result;           // of the last completion
  port::outcome send_result;
  port::outcome connect_result;

  [[nodiscard]] bool is_in_flight() const { return is_receiving || is_sending || is_connecting; }
  [[nodiscard]] bool is_receive_over() const {
    return !is_receiving && (has_ended || receive_result.failed());
  }
};

class journal : public account {
 public:
  /// Forgets everything: the socket begins anew. @param expected_from: where in the pattern the
  /// received stream begins.
  void begin(std::uint64_t expected_from = 0);

  [[nodiscard]] const account& numbers() const { return *this; }

  void connect_submitted();
  void receive_submitted();
  void send_submitted(std::size_t bytes);
  void receive_stop_requested() { may_receive_be_cancelled_ = true; }
  void send_stop_requested() { may_send_be_cancelled_ = true; }

  /// @param is_in_order: this completion is seen behind all that came before it, as it is where only
  /// one worker sees them.
  void saw(const port::completion& done, std::uint32_t at_worker, bool is_in_order, verdict& rules);
  [[nodiscard]] std::string to_string() const;

 private:
  void saw_receive(const port::completion& done, verdict& rules);
  void saw_bytes(const block& bytes, verdict& rules);
  void saw_end(const port::completion& done, verdict& rules);
  void saw_send(const port::completion& done, verdict& rules);
  void saw_connect(const port::completion& done, verdict& rules);
  void note_failure(const port::outcome& result);
  [[nodiscard]] bool is_behind_error(bool was_submitted_behind_it) const;

  std::uint64_t expected_from_ = 0;
  std::size_t asked_ = 0;  // bytes of the send in flight
  port::outcome first_error_;
  bool is_in_order_ = true;
  bool is_receive_behind_error_ = false;  // when it was submitted
  bool is_send_behind_error_ = false;
  bool may_receive_be_cancelled_ = false;
  bool may_send_be_cancelled_ = false;
  std::vector<std::string> recent_;
};

std::string to_string(const port::completion& done);

}  // namespace lastbyte::test
