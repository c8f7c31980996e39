// ^C, as something to wait for. One file per platform.
//
// The rule: one object, made by main before any thread starts; from then on ^C and a request to terminate
// no longer end the process by themselves.
#pragma once

#include <cstdint>

namespace lastbyte::load {

class interrupts {
 public:
  interrupts();
  ~interrupts();
  interrupts(const interrupts&) = delete;
  interrupts& operator=(const interrupts&) = delete;

  // Waits for `ms`, or until the next interrupt. Thread: one.
  // @return whether there was one.
  bool wait(std::uint32_t ms) noexcept;
};

}  // namespace lastbyte::load
