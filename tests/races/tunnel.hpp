// The handler that makes workers meet: what comes in at one connection goes out at another, which may be
// any worker's at that moment.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <lastbyte/handler.hpp>

#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

/// Connections are partners by their order: 0 and 1, 2 and 3, ... A partner's end of stream is handed on, too.
class tunnel final : public handler {
 public:
  /// @param count: of connections, even. @param longest_block: how long a handler may block, now and then.
  tunnel(std::size_t count, std::chrono::microseconds longest_block);

  /// Waits until all are open. @return whether they are.
  [[nodiscard]] bool await_all(const time_limit& limit);
  [[nodiscard]] connection_handle handle(std::size_t index);
  /// Lets go of received buffers that were kept, on the calling thread.
  void drop_kept();

  /// Bytes that were delivered here and refused at once, because the partner was over.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  [[nodiscard]] std::uint64_t blocked() const { return blocked_; }
  /// Handler calls of one connection that overlapped. None ever should.
  [[nodiscard]] std::uint64_t overlaps() const { return overlaps_; }
  /// Ends whose ledger does not add up.
  [[nodiscard]] std::uint64_t wrong_ledgers() const { return wrong_ledgers_; }

  void on_open(connection& opened) override;
  void on_receive(connection& from, buffer bytes) override;
  void on_end_of_stream(connection& from) override;
  void on_ended(connection& ended, const ending_report& how) override;

 private:
  /// Made at the beginning of each call of a connection.
  class presence;
  void block_now_and_then(std::uint64_t turn);
  void keep(buffer bytes);
  [[nodiscard]] connection_handle partner_of(connection& from);

  std::chrono::microseconds longest_block_;
  std::mutex guard_;
  std::condition_variable opened_;
  std::vector<connection_handle> handles_;
  std::vector<buffer> kept_;
  std::size_t count_;
  std::vector<std::atomic<bool>> is_busy_;
  std::vector<std::uint64_t> turns_;  // each its own connection's: the calls for one don't overlap
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> blocked_ = 0;
  std::atomic<std::uint64_t> overlaps_ = 0;
  std::atomic<std::uint64_t> wrong_ledgers_ = 0;
};

}  // namespace lastbyte::test
