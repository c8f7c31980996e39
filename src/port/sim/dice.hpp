// Chance that can be replayed: the same seed gives the same numbers on every machine.
#pragma once

#include <cstdint>

namespace lastbyte::port::sim {

// SplitMix64 (Steele, Lea and Flood, 2014). Not std::mt19937 with a distribution: what a distribution makes
// of it is each standard library's own affair.
class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept : state_(seed) {}

  [[nodiscard]] std::uint64_t next() noexcept {
    std::uint64_t mixed = (state_ += 0x9e37'79b9'7f4a'7c15U);
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d0'49bb'1331'11ebU;
    return mixed ^ (mixed >> 31U);
  }
  // 0 to bound - 1. `bound` is not 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept {
    // The high half: no division, and for these bounds no bias worth a loop.
    return ((next() >> 32U) * (bound & 0xffff'ffffU)) >> 32U;
  }
  // Both ends included; less than 2^32 apart.
  [[nodiscard]] std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept {
    return least + below(most - least + 1);
  }
  [[nodiscard]] bool chance(std::uint32_t per_million) noexcept {
    return per_million != 0 && below(1'000'000) < per_million;
  }

 private:
  std::uint64_t state_;
};

}  // namespace lastbyte::port::sim
