#include "service/log_line.hpp"

#include <nlohmann/json.hpp>
#include <optional>

namespace lastbyte::service {
namespace {

std::string plain(const log_field& field) {
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
    return std::to_string(*number);
  }
  if (const auto* text = std::get_if<std::string>(&field.value)) return *text;
  return "unknown";
}

std::string to_plain_text(const log_line& line) {
  std::string text = line.message;
  for (const log_field& field : line.fields) {
    ((text += ' ') += field.name) += '=';
    text += plain(field);
  }
  return text;
}

std::string to_json(const log_line& line) {
  nlohmann::ordered_json object;
  object["message"] = line.message;
  for (const log_field& field : line.fields) {
    auto& value = object[std::string(field.name)];
    if (const auto* number = std::get_if<std::uint64_t>(&field.value)) value = *number;
    if (const auto* text = std::get_if<std::string>(&field.value)) value = *text;
  }
  // A message may hold bytes of a file name: whatever isn't UTF-8 is replaced, not thrown about.
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return object.dump(-1, ' ', false, replace).substr(1);
}

log_field known_or_not(std::string_view name, std::optional<std::uint64_t> value) {
  if (value) return {name, *value};
  return {name, std::monostate{}};
}

}  // namespace

std::string to_text(const log_line& line, log_format how) {
  return how == log_format::json ? to_json(line) : to_plain_text(line);
}

log_line describe(const ending_report& how) {
  const ledger& bytes = how.bytes;
  log_line line{"connection ended",
                {{"peer", to_string(how.peer)},
                 {"cause", std::string(to_string(how.cause))},
                 {"asked_by", std::string(to_string(how.first_asked))},
                 {"mark", std::string(to_string(how.mark))},
                 {"received", bytes.received},
                 {"delivered", bytes.delivered},
                 {"sent", bytes.sent},
                 known_or_not("acknowledged", bytes.acknowledged),
                 known_or_not("lost_out", bytes.lost_out()),
                 known_or_not("lost_in", bytes.lost_in()),
                 {"unanswered", bytes.unanswered}}};
  if (how.native_error != 0) {
    line.fields.push_back({"native_error", static_cast<std::uint64_t>(how.native_error)});
  }
  return line;
}

}  // namespace lastbyte::service
