#include "service/option_values.hpp"

#include <algorithm>
#include <cctype>

#include "text/index_list.hpp"

namespace lastbyte::service {
namespace {

template <class... Functions>
struct overloaded : Functions... {
  using Functions::operator()...;
};

std::string available_names(const choice& of, std::string_view between) {
  std::string names;
  for (std::size_t i = 0; i < of.names.size(); ++i) {
    if (!of.is_available(i)) continue;
    if (!names.empty()) names += between;
    names += of.names[i];
  }
  return names;
}

std::uint64_t number_in(const quantity& of, const settings& from) {
  return std::visit([&](auto member) -> std::uint64_t { return from.*member; }, of.member);
}

std::string assign_quantity(const quantity& of, settings& in, std::string_view typed) {
  text::reading read = text::parse_quantity(typed, of.of, of.accepted);
  if (!read.value) return std::move(read.problem);
  std::visit(
      [&](auto member) {
        using integer = std::remove_reference_t<decltype(in.*member)>;
        in.*member = static_cast<integer>(*read.value);  // within of.accepted
      },
      of.member);
  return {};
}

std::string assign_choice(const choice& of, settings& in, std::string_view typed) {
  const auto found = std::ranges::find(of.names, typed);
  const auto index = static_cast<std::size_t>(found - of.names.begin());
  if (found != of.names.end() && of.is_available(index)) {
    of.set(in, index);
    return {};
  }
  std::string problem("'");
  problem += typed;
  problem += found == of.names.end() ? "' is unknown" : "' does not exist on this platform";
  return problem += "; accepted: " + available_names(of, ", ");
}

std::string assign_words(const words& of, settings& in, std::string_view typed) {
  if (typed.empty()) return "the name is empty; give a file name";
  in.*of.member = typed;
  return {};
}

std::string append_endpoint(const endpoints& of, settings& in, std::string_view typed) {
  const auto read = parse_endpoint(typed);
  if (!read) {
    std::string problem("'");
    problem += typed;
    return problem +=
           "' is not HOST:PORT; give an address and a TCP port such as 0.0.0.0:27015, [::1]:27015, "
           "localhost:0 or *:27015";
  }
  (in.*of.member).push_back(*read);
  return {};
}

std::string assign_index_list(const index_list& of, settings& in, std::string_view typed) {
  text::index_list_reading read = text::parse_index_list(typed);
  if (!read.value) return std::move(read.problem);
  in.*of.member = std::move(*read.value);
  return {};
}

std::string joined(const std::vector<endpoint>& all) {
  std::string text;
  for (const endpoint& each : all) {
    if (!text.empty()) text += ',';
    text += to_string(each);
  }
  return text;
}

}  // namespace

std::string flag_of(const option& which) { return std::string("--").append(which.name); }

std::string environment_name_of(const option& which) {
  std::string name("LASTBYTE_");
  for (const char c : which.name) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string assign(const option& which, settings& in, std::string_view typed) {
  return std::visit(overloaded{
                        [&](const quantity& of) { return assign_quantity(of, in, typed); },
                        [&](const choice& of) { return assign_choice(of, in, typed); },
                        [&](const words& of) { return assign_words(of, in, typed); },
                        [&](const endpoints& of) { return append_endpoint(of, in, typed); },
                        [&](const index_list& of) { return assign_index_list(of, in, typed); },
                    },
                    which.kind);
}

void clear(const option& which, settings& in) {
  if (const auto* list = std::get_if<endpoints>(&which.kind)) (in.*list->member).clear();
}

std::string typed_value(const option& which, const settings& from) {
  return std::visit(overloaded{
                        [&](const quantity& of) { return text::exact(number_in(of, from), of.of); },
                        [&](const choice& of) { return std::string(of.names[of.get(from)]); },
                        [&](const words& of) { return from.*of.member; },
                        [&](const endpoints& of) { return joined(from.*of.member); },
                        [&](const index_list& of) { return text::to_index_list(from.*of.member); },
                    },
                    which.kind);
}

std::string readable_value(const option& which, const settings& from) {
  const auto* list = std::get_if<index_list>(&which.kind);
  if (list != nullptr && (from.*list->member).empty()) return std::string(list->none);
  const auto* number = std::get_if<quantity>(&which.kind);
  if (number == nullptr) return typed_value(which, from);
  const std::uint64_t value = number_in(*number, from);
  if (value == 0 && !number->zero.empty()) return std::string(number->zero);
  return text::readable(value, number->of);
}

std::string value_form(const option& which) {
  const auto* names = std::get_if<choice>(&which.kind);
  return names == nullptr ? std::string(which.value) : available_names(*names, "|");
}

}  // namespace lastbyte::service
