// Where coverage marks are counted: once for the whole process. Only in builds that have them.
#include <array>
#include <atomic>

#include "core/mark.hpp"

namespace lastbyte::coverage {
namespace {

struct counters {
  std::array<std::atomic<std::uint64_t>, mark_count> marks{};
  std::array<std::array<std::atomic<std::uint64_t>, core::event_count>, core::state_count> cells{};
};

counters& all() noexcept {
  static constinit counters counted;
  return counted;
}

std::atomic<std::uint64_t>& counter(mark which) noexcept {
  return all().marks[static_cast<std::size_t>(which)];
}
std::atomic<std::uint64_t>& counter(core::state in, core::event what) noexcept {
  return all().cells[static_cast<std::size_t>(in)][static_cast<std::size_t>(what)];
}

}  // namespace

void passed(mark which) noexcept { counter(which).fetch_add(1, std::memory_order_relaxed); }
void passed(core::state in, core::event what) noexcept {
  counter(in, what).fetch_add(1, std::memory_order_relaxed);
}
std::uint64_t times(mark which) noexcept { return counter(which).load(std::memory_order_relaxed); }
std::uint64_t times(core::state in, core::event what) noexcept {
  return counter(in, what).load(std::memory_order_relaxed);
}

}  // namespace lastbyte::coverage
