// Turns the server's notices into lines of the log, and keeps repeated ones from flooding it.
#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <lastbyte/server.hpp>

#include "service/logging.hpp"
#include "service/repeat_limit.hpp"

namespace lastbyte::service {

class notice_log final : public observer {
 public:
  // @param into: outlives this.
  notice_log(logger& into, log_endings which);
  notice_log(const notice_log&) = delete;
  notice_log& operator=(const notice_log&) = delete;
  ~notice_log() override;  // says what was suppressed and not told yet

  void on_notice(const notice& what) override;

 private:
  static constexpr std::size_t kind_count = 7;  // of notice::kind

  [[nodiscard]] bool is_worth_a_line(const notice& what) const noexcept;
  [[nodiscard]] bool admit(notice::kind what);
  void tell_suppressed(bool at_end);
  void keep_telling();

  logger& log_;
  log_endings which_;
  std::mutex lock_;
  std::array<repeat_limit, kind_count> limits_;
  // Not a stop token: libstdc++ 12 may wait with one for ever where there is no futex, as on Windows. The end of
  // its callback is an atomic wait, which misses a notification between its look and its sleep
  // (bits/atomic_wait.h, _M_do_wait).
  bool is_over_ = false;
  std::condition_variable changed_;  // there is something to tell, or it is over
  std::thread telling_;              // the last member: it uses the others
};

}  // namespace lastbyte::service
