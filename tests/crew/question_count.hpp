// How often a worker looks at its connections: each look asks for what is unread.
#pragma once

#include <cstdint>
#include <string_view>

#include "port/sim/port.hpp"

namespace lastbyte::test {

struct question_count final : port::sim::spectator {
  void on_call(std::string_view what, void* /*unused*/, std::uint64_t /*unused*/) override {
    asked += what == "unread" ? 1 : 0;
  }
  void on_return(std::string_view /*unused*/) override {}
  void on_completion(const port::completion& /*unused*/) override {}
  int asked = 0;
};

}  // namespace lastbyte::test
