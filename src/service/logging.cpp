#include "service/logging.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>

#include <array>
#include <iostream>

namespace lastbyte::service {
namespace {

constexpr std::size_t queue_lines = 4'096;
constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%e%z %l: %v";
// log_line's JSON is the rest of this object.
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v)";

constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                            spdlog::level::err};

spdlog::level::level_enum spdlog_level(log_level level) {
  return levels.at(static_cast<std::size_t>(level));
}

}  // namespace

struct logger::backend {
  // clog and not cerr, which others write to from their own threads.
  std::shared_ptr<spdlog::sinks::ostream_sink_mt> sink =
      std::make_shared<spdlog::sinks::ostream_sink_mt>(std::clog, true);
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  std::shared_ptr<spdlog::async_logger> out = std::make_shared<spdlog::async_logger>(
      "lastbyted", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
};

logger::logger(log_level least, log_format how)
    : least_(least), format_(how), backend_(std::make_unique<backend>()) {
  backend_->out->set_level(spdlog_level(least));
  // A stream makes each platform's end of a line by itself.
  backend_->out->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      how == log_format::json ? json_pattern : text_pattern, spdlog::pattern_time_type::utc, "\n"));
}

// The pool joins its thread once that has written all; what is left to say then goes to the sink itself.
logger::~logger() {
  const std::size_t overruns = backend_->pool->overrun_counter();
  backend_->out.reset();
  backend_->pool.reset();
  if (overruns == 0) return;
  const log_line line{"log lines gave way because stderr was too slow",
                      {{"lines", std::uint64_t{overruns}}}};
  spdlog::logger last("lastbyted", backend_->sink);
  last.warn("{}", to_text(line, format_));
}

void logger::say(log_level level, const log_line& line) {
  if (wants(level)) backend_->out->log(spdlog_level(level), "{}", to_text(line, format_));
}

}  // namespace lastbyte::service
