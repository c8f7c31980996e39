// The simulated port where it uses every freedom that the contract leaves to a port.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "port/sim/port.hpp"
#include "port_list.hpp"

namespace lastbyte::test::sim {

template <class Port>
struct roughly {
  using port = Port;
  static constexpr std::string_view name =
      Port::connections_stay ? "sim-rough" : "sim-shared-rough";
  static auto make_driver(std::uint32_t workers) {
    return std::make_unique<driver<Port>>(workers, lastbyte::port::sim::rough_weather());
  }
};

}  // namespace lastbyte::test::sim
