#include "load/run.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "load/client_handler.hpp"
#include "load/clock.hpp"
#include "load/engine_options.hpp"
#include "load/notices.hpp"
#include "load/process.hpp"
#include "load/roster.hpp"
#include "load/session.hpp"
#include "load/tally.hpp"

namespace lastbyte::load {
namespace {

// How often the run is looked after. Units: ms.
constexpr std::uint32_t look_every_ms = 20;
// While connections are being opened.
constexpr std::uint32_t look_while_connecting_ms = 1;
// So many connections are asked for before the first of them has been answered.
constexpr std::uint64_t connecting_at_once = 1'000;
// With --churn, sessions that could not connect try again: so many at each look, which is 400 a second.
constexpr std::size_t retries_at_once = 8;
// With --churn: the server is gone if nothing could connect for so long.
constexpr std::uint64_t gone_after_ns = 3'000 * ms_to_ns;
// Handles for everything but connections.
constexpr std::uint64_t spare_handles = 64;

class load_run {
 public:
  load_run(const load_options& options, interrupts& stop, live_line& progress)
      : options_(options),
        stop_(stop),
        progress_(progress),
        sessions_(options.connections, options.pipeline, options.requests),
        roster_(options.connections),
        notices_(options.verbose),
        handler_(options, times_, sessions_, figures_, roster_) {}

  result run() {
    if (start()) {
      connect_all();
      serve();
      say_stop();
      drain();
      end();
    }
    return std::move(result_);
  }

 private:
  // ---- The phases.

  bool start() {
    const std::uint64_t wanted = options_.connections + spare_handles;
    const std::uint64_t allowed = raise_handle_limit(wanted);
    if (allowed < wanted) {
      result_.problem = "-c " + std::to_string(options_.connections) + " needs " +
                        std::to_string(wanted) + " file descriptors and the limit is " +
                        std::to_string(allowed) + "; raise it: ulimit -n " + std::to_string(wanted);
      return false;
    }
    if (options_.server_pid != 0 && !server_cpu_ns()) {
      result_.problem = "--server-pid " + std::to_string(options_.server_pid) +
                        ": there is no such process, or it is not ours to look at; see: ps -e";
      return false;
    }
    std::optional<start_problem> problem;
    engine_ = engine::make_runtime(engine_options(options_), handler_, &notices_, problem);
    if (engine_ != nullptr) problem = engine_->start();
    if (problem) {
      result_.problem = problem->text + (problem->remedy.empty() ? "" : "; " + problem->remedy);
      return false;
    }
    handler_.drive(*engine_);
    result_.io_name = engine_->io_name();
    result_.threads = engine_->workers();
    result_.processors = usable_processors();
    begun_ns_ = now_ns();
    times_.measure_from_ns = begun_ns_ + options_.warm_up_ms * ms_to_ns;
    if (options_.duration_ms != 0) {
      times_.stop_at_ns = times_.measure_from_ns + options_.duration_ms * ms_to_ns;
    }
    return true;
  }

  // Not all at once: the server's accept queue is finite, and what doesn't fit waits for a second.
  void connect_all() {
    for (std::uint64_t i = 0; i < options_.connections; ++i) {
      while (i >= settled() + connecting_at_once) {
        if (!look(look_while_connecting_ms, "connecting")) return give_up_from(i);
      }
      handler_.connect(i);
    }
  }

  void serve() {
    bool was_connected = false;
    while (!is_done() && look(look_every_ms, phase())) {
      if (!was_connected && settled() >= options_.connections) {
        was_connected = true;
        result_.connect_ns = figures_.live().last_opened_ns - begun_ns_;
      }
      retry();
    }
    if (result_.connect_ns == 0 && figures_.live().opened != 0) {
      result_.connect_ns = figures_.live().last_opened_ns - begun_ns_;
    }
  }

  // From here on nothing new is sent; connections that wait for something hear of it too.
  void say_stop() {
    result_.why = reason();
    ended_ns_ = std::min(now_ns(), times_.stop_at_ns.load());
    sample_cpu(now_ns());
    times_.stop_at_ns = ended_ns_;
    if (is_done()) return;
    for (const connection_handle& each : roster_.everyone()) {
      // Refused where the connection has ended already, which is what it shall do.
      (void)(options_.ending == ending_wish::reset ? each.abort() : each.finish());
    }
  }

  void drain() {
    const std::uint64_t until_ns = now_ns() + options_.drain_ms * ms_to_ns;
    while (!is_done() && now_ns() < until_ns) {
      // A second ^C: at once.
      if (stop_.wait(look_every_ms)) break;
      show("ending");
    }
    if (!is_done()) result_.cut_off = figures_.live().open();
  }

  void end() {
    engine_->stop();
    (void)engine_->wait();  // what it reports is what the handler has counted
    for (const std::string& line : notices_.take()) progress_.say(line);
    if (notices_.suppressed() != 0) {
      progress_.say("(" + std::to_string(notices_.suppressed()) + " more such lines left out)");
    }
    progress_.clear();
    collect();
  }

  // ---- Looking after it.

  // Waits a moment and shows how it goes. @return whether the run shall go on.
  bool look(std::uint32_t wait_ms, std::string_view phase) {
    if (stop_.wait(until_next(wait_ms))) {
      was_interrupted_ = true;
      return false;
    }
    const std::uint64_t now = now_ns();
    if (cpu_from_ns_ == 0 && now >= times_.measure_from_ns) {
      cpu_from_ns_ = now;
      cpu_before_ns_ = process_cpu_ns();
      server_cpu_before_ns_ = server_cpu_ns();
    }
    for (const std::string& line : notices_.take()) progress_.say(line);
    show(phase);
    return !times_.is_over(now) && !is_exhausted();
  }

