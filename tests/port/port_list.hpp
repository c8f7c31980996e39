#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "driver.hpp"

namespace lastbyte::test {

/// A port, and how it is to be built.
template <class Port>
struct plainly {
  using port = Port;
  static constexpr std::string_view name = Port::name;
  static auto make_driver(std::uint32_t workers) { return std::make_unique<driver<Port>>(workers); }
};

template <class... Settings>
struct port_list {};

}  // namespace lastbyte::test
