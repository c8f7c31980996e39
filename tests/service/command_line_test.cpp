#include "service/command_line.hpp"

#include <set>

#include "service/help.hpp"
#include "service/option_values.hpp"
#include "support.hpp"
#include "support/catch.hpp"

namespace lastbyte::service {
namespace {

using test::read;
using test::variables;

settings settings_of(std::vector<std::string> arguments, variables set = {}) {
  auto result = read(std::move(arguments), std::move(set));
  if (const auto* said = std::get_if<answer>(&result)) FAIL(said->text);
  return std::get<configuration>(result).values;
}

std::string problem_of(std::vector<std::string> arguments, variables set = {}) {
  const auto result = read(std::move(arguments), std::move(set));
  const auto* said = std::get_if<answer>(&result);
  REQUIRE(said != nullptr);
  CHECK(said->exit_code == 2);
  CHECK(said->text.find('\n') == std::string::npos);
  return said->text;
}

std::string text_of(std::vector<std::string> arguments, variables set = {}) {
  const auto result = read(std::move(arguments), std::move(set));
  const auto* said = std::get_if<answer>(&result);
  REQUIRE(said != nullptr);
  CHECK(said->exit_code == 0);
  return said->text;
}

TEST_CASE("without arguments it is the tutorial's server") {
  const settings chosen = settings_of({});
  REQUIRE(chosen.listen.size() == 1);
  CHECK(to_string(chosen.listen.front()) == "0.0.0.0:27015");
  CHECK(chosen.protocol == protocol_choice::echo);
  CHECK(chosen.endings == log_endings::unclean);
}

TEST_CASE("flags set what the table says") {
  const settings chosen = settings_of({"--listen", "[::1]:0", "--listen=127.0.0.1:80", "--protocol",
                                       "chargen", "--chargen-bytes", "8M", "--idle", "1.5s",
                                       "--workers", "3", "--log-format", "json", "--report", "r"});
  REQUIRE(chosen.listen.size() == 2);
  CHECK(to_string(chosen.listen[0]) == "[::1]:0");
  CHECK(to_string(chosen.listen[1]) == "127.0.0.1:80");
  CHECK(chosen.protocol == protocol_choice::chargen);
  CHECK(chosen.chargen_bytes == 8U << 20U);
  CHECK(chosen.idle_ms == 1'500);
  CHECK(chosen.workers == 3);
  CHECK(chosen.format == log_format::json);
  CHECK(chosen.report_file == "r");
}

TEST_CASE("a flag goes before the environment, the environment before the default") {
  const variables set{{"LASTBYTE_IDLE", "7s"},
                      {"LASTBYTE_DRAIN_IDLE", "8s"},
                      {"LASTBYTE_LISTEN", "127.0.0.1:1,[::1]:2"},
                      {"LASTBYTE_CONFIRM", ""}};
  const settings chosen = settings_of({"--idle", "9s"}, set);
  CHECK(chosen.idle_ms == 9'000);
  CHECK(chosen.drain_idle_ms == 8'000);
  CHECK(chosen.confirm_ms == settings().confirm_ms);
  CHECK(chosen.listen.size() == 2);
  CHECK(settings_of({"--listen", "*:5"}, set).listen.size() == 1);
}

TEST_CASE("of a repeated flag the last one counts, -v gives way to --log-level") {
  CHECK(settings_of({"--idle", "1s", "--idle", "2s"}).idle_ms == 2'000);
  CHECK(settings_of({"-v"}, {{"LASTBYTE_LOG_LEVEL", "error"}}).level == log_level::debug);
  CHECK(settings_of({"-v", "--log-level", "warn"}).level == log_level::warn);
}

TEST_CASE("a wrong value is named with its flag and what is accepted") {
  CHECK(problem_of({"--idle", "soon"}) ==
        "lastbyted: --idle: 'soon' is not a number; give a duration such as 500ms, 2s, 1m or 1h");
  CHECK(problem_of({"--idle", "25h"}) ==
        "lastbyted: --idle: '25h' is too large; accepted: 0 to 86400s");
  CHECK(problem_of({"--protocol", "http"}) ==
        "lastbyted: --protocol: 'http' is unknown; accepted: echo, discard, chargen");
  CHECK(problem_of({"--listen", "here"}) ==
        "lastbyted: --listen: 'here' is not HOST:PORT; give an address and a TCP port such as "
        "0.0.0.0:27015, [::1]:27015, localhost:0 or *:27015");
  CHECK(problem_of({"--report", ""}) == "lastbyted: --report: the name is empty; give a file name");
  CHECK(problem_of({}, {{"LASTBYTE_WORKERS", "many"}}) ==
        "lastbyted: LASTBYTE_WORKERS: 'many' is not a number; give a number such as 64, 10k or 1M");
}

TEST_CASE("a port that this platform lacks is refused, and those that exist are named") {
  const bool has_iocp = is_available_io(static_cast<std::size_t>(io_choice::iocp));
  CHECK(problem_of({"--io", has_iocp ? "epoll" : "iocp"}) ==
        (has_iocp ? "lastbyted: --io: 'epoll' does not exist on this platform; accepted: auto, iocp"
                  : "lastbyted: --io: 'iocp' does not exist on this platform; accepted: auto, "
                    "uring, epoll, epoll-shared"));
  CHECK(settings_of({"--io", "auto"}).io == io_choice::automatic);
}

TEST_CASE("a wrong flag is answered by the nearest one") {
  CHECK(problem_of({"--drain-idel", "5s"}) ==
        "lastbyted: the option --drain-idel is unknown; did you mean --drain-idle? all of them: "
        "lastbyted --help");
  CHECK(problem_of({"--idel"}).find("did you mean --idle?") != std::string::npos);
  CHECK(problem_of({"--xyzzy=3"}) ==
        "lastbyted: the option --xyzzy is unknown; all of them: lastbyted --help");
  CHECK(problem_of({"-x"}) == "lastbyted: the option -x is unknown; all of them: lastbyted --help");
  CHECK(problem_of({"27015"}) ==
        "lastbyted: '27015' stands alone; every value follows an option: lastbyted --help");
  CHECK(problem_of({"--listen", "*:1", "*:2"}).find("'*:2' stands alone") != std::string::npos);
}

TEST_CASE("a flag without its value is named") {
  CHECK(problem_of({"--idle"}) ==
        "lastbyted: the option --idle needs one value behind it: lastbyted --help");
  CHECK(problem_of({"--idle", "--help"}).find("--idle") != std::string::npos);
}

TEST_CASE("CPUs are a list, from the flag or from the environment") {
  CHECK(settings_of({}).cpus.empty());
  const std::vector<std::uint32_t> expected{0, 2, 4, 5, 6, 7};
  const settings chosen = settings_of({"--cpus", "0,2,4-7"});
  CHECK(chosen.cpus == expected);
  CHECK(chosen.workers == 0);
  CHECK(settings_of({}, {{"LASTBYTE_CPUS", "0,2,4-7"}}).cpus == expected);
  CHECK(settings_of({"--cpus", "1"}, {{"LASTBYTE_CPUS", "0,2"}}).cpus.size() == 1);
  CHECK(text_of({"--cpus", "0,2,4-7", "--print-config"}).find("0,2,4-7") != std::string::npos);
}

TEST_CASE("a list of CPUs that can't be meant is refused") {
  CHECK(problem_of({"--cpus", "0,x"}) ==
        "lastbyted: --cpus: 'x' is no number and no range of them; give a list such as 0,2,4-7, of "
        "numbers up to 65535");
  CHECK(problem_of({"--cpus", "0,0"}).find("--cpus: '0' stands there twice") != std::string::npos);
  CHECK(
      problem_of({"--cpus", "0-2", "--workers", "4"}) ==
      "lastbyted: --workers 4 is more than the CPUs of --cpus 0-2; name a CPU for each worker, or "
      "choose fewer workers");
  CHECK(settings_of({"--cpus", "0-2", "--workers", "2"}).workers == 2);
}

TEST_CASE("values that contradict each other are refused") {
  CHECK(problem_of({"--low-mark", "1M"}) ==
        "lastbyted: --low-mark 1MiB is not below --high-mark 256KiB; give a lower --low-mark or a "
        "higher --high-mark");
  CHECK(problem_of({"--quiesce-hard", "1s"}).find("--quiesce-cap 10s is later") !=
        std::string::npos);
}

TEST_CASE("help names every option with its default") {
  const std::string help = text_of({"--help"});
  CHECK(text_of({"-h"}) == help);
  for (const option& each : option_table) {
    INFO(each.name);
    CHECK(help.find("  --" + std::string(each.name) + ' ') != std::string::npos);
  }
  CHECK(help.find("[300s; 0: no deadline]") != std::string::npos);
  CHECK(help.find("[0.0.0.0:27015]") != std::string::npos);
  CHECK(help.find("0,2,4-7 [wherever the system puts them]") != std::string::npos);
}

TEST_CASE("help goes before a wrong value, version before serving") {
  CHECK_FALSE(text_of({"--idle", "soon", "--help"}).empty());
  CHECK(text_of({"--version"}).starts_with("lastbyted "));
  CHECK(text_of({"-V"}) == version_text());
}

TEST_CASE("print-config shows each value and where it came from") {
  const std::string text = text_of({"--print-config", "--idle", "9s"}, {{"LASTBYTE_WORKERS", "2"}});
  CHECK(text.find("idle              9s ") != std::string::npos);
  CHECK(text.find("flag\n") != std::string::npos);
  CHECK(text.find("environment\n") != std::string::npos);
  CHECK(text.find("default\n") != std::string::npos);
}

TEST_CASE("every option's text is read back as the same value") {
  const settings standard;
  for (const option& each : option_table) {
    const std::string typed = typed_value(each, standard);
    INFO(each.name);
    CHECK((std::holds_alternative<words>(each.kind) || !readable_value(each, standard).empty()));
    if (typed.empty()) continue;  // a file or a list that is not set
    settings again;
    clear(each, again);
    CHECK(assign(each, again, typed).empty());
    CHECK(typed_value(each, again) == typed);
  }
}

TEST_CASE("names in the table are unique, and so are the environment's") {
  std::set<std::string> names;
  for (const option& each : option_table) names.insert(environment_name_of(each));
  CHECK(names.size() == option_table.size());
  CHECK(names.count("LASTBYTE_DRAIN_IDLE") == 1);
}

}  // namespace
}  // namespace lastbyte::service
