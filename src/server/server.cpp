#include <lastbyte/server.hpp>

#include <utility>

#include "server/runtime.hpp"

namespace lastbyte {

struct server::implementation {
  std::optional<start_problem> problem;
  std::unique_ptr<engine::runtime> running;
};

server::server(const options& chosen, handler& serving, observer* watching)
    : implementation_(std::make_unique<implementation>()) {
  implementation_->running =
      engine::make_runtime(chosen, serving, watching, implementation_->problem);
}

server::~server() = default;

std::optional<start_problem> server::start() {
  if (implementation_->problem) return implementation_->problem;
  return implementation_->running->start();
}

std::vector<endpoint> server::listening() const {
  return implementation_->running ? implementation_->running->listening() : std::vector<endpoint>{};
}
std::string_view server::io_name() const {
  return implementation_->running ? implementation_->running->io_name() : "none";
}
std::uint32_t server::workers() const {
  return implementation_->running ? implementation_->running->workers() : 0;
}
std::uint32_t server::max_connections() const {
  return implementation_->running ? implementation_->running->max_connections() : 0;
}
void server::quiesce() {
  if (implementation_->running) implementation_->running->quiesce();
}
void server::stop() {
  if (implementation_->running) implementation_->running->stop();
}
server_report server::wait() {
  return implementation_->running ? implementation_->running->wait() : server_report{};
}
server_report server::report() const {
  return implementation_->running ? implementation_->running->report() : server_report{};
}

}  // namespace lastbyte
