#include "load/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "text/index_list.hpp"
#include "text/quantity.hpp"
#include "text/table.hpp"

namespace lastbyte::load {
namespace {

using text::range;
using text::unit;

constexpr std::uint32_t default_timeout_ms = 30'000;
constexpr std::uint64_t day_ms = 86'400'000;

constexpr std::array<std::pair<std::string_view, ending_wish>, 3> endings{{
    {"client_first", ending_wish::client_first},
    {"server_first", ending_wish::server_first},
    {"reset", ending_wish::reset},
}};

constexpr std::array<std::pair<std::string_view, io_choice>, 5> io_choices{{
    {"auto", io_choice::automatic},
    {"uring", io_choice::uring},
    {"epoll", io_choice::epoll},
    {"epoll-shared", io_choice::epoll_shared},
    {"iocp", io_choice::iocp},
}};

constexpr std::string_view usage =
    "Usage: lastbyte-load HOST:PORT... [options]\n"
    "Loads an echo server, verifies every byte that comes back, and accounts for those that "
    "don't.\n"
    "HOST is an IPv4 address, an IPv6 address in brackets, or localhost; of several addresses of a "
    "server,\n"
    "connections go to each in turn.\n\n";

std::string footer() {
  return "\nSizes take k, M, G (powers of 1,024), counts k, M (powers of 1,000), times ms, s, m, "
         "h.\n"
         "Latency is the time from sending a message to receiving its last byte (with --churn: "
         "from\n"
         "connecting); the clock is read once for each batch of bytes received.\n"
         "Exit codes: 0 all is well; 1 something failed: bytes lost or wrong, connections that "
         "ended\n"
         "badly, no server; 2 wrong usage; 99 a threshold of --fail-on was missed; 130 "
         "interrupted.\n";
}

// Flags in one column, what they do in the other; a description has its line breaks in it.
std::string help_of(const CLI::App& app) {
  text::table columns({text::align::left, text::align::left});
  for (const CLI::Option* each : app.get_options()) {
    if (each->get_positional()) continue;
    std::string name = each->get_name(false, true);
    if (const auto comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
    if (!each->get_type_name().empty()) name += " " + each->get_type_name();
    std::string rest = each->get_description();
    if (!each->get_default_str().empty()) rest += " (" + each->get_default_str() + ")";
    for (std::size_t end = 0; end != std::string::npos; name.clear()) {
      end = rest.find('\n');
      columns.add({name, rest.substr(0, end)});
      if (end != std::string::npos) rest.erase(0, end + 1);
    }
  }
  return std::string(usage) + columns.text() + footer();
}

template <class Value, std::size_t Count>
std::string names_of(const std::array<std::pair<std::string_view, Value>, Count>& known) {
  std::string names;
  for (const auto& each : known) names.append(names.empty() ? "" : "|").append(each.first);
  return names;
}

// Adds the flags, writing into `into_`. What they say about each other is checked after parsing.
class command_line {
 public:
  explicit command_line(load_options& into) : into_(into) {
    app_.set_help_flag("-h,--help", "this text");
    app_.set_version_flag("-V,--version", "lastbyte-load " LASTBYTE_VERSION, "the version");
    add_target();
    add_amounts();
    add_manner();
    add_output();
  }

  parsed_options parse(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
      return {std::nullopt, 0, help_of(app_), {}};
    } catch (const CLI::CallForVersion& version) {
      return {std::nullopt, 0, version.what() + std::string("\n"), {}};
    } catch (const CLI::ParseError& wrong) {
      return refusal(wrong.what());
    }
    complete();
    const std::string problem = contradiction();
    if (!problem.empty()) return refusal(problem);
    return {into_, 0, {}, {}};
  }

 private:
  static parsed_options refusal(const std::string& why) {
    return {std::nullopt, 2, {}, "lastbyte-load: " + why + "\nsee lastbyte-load --help\n"};
  }

  template <class Number>
  CLI::Option* quantity(const std::string& names, Number& into, unit of, range accepted,
                        const std::string& help, const std::string& type) {
    const std::string name = names.substr(names.rfind(',') + 1);
    auto* option = app_.add_option_function<std::string>(
        names,
        [&into, of, accepted, name](const std::string& typed) {
          const auto read = text::parse_quantity(typed, of, accepted);
          if (!read.value) throw CLI::ValidationError(name, read.problem);
          into = static_cast<Number>(*read.value);
        },
        help);
    option->type_name(type);
    if (into != 0) option->default_str(text::exact(into, of));
    return option;
  }

  template <class Value, std::size_t Count>
  void choice(const std::string& name, Value& into,
              const std::array<std::pair<std::string_view, Value>, Count>& known,
              const std::string& help) {
    auto* option = app_.add_option_function<std::string>(
        name,
        [&into, &known, name](const std::string& typed) {
          const auto* found =
              std::ranges::find(known, typed, [](const auto& each) { return each.first; });
          if (found == known.end()) {
            throw CLI::ValidationError(name, "'" + typed + "' is none of " + names_of(known));
          }
          into = found->second;
        },
        help);
    option->type_name("HOW");
    option->default_str(std::string(known.front().first));
  }

  void add_target() {
    using words = std::vector<std::string>;
    app_.add_option_function<words>("target", [this](const words& typed) {
      for (const std::string& each : typed) {
        const auto where = parse_endpoint(each);
        if (!where || where->tcp_port == 0) {
          throw CLI::ValidationError("HOST:PORT",
                                     "'" + each +
                                         "' is no address to connect to; give 127.0.0.1:27015, "
                                         "[::1]:27015 or localhost:27015");
        }
        into_.targets.push_back(*where);
      }
    });
  }

  void add_amounts() {
    quantity("-c,--connections", into_.connections, unit::count, {1, max_connections},
             "connections at once", "N");
    threads_ = quantity("-t,--threads", into_.threads, unit::count, {1, max_threads},
                        "threads; with --cpus: one for each", "N");
    app_.add_option_function<std::string>(
            "--cpus",
            [this](const std::string& typed) {
              auto read = text::parse_index_list(typed);
              if (!read.value) throw CLI::ValidationError("--cpus", read.problem);
              into_.cpus = std::move(*read.value);
            },
            "keeps each thread on a CPU of its own, in this order: 0,2,4-7")
        ->type_name("LIST");
    duration_ = quantity("-d,--duration", into_.duration_ms, unit::milliseconds, {1, 365 * day_ms},
                         "time to run, behind the warm-up", "TIME");
    requests_ = quantity("-n,--requests", into_.requests, unit::count, {1, UINT64_MAX},
                         "messages in all, spread evenly over the connections;\n"
                         "without -d the run ends when they are done",
                         "N");
    quantity("-s,--size", into_.message_bytes, unit::bytes, {1, max_message_bytes},
             "size of a message", "SIZE");
    quantity("-P,--pipeline", into_.pipeline, unit::count, {1, max_pipeline},
             "messages outstanding on each connection", "N");
    quantity("-w,--warm-up", into_.warm_up_ms, unit::milliseconds, {0, day_ms},
             "time before measuring begins; its bytes are verified all the same", "TIME");
  }

  void add_manner() {
    choice("--ending", into_.ending, endings,
           "client_first: finish behind the last message, read to the server's end;\n"
           "server_first: go on until the server finishes; reset: on purpose");
    app_.add_flag("--churn", into_.churn, "a connection for each message");
    quantity("--drain", into_.drain_ms, unit::milliseconds, {1, day_ms},
             "behind the end: time that the server has to finish", "TIME");
    timeout_ = quantity("--timeout", into_.timeout_ms, unit::milliseconds, {0, day_ms},
                        "ends a connection on which nothing moves for so long; 0: never\n"
                        "(30s without -d, otherwise 0)",
                        "TIME");
    choice("--io", into_.io, io_choices, "which completion port: " + names_of(io_choices));
    quantity("--server-pid", into_.server_pid, unit::count, {1, UINT32_MAX},
             "also measures the CPU time of that process, on this machine", "PID");
  }

  void add_output() {
    app_.add_option("--json", into_.json_file, "writes everything there as JSON; -: to stdout")
        ->type_name("FILE");
    app_.add_option_function<std::string>(
            "--fail-on",
            [this](const std::string& typed) {
              auto parsed = parse_thresholds(typed);
              if (!parsed.problem.empty()) {
                throw CLI::ValidationError("--fail-on", parsed.problem);
              }
              into_.fail_on = std::move(parsed.all);
            },
            "what must hold, such as 'p99<5ms,lost=0'; known:\n" + known_measures())
        ->type_name("LIST");
    app_.add_flag("-v,--verbose", into_.verbose, "a line for each connection that ends badly");
  }

  // What follows from flags that were not given.
  void complete() {
    if (threads_->count() == 0 && !into_.cpus.empty()) {
      into_.threads = static_cast<std::uint32_t>(into_.cpus.size());
    }
    if (requests_->count() != 0 && duration_->count() == 0) into_.duration_ms = 0;
    if (timeout_->count() == 0 && into_.duration_ms == 0) into_.timeout_ms = default_timeout_ms;
  }

  // @return what is wrong with the flags together; empty: nothing.
  [[nodiscard]] std::string contradiction() const {
    if (into_.targets.empty()) return "HOST:PORT is missing: which server shall be loaded?";
    if (into_.threads > into_.connections) {
      return "-t " + std::to_string(into_.threads) + " is more than -c " +
             std::to_string(into_.connections) + ": a thread needs at least one connection";
    }
    if (!into_.cpus.empty() && into_.threads > into_.cpus.size()) {
      return "-t " + std::to_string(into_.threads) + " is more than the CPUs of --cpus " +
             text::to_index_list(into_.cpus) + ": a thread needs one of its own";
    }
    if (into_.requests != 0 && into_.requests < into_.connections) {
      return "-n " + std::to_string(into_.requests) + " is less than -c " +
             std::to_string(into_.connections) + ": a connection needs at least one message";
    }
    if (into_.churn && into_.pipeline > 1) {
      return "--churn sends one message on a connection: -P means nothing with it";
    }
    if (std::uint64_t{into_.pipeline} * into_.message_bytes > max_outstanding_bytes) {
      return "-P times -s is more than " + text::exact(max_outstanding_bytes, unit::bytes) +
             " outstanding on a connection";
    }
    return {};
  }

  CLI::App app_;
  load_options& into_;
  CLI::Option* threads_ = nullptr;
  CLI::Option* requests_ = nullptr;
  CLI::Option* duration_ = nullptr;
  CLI::Option* timeout_ = nullptr;
};

}  // namespace

std::string_view to_string(ending_wish wish) noexcept {
  for (const auto& each : endings) {
    if (each.second == wish) return each.first;
  }
  return "unknown";
}

std::string to_string(const std::vector<endpoint>& targets) {
  if (targets.empty()) return "nowhere";
  std::string text = to_string(targets.front());
  if (targets.size() > 1) text += " and " + std::to_string(targets.size() - 1) + " more";
  return text;
}

parsed_options parse_options(const std::vector<std::string>& arguments) {
  load_options options;
  return command_line(options).parse(arguments);
}

}  // namespace lastbyte::load
