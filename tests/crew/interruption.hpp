// Something that happens in the middle of a worker's turn.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "port/sim/port.hpp"

namespace lastbyte::test {

// Does something once, in the middle of a worker's turn: at that call of the port.
struct interruption final : port::sim::spectator {
  explicit interruption(std::string_view call) : at(call) {}
  void on_call(std::string_view what, void*, std::uint64_t) override {
    if (what != at || !then) return;
    std::exchange(then, nullptr)();
  }
  void on_return(std::string_view) override {}
  void on_completion(const port::completion&) override {}
  std::string_view at;
  std::function<void()> then;
};

}  // namespace lastbyte::test
