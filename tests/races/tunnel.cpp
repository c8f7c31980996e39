#include "races/tunnel.hpp"

#include <thread>
#include <utility>

namespace lastbyte::test {

// Held in relaxed order: the tool that looks for races must not take this for the synchronisation that
// it misses in the server.
class tunnel::presence {
 public:
  presence(tunnel& in, std::uint64_t index) : is_busy_(in.is_busy_[index]) {
    if (is_busy_.exchange(true, std::memory_order_relaxed)) ++in.overlaps_;
  }
  presence(const presence&) = delete;
  presence& operator=(const presence&) = delete;
  ~presence() { is_busy_.store(false, std::memory_order_relaxed); }

 private:
  std::atomic<bool>& is_busy_;
};

tunnel::tunnel(std::size_t count, std::chrono::microseconds longest_block)
    : longest_block_(longest_block), count_(count), is_busy_(count), turns_(count) {
  handles_.reserve(count);
}

bool tunnel::await_all(const time_limit& limit) {
  std::unique_lock lock(guard_);
  return opened_.wait_for(lock, milliseconds(limit.left_ms()),
                          [this] { return handles_.size() == count_; });
}

connection_handle tunnel::handle(std::size_t index) {
  const std::lock_guard lock(guard_);
  return handles_.at(index);
}

connection_handle tunnel::partner_of(connection& from) { return handle(from.user_word() ^ 1U); }

// Every seventh call, for a time that differs from call to call.
void tunnel::block_now_and_then(std::uint64_t turn) {
  if (turn % 7 != 0) return;
  ++blocked_;
  std::this_thread::sleep_for(longest_block_ * (turn % 5 + 1) / 5);
}

void tunnel::keep(buffer bytes) {
  const std::lock_guard lock(guard_);
  kept_.push_back(std::move(bytes));
}

void tunnel::drop_kept() {
  std::vector<buffer> dropped;  // outside of the guard
  const std::lock_guard lock(guard_);
  dropped.swap(kept_);
}

void tunnel::on_open(connection& opened) {
  const std::lock_guard lock(guard_);
  opened.user_word() = handles_.size();
  handles_.push_back(opened.handle());
  if (handles_.size() == count_) opened_.notify_all();
}

void tunnel::on_receive(connection& from, buffer bytes) {
  const std::uint64_t index = from.user_word();
  const presence here(*this, index);
  block_now_and_then(++turns_[index]);
  if (partner_of(from).send(bytes.text())) refused_ += bytes.size();
  if (turns_[index] % 3 == 0) keep(std::move(bytes));
}

void tunnel::on_end_of_stream(connection& from) {
  const presence here(*this, from.user_word());
  [[maybe_unused]] const auto refused = partner_of(from).finish();
}

void tunnel::on_ended(connection& ended, const ending_report& how) {
  const presence here(*this, ended.user_word());
  const ledger& told = how.bytes;
  const bool in = told.received == told.delivered + told.discarded + told.unanswered;
  const bool out = told.queued == told.sent + told.unsent;
  if (!in || !out) ++wrong_ledgers_;
}

}  // namespace lastbyte::test
