// The server's account, added up as connections end. Never touched by a message.
#pragma once

#include <mutex>

#include <lastbyte/handler.hpp>
#include <lastbyte/report.hpp>

namespace lastbyte::engine {

// Thread: any.
class tally {
 public:
  void count_accepted();
  void count_accept_failure();
  void count_quarantined();
  void count_came_back();
  // Bytes for a connection that was gone when they came.
  void count_refused(std::uint64_t bytes);
  // @param since_quiesce_ms: how long after quiesce began; 0 before.
  void count_ended(const ending_report& how, bool is_quiescing, std::uint32_t since_quiesce_ms);
  // A listener was closed by the quiesce, so long after it began.
  void count_closed(std::uint32_t since_quiesce_ms);
  [[nodiscard]] server_report read() const;

 private:
  mutable std::mutex guard_;
  server_report sums_;
};

}  // namespace lastbyte::engine
