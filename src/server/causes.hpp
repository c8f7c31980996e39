// From what a port reports to why a connection ended: the one place.
#pragma once

#include <lastbyte/ending.hpp>

#include "core/connection.hpp"
#include "port/completion_port.hpp"

namespace lastbyte::engine {

[[nodiscard]] ending cause_of(core::operation failed, port::error why) noexcept;

}  // namespace lastbyte::engine
