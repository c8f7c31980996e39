#include "load/tally.hpp"

#include <algorithm>

namespace lastbyte::load {
namespace {

std::uint64_t next_id() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

}  // namespace

tallies::tallies() : id_(next_id()) {}

tally& tallies::mine() {
  struct cached {
    std::uint64_t id = 0;
    tally* block = nullptr;
  };
  thread_local cached last;
  if (last.id != id_) [[unlikely]]
    last = {id_, &add()};
  return *last.block;
}

tally& tallies::add() {
  const std::lock_guard lock(guard_);
  return blocks_.emplace_back();
}

live_figures tallies::live() const {
  const std::lock_guard lock(guard_);
  live_figures sum;
  for (const tally& each : blocks_) {
    sum.opened += each.opened.get();
    sum.ended += each.ended.get();
    sum.done += each.done.get();
    sum.messages += each.messages.get();
    sum.window_messages += each.window_messages.get();
    sum.refused += each.refused.get();
    sum.last_message_ns = std::max(sum.last_message_ns, each.last_message_ns.get());
    sum.last_opened_ns = std::max(sum.last_opened_ns, each.last_opened_ns.get());
  }
  return sum;
}

}  // namespace lastbyte::load
