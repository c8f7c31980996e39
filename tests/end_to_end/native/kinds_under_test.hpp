#pragma once

#include <array>

#include "end_to_end/daemon_kind.hpp"

namespace lastbyte::test {

inline constexpr std::array<daemon_kind, 3> kinds_under_test{{
    {.name = "epoll",
     .io = "epoll",
     .slowness = is_sanitized ? 4 : 1,
     .crowd_clients = is_sanitized ? 1'000 : 5'000},
    {.name = "uring",
     .io = "uring",
     .slowness = is_sanitized ? 4 : 1,
     .crowd_clients = is_sanitized ? 1'000 : 5'000},
    {.name = "epoll-shared", .io = "epoll-shared", .slowness = is_sanitized ? 4 : 1},
}};

}  // namespace lastbyte::test
