#include "load/program.hpp"

#include <cstdio>
#include <fstream>

#include "load/interrupts.hpp"
#include "load/live_line.hpp"
#include "load/options.hpp"
#include "load/process.hpp"
#include "load/report_json.hpp"
#include "load/report_text.hpp"
#include "load/run.hpp"
#include "load/terminal.hpp"
#include "load/verdict.hpp"

namespace lastbyte::load {
namespace {

void put(std::FILE* to, const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

// A file that can't be written is found before the run, not behind it.
bool can_write(const std::string& path) {
  return path.empty() || path == "-" || std::ofstream(path, std::ios::app).good();
}

bool write_whole(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file.good();
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  const parsed_options parsed = parse_options(arguments);
  put(stdout, parsed.out);
  put(stderr, parsed.problem);
  if (!parsed.run) return parsed.exit_code;
  const load_options& options = *parsed.run;
  const bool is_json_only = options.json_file == "-";
  if (!can_write(options.json_file)) {
    put(stderr,
        "lastbyte-load: cannot write " + options.json_file + "; name another --json FILE\n");
    return 2;
  }

  interrupts stop;
  live_line progress(stderr, is_terminal(stderr));
  const result ended = run_load(options, stop, progress);
  const verdict judged = judge(ended, options);
  if (ended.why == stop_reason::not_started) {
    put(stderr, "lastbyte-load: " + ended.problem + "\n");
    return judged.exit_code;
  }

  const machine_facts machine = describe_machine();
  const std::string text = report_text(ended, judged, options, machine);
  put(is_json_only ? stderr : stdout, text);
  if (options.json_file.empty()) return judged.exit_code;
  const std::string json = report_json(ended, judged, options, machine, arguments);
  if (is_json_only) {
    put(stdout, json);
  } else if (!write_whole(options.json_file, json)) {
    put(stderr, "lastbyte-load: cannot write " + options.json_file + "\n");
    return 1;
  }
  return judged.exit_code;
}

}  // namespace lastbyte::load
