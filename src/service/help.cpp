#include "service/help.hpp"

#include "service/option_values.hpp"
#include "text/table.hpp"

namespace lastbyte::service {
namespace {

constexpr std::string_view introduction =
    "lastbyted: a TCP server that never loses the last byte, and can prove it\n"
    "\n"
    "usage: lastbyted [OPTION VALUE]...\n"
    "\n"
    "  lastbyted                                          echo on every IPv4 address, port 27015\n"
    "  lastbyted --listen [::1]:0 --address-file here     a free port, written to the file `here`\n"
    "  lastbyted --protocol chargen --chargen-bytes 8M    send 8 MiB to each client, then finish\n";

constexpr std::string_view closing =
    "\n"
    "Sizes count in powers of 1,024 (64, 4k, 1MiB); times have a unit (500ms, 2s, 1m) or are "
    "seconds.\n"
    "Each option is an environment variable too: --drain-idle is LASTBYTE_DRAIN_IDLE. A flag goes "
    "before\n"
    "the environment.\n"
    "\n"
    "SIGTERM, SIGINT, SIGQUIT and SIGHUP (on Windows: the console's events) end it gracefully:\n"
    "nothing is lost, and the report on stdout says so. A second one ends it at once.\n"
    "Exit codes: 0 everything ended well; 1 it failed, or something was cut; 2 usage or "
    "configuration.\n";

std::string default_of(const option& which, const settings& standard) {
  std::string value = typed_value(which, standard);
  if (std::holds_alternative<index_list>(which.kind)) {
    return " [" + readable_value(which, standard) + "]";
  }
  if (value.empty()) return {};
  const auto* number = std::get_if<quantity>(&which.kind);
  if (number != nullptr && !number->zero.empty()) {
    value += value == "0" ? ": " : "; 0: ";
    value += number->zero;
  }
  return " [" + value + "]";
}

void add_options_of(group in, text::table& rows, const settings& standard) {
  for (const option& each : option_table) {
    if (each.in != in) continue;
    rows.add({"  " + flag_of(each) + ' ' + value_form(each),
              std::string(each.help) + default_of(each, standard)});
  }
}

void add_other_flags(text::table& rows) {
  rows.add({"  --print-config", "print each value and where it came from, and exit"});
  rows.add({"  --service", "run as a service of Windows; its log: %ProgramData%\\lastbyte"});
  rows.add({"  -v, --verbose", "the same as --log-level debug"});
  rows.add({"  -V, --version", "print the version, and exit"});
  rows.add({"  -h, --help", "print this, and exit"});
}

}  // namespace

std::string version_text() { return "lastbyted " LASTBYTE_VERSION "\n"; }

std::string help_text() {
  const settings standard;
  text::table rows({text::align::left, text::align::left}, 0);
  std::string result(introduction);
  // One table for all groups, so that their columns agree.
  for (std::size_t i = 0; i < group_names.size(); ++i) {
    rows.add({});
    rows.add({std::string(group_names.at(i)).append(":")});
    add_options_of(static_cast<group>(i), rows, standard);
  }
  rows.add({});
  rows.add({"other:"});
  add_other_flags(rows);
  return result += rows.text().append(closing);
}

std::string configuration_text(const configuration& from) {
  text::table rows({text::align::left, text::align::left, text::align::left}, 0);
  for (std::size_t i = 0; i < option_table.size(); ++i) {
    const option& each = option_table.at(i);
    std::string value = typed_value(each, from.values);
    if (value.empty()) value = "(none)";
    rows.add({std::string(each.name), value, std::string(to_string(from.sources.at(i)))});
  }
  return rows.text();
}

}  // namespace lastbyte::service
