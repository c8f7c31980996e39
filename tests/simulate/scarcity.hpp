// Memory that is refused now and then, as a machine that has none left would.
#pragma once

#include <cstdint>

#include "port/sim/dice.hpp"

namespace lastbyte::simulation {

// While it lives, allocations of this thread that can be refused (std::nothrow) are, by chance.
class scarcity {
 public:
  // @param chances: in a million; 0: never.
  scarcity(port::sim::dice& chance, std::uint32_t chances) noexcept;
  scarcity(const scarcity&) = delete;
  scarcity& operator=(const scarcity&) = delete;
  ~scarcity();

  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] bool refuses() noexcept;

 private:
  port::sim::dice& chance_;
  std::uint32_t chances_;
  std::uint64_t refused_ = 0;
};

}  // namespace lastbyte::simulation
