#include "simulate/coverage.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "core/mark.hpp"
#include "core/transition_table.hpp"
#include "support/cell_matrix.hpp"

namespace lastbyte::simulation {
namespace {

using core::event;
using core::state;
using coverage::mark;

// Cells that no server on any port can reach, each with its reason. To be reached is wrong, too: then the
// reason is.
struct unreachable_cell {
  state in;
  event what;
  const char* reason;
};
constexpr std::array<unreachable_cell, 0> unreachable_cells{};

const unreachable_cell* find_excuse(state in, event what) {
  const auto* const found = std::find_if(
      unreachable_cells.begin(), unreachable_cells.end(),
      [&](const unreachable_cell& each) { return each.in == in && each.what == what; });
  return found == unreachable_cells.end() ? nullptr : found;
}

class account {
 public:
  void print_cells() {
    std::printf("how often each legal cell was applied:\n");
    test::print_cells([](state in, event what) {
      return look_up(in, what).legal ? std::to_string(coverage::times(in, what)) : "-";
    });
    for (std::size_t s = 0; s < core::state_count; ++s) {
      for (std::size_t e = 0; e < core::event_count; ++e) {
        judge_cell(static_cast<state>(s), static_cast<event>(e));
      }
    }
  }

  void print_marks() {
    std::printf("how often each rare branch was taken:\n");
    for (std::size_t i = 0; i < coverage::mark_count; ++i) {
      const std::string name(coverage::mark_names[i]);
      const std::uint64_t count = coverage::times(static_cast<mark>(i));
      std::printf("  %-34s %12llu\n", name.c_str(), static_cast<unsigned long long>(count));
      if (count == 0) miss("never taken: " + name);
    }
  }

  [[nodiscard]] bool is_complete() const { return missed_ == 0; }

 private:
  void judge_cell(state in, event what) {
    const std::uint64_t count = coverage::times(in, what);
    const unreachable_cell* const excuse = find_excuse(in, what);
    if (!look_up(in, what).legal || (excuse == nullptr) == (count != 0)) return;
    const std::string cell = std::string(to_string(in)) + " x " + std::string(to_string(what));
    if (excuse == nullptr) {
      miss("never applied: " + cell);
    } else if (count == 0) {
      std::printf("  unreachable: %s: %s\n", cell.c_str(), excuse->reason);
    } else {
      miss("applied, though it is called unreachable: " + cell);
    }
  }

  void miss(const std::string& what) {
    ++missed_;
    std::printf("  %s\n", what.c_str());
  }

  int missed_ = 0;
};

}  // namespace

bool print_coverage() {
  if (!coverage::is_counting) {
    std::printf("this build counts no coverage: use the preset asan or coverage\n");
    return true;
  }
  account seen;
  seen.print_cells();
  seen.print_marks();
  return seen.is_complete();
}

}  // namespace lastbyte::simulation
