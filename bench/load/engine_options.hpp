// What a run asks of the runtime that drives its connections.
#pragma once

#include <lastbyte/options.hpp>

#include "load/options.hpp"

namespace lastbyte::load {

[[nodiscard]] options engine_options(const load_options& load);

}  // namespace lastbyte::load
