#include "server/start_problems.hpp"

#include "support/catch.hpp"

using namespace lastbyte;
using port::error;

namespace {

constexpr int any_code = 7;

endpoint somewhere() {
  endpoint where;
  where.address = {127, 0, 0, 1};
  where.tcp_port = 8'080;
  return where;
}

}  // namespace

TEST_CASE("who cannot listen is told where, why, by which code, and what to do") {
  for (const error why :
       {error::in_use, error::denied, error::no_address, error::resources, error::other}) {
    const auto problem = engine::listen_problem(somewhere(), {why, any_code});
    INFO(problem.text);
    CHECK(problem.text.find("127.0.0.1:8080") != std::string::npos);
    CHECK(problem.text.find("error 7") != std::string::npos);
    CHECK_FALSE(problem.remedy.empty());
    const auto other = engine::port_problem("epoll", {why, any_code});
    CHECK(other.text.find("epoll") != std::string::npos);
    CHECK(other.code.value() == any_code);
  }
  const auto threadless =
      engine::thread_problem(3, std::make_error_code(std::errc::resource_unavailable_try_again));
  CHECK(threadless.text.find("worker 3") != std::string::npos);
  CHECK_FALSE(threadless.remedy.empty());
  CHECK(engine::missing_port_problem("iocp", "epoll").remedy.find("epoll") != std::string::npos);
}
