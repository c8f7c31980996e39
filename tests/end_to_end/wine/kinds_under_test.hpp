#pragma once

#include <array>

#include "end_to_end/daemon_kind.hpp"

namespace lastbyte::test {

inline constexpr std::array<daemon_kind, 1> kinds_under_test{{
    {.name = "iocp_wine",
     .io = "iocp",
     .has_witness = false,
     .slowness = 4,
     .half_close_clients = 4,
     .quiesce_clients = 8,
     .crowd_clients = 1'000},
}};

}  // namespace lastbyte::test
