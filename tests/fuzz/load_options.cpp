// The command line of lastbyte-load: a run that keeps its own bounds, or text and an exit code.
#include "load/options.hpp"

#include <string>

#include "fuzz/input.hpp"
#include "fuzz/target.hpp"

namespace lastbyte::fuzz {
namespace {

using load::parsed_options;

void check_run(const load::load_options& run) {
  demand(!run.targets.empty(), "a run without a server");
  demand(run.connections >= 1 && run.connections <= load::max_connections, "connections");
  demand(run.threads >= 1 && run.threads <= load::max_threads, "threads");
  demand(run.threads <= run.connections, "a thread without a connection");
  demand(run.duration_ms != 0 || run.requests != 0, "a run without an end");
  demand(run.requests == 0 || run.requests >= run.connections, "a connection without a message");
  demand(run.message_bytes >= 1 && run.message_bytes <= load::max_message_bytes, "message size");
  demand(run.pipeline >= 1 && run.pipeline <= load::max_pipeline, "pipeline");
  demand(std::uint64_t{run.message_bytes} * run.pipeline <= load::max_outstanding_bytes,
         "more outstanding than the bound");
  demand(!run.churn || run.pipeline == 1, "churn with a pipeline");
}

void check_text(const parsed_options& parsed) {
  if (parsed.exit_code == 0) {
    demand(!parsed.out.empty() && parsed.problem.empty(), "help that is no help");
    return;
  }
  demand(parsed.exit_code == 2, "an exit code that is not documented");
  demand(parsed.out.empty(), "a refusal on stdout");
  demand(parsed.problem.starts_with("lastbyte-load: "), "a problem without its sender");
  demand(parsed.problem.ends_with("\nsee lastbyte-load --help\n"), "a problem without advice");
}

}  // namespace

void load_options(std::span<const std::uint8_t> bytes) {
  const parsed_options parsed = load::parse_options(lines_of(bytes));
  if (!parsed.run) return check_text(parsed);
  demand(parsed.exit_code == 0 && parsed.out.empty() && parsed.problem.empty(), "a run, and more");
  check_run(*parsed.run);
}

}  // namespace lastbyte::fuzz
