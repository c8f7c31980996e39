#include "server/start_problems.hpp"

namespace lastbyte::engine {
namespace {

std::string remedy_for(const endpoint& where, port::error why) {
  switch (why) {
    case port::error::in_use: return "see who has it: " + who_listens_command(where.tcp_port);
    case port::error::denied:
      return "choose a TCP port above 1023, or run with the right to use this one";
    case port::error::no_address: return "choose an address of this machine, or 0.0.0.0 for all";
    case port::error::resources: return "raise the limit of open files: ulimit -n";
    default: return "try another address with --listen";
  }
}

std::string_view cause_for(port::error why) {
  switch (why) {
    case port::error::in_use: return "the address is in use";
    case port::error::denied: return "permission denied";
    case port::error::no_address: return "this machine has no such address";
    case port::error::resources: return "out of handles or memory";
    default: return "the system refused";
  }
}

std::error_code code_of(const port::outcome& why) { return {why.native, std::system_category()}; }

}  // namespace

start_problem listen_problem(const endpoint& where, const port::outcome& why) {
  std::string text = "cannot listen on " + to_string(where) + ": ";
  text += cause_for(why.what);
  text += " (error " + std::to_string(why.native) + ")";
  return {code_of(why), std::move(text), remedy_for(where, why.what)};
}

start_problem port_problem(std::string_view port_name, const port::outcome& why) {
  std::string text = "cannot set up " + std::string(port_name) + ": ";
  text += cause_for(why.what);
  text += " (error " + std::to_string(why.native) + ")";
  return {code_of(why), std::move(text), "raise the limit of open files: ulimit -n"};
}

start_problem thread_problem(std::uint32_t index, std::error_code why) {
  return {
      why,
      "cannot start the thread of worker " + std::to_string(index) + ": " + why.message() +
          " (error " + std::to_string(why.value()) + ")",
      "raise the limit of threads (ulimit -u) or of memory (ulimit -v), or choose fewer workers"};
}

start_problem missing_port_problem(std::string_view wanted, std::string_view available) {
  return {std::make_error_code(std::errc::not_supported),
          "this platform has no " + std::string(wanted),
          "choose one of: " + std::string(available)};
}

}  // namespace lastbyte::engine
