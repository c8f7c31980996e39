#include "server/courier.hpp"

#include <utility>

#include "core/mark.hpp"

namespace lastbyte {

std::error_code courier::post(std::unique_ptr<engine::command> wanted) {
  const std::lock_guard lock(guard_);
  if (is_closed_) return refusal::stopped;
  if (wanted->what != engine::wish::connect && !is_current_(wanted->slot, wanted->generation)) {
    LASTBYTE_MARK(handle_gone);
    return refusal::gone;
  }
  const bool was_empty = waiting_.empty();
  waiting_.push_back(std::move(wanted));
  has_mail_.store(true, std::memory_order_release);
  // One ring is enough for all that waits.
  if (was_empty) ring_();
  return {};
}

std::vector<std::unique_ptr<engine::command>> courier::collect() {
  const std::lock_guard lock(guard_);
  has_mail_.store(false, std::memory_order_relaxed);
  return std::exchange(waiting_, {});
}

std::vector<std::unique_ptr<engine::command>> courier::close() {
  const std::lock_guard lock(guard_);
  is_closed_ = true;
  return std::exchange(waiting_, {});
}

}  // namespace lastbyte
