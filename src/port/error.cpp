#include <array>

#include "port/completion_port.hpp"

namespace lastbyte::port {
namespace {

constexpr std::array<std::string_view, 11> names{
    "none",      "cancelled", "reset",  "vanished",   "refused", "aborted",
    "resources", "in_use",    "denied", "no_address", "other",
};
static_assert(names.size() == static_cast<std::size_t>(error::other) + 1);

}  // namespace

std::string_view to_string(error which) noexcept { return names[static_cast<std::size_t>(which)]; }

}  // namespace lastbyte::port