  // At most `most_ms`, but not past a moment at which CPU time is to be read.
  [[nodiscard]] std::uint32_t until_next(std::uint32_t most_ms) const {
    const std::uint64_t now = now_ns();
    const std::uint64_t next_ns =
        now < times_.measure_from_ns ? times_.measure_from_ns : times_.stop_at_ns.load();
    const std::uint64_t left_ms = (next_ns - std::min(next_ns, now)) / ms_to_ns + 1;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(most_ms, left_ms));
  }

  [[nodiscard]] std::optional<std::uint64_t> server_cpu_ns() const {
    if (options_.server_pid == 0) return std::nullopt;
    return process_cpu_ns(options_.server_pid);
  }

  void show(std::string_view phase) {
    progress_.show(options_, {now_ns() - begun_ns_, figures_.live()}, phase);
  }

  [[nodiscard]] std::string_view phase() const {
    return now_ns() < times_.measure_from_ns ? "warming up" : "";
  }

  // With --churn: gives sessions that could not connect another try, at a bounded rate.
  void retry() {
    if (roster_.put_off_count() == 0) return;
    const std::uint64_t last_ns = std::max(figures_.live().last_opened_ns, begun_ns_);
    const std::uint64_t now = now_ns();
    if (now > last_ns + gone_after_ns) {
      times_.stop_at_ns = now;
      was_server_gone_ = true;
      return;
    }
    if (!was_refusal_said_) {
      was_refusal_said_ = true;
      progress_.say("the server refuses connections; trying again for " +
                    std::to_string(gone_after_ns / ms_to_ns / 1'000) + " s");
    }
    for (const std::uint64_t session : roster_.take_put_off(retries_at_once)) {
      handler_.connect(session);
    }
  }

  // Connections of the first round that are open, have ended, or could not be opened.
  [[nodiscard]] std::uint64_t settled() const {
    const live_figures now = figures_.live();
    return now.opened + now.refused;
  }

  // Whether every session has come to its end.
  [[nodiscard]] bool is_done() const {
    const std::uint64_t waiting = times_.is_over(now_ns()) ? roster_.put_off_count() : 0;
    return figures_.live().done + waiting + never_begun_ >= options_.connections;
  }

  // --ending server_first with -n: all is sent and answered, and the server shall finish now. It gets the
  // time of the drain for that.
  [[nodiscard]] bool is_exhausted() {
    if (options_.requests == 0 || options_.ending != ending_wish::server_first) return false;
    if (figures_.live().messages < options_.requests) return false;
    const std::uint64_t now = now_ns();
    if (exhausted_ns_ == 0) exhausted_ns_ = now;
    return now >= exhausted_ns_ + options_.drain_ms * ms_to_ns;
  }

  void give_up_from(std::uint64_t session) { never_begun_ = options_.connections - session; }

  [[nodiscard]] stop_reason reason() const {
    if (was_interrupted_) return stop_reason::interrupted;
    if (was_server_gone_) return stop_reason::server_gone;
    if (options_.requests != 0 && figures_.live().messages >= options_.requests) {
      return stop_reason::requests_done;
    }
    return times_.is_over(now_ns()) ? stop_reason::time_over : stop_reason::server_gone;
  }

  // ---- The result.

  void sample_cpu(std::uint64_t now) {
    if (cpu_from_ns_ == 0) return;
    result_.cpu_wall_ns = now - cpu_from_ns_;
    result_.cpu_ns = process_cpu_ns() - cpu_before_ns_;
    const auto server_now = server_cpu_ns();
    if (server_now && server_cpu_before_ns_) {
      result_.server_cpu_ns = *server_now - *server_cpu_before_ns_;
    }
  }

  void collect() {
    const live_figures figures = figures_.live();
    result_.messages = figures.messages;
    result_.window_messages = figures.window_messages;
    // A run that ended by itself was over with its last message, not when that was noticed.
    const bool is_full = result_.why == stop_reason::time_over;
    const std::uint64_t until_ns =
        is_full ? ended_ns_ : std::min(ended_ns_, figures.last_message_ns);
    result_.window_ns = until_ns - std::min(until_ns, times_.measure_from_ns);
    result_.gave_up = roster_.put_off_count();
    figures_.for_each([&](const tally& each) {
      result_.latency.merge(each.latency);
      result_.bytes.merge(each.bytes);
      if (!result_.first_wrong) result_.first_wrong = each.first_wrong;
      if (result_.connect_error == 0) result_.connect_error = each.connect_error;
    });
  }

  const load_options& options_;
  interrupts& stop_;
  live_line& progress_;
  result result_;

  schedule times_;
  session_table sessions_;
  tallies figures_;
  roster roster_;
  notices notices_;
  client_handler handler_;
  std::unique_ptr<engine::runtime> engine_;  // before all that its threads use

  std::uint64_t begun_ns_ = 0;
  std::uint64_t ended_ns_ = 0;
  std::uint64_t exhausted_ns_ = 0;
  std::uint64_t never_begun_ = 0;
  std::uint64_t cpu_from_ns_ = 0;
  std::uint64_t cpu_before_ns_ = 0;
  std::optional<std::uint64_t> server_cpu_before_ns_;
  bool was_interrupted_ = false;
  bool was_server_gone_ = false;
  bool was_refusal_said_ = false;
};

}  // namespace

result run_load(const load_options& options, interrupts& stop, live_line& progress) {
  return load_run(options, stop, progress).run();
}

}  // namespace lastbyte::load
