// What whoever has started this process wants to be told meanwhile: the service manager of Windows. A shell wants
// to be told nothing.
#pragma once

#include <functional>
#include <string>

namespace lastbyte::service {

// Thread: any; calls don't overlap with those of the same name.
struct life_cycle {
  std::function<void()> on_ready = [] {};                          // it serves
  std::function<void()> on_ending = [] {};                         // it was asked to end
  std::function<void(const std::string&)> on_over = [](auto&) {};  // the account, as text
};

}  // namespace lastbyte::service
