// The value of one option, from text and as text.
#pragma once

#include <string>
#include <string_view>

#include "service/option_table.hpp"

namespace lastbyte::service {

// "--drain-idle", "LASTBYTE_DRAIN_IDLE".
[[nodiscard]] std::string flag_of(const option& which);
[[nodiscard]] std::string environment_name_of(const option& which);

// Puts `typed` into `in`; an endpoint is appended to its list.
// @return the problem and what is accepted, or nothing.
[[nodiscard]] std::string assign(const option& which, settings& in, std::string_view typed);
// Makes room for a value from a source that goes before: empties the list of endpoints.
void clear(const option& which, settings& in);

// As it can be typed again: "5s". A file or a list that is not set is empty.
[[nodiscard]] std::string typed_value(const option& which, const settings& from);
// As it is read: "5 s", or what its 0, or an empty list, means.
[[nodiscard]] std::string readable_value(const option& which, const settings& from);

// What to type behind the flag: "TIME", "text|json".
[[nodiscard]] std::string value_form(const option& which);

}  // namespace lastbyte::service
