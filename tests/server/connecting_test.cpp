// Connections that a runtime opens itself: which worker gets them.
#include <memory>
#include <optional>
#include <vector>

#include "register_of_opened.hpp"
#include "server/runtime.hpp"
#include "server_test.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

constexpr std::uint64_t called = 1;  // the user word of those that were asked for

// Two workers, which connect to their own listener.
class caller {
 public:
  caller(io_choice io, handler& serving) {
    options chosen;
    chosen.listen = {*parse_endpoint("127.0.0.1:0")};
    chosen.io = io;
    chosen.workers = 2;
    std::optional<start_problem> problem;
    runtime_ = engine::make_runtime(chosen, serving, nullptr, problem);
    REQUIRE(runtime_ != nullptr);
    problem = runtime_->start();
    INFO((problem ? problem->text : ""));
    REQUIRE_FALSE(problem);
  }
  caller(const caller&) = delete;
  caller& operator=(const caller&) = delete;
  ~caller() {
    runtime_->stop();
    (void)runtime_->wait();
  }
  [[nodiscard]] endpoint where() const { return runtime_->listening().at(0); }
  void call() { call(where()); }
  void call(const endpoint& whom) { runtime_->connect(whom, called); }

 private:
  std::unique_ptr<engine::runtime> runtime_;
};

}  // namespace

SERVER_TEST("a connection that a handler asks for lands on the worker that asked") {
  if (!stays_on_its_worker(io)) return skip("any worker may see any connection of this port");
  constexpr std::size_t most_clients = 64;
  register_of_opened askers;
  register_of_opened openers;
  caller* self = nullptr;
  scripted_handler serving;
  serving.receive = [&](connection& from, const buffer& /*unused*/) {
    askers.note(from);
    self->call();
  };
  serving.open = [&](connection& opened) {
    if (opened.user_word() == called) openers.note(opened);
  };
  caller both(io, serving);
  self = &both;
  // Until each of the workers has been asked.
  std::vector<raw_socket> clients;
  while (askers.by_thread().size() < 2) {
    REQUIRE(clients.size() < most_clients);
    clients.push_back(raw_socket::connect(both.where()));
    (void)clients.back().send(std::as_bytes(std::span("x", 1)));
    openers.wait_for(clients.size());
  }
  CHECK(openers.by_thread() == askers.by_thread());
}

SERVER_TEST("connections that another runtime's handler asks for land on each worker in turn") {
  if (!stays_on_its_worker(io)) return skip("any worker may see any connection of this port");
  constexpr std::size_t count = 8;
  register_of_opened openers;
  scripted_handler serving;
  serving.open = [&](connection& opened) {
    if (opened.user_word() == called) openers.note(opened);
  };
  caller both(io, serving);
  scripted_handler asking;
  asking.open = [&](connection& /*unused*/) {
    for (std::size_t i = 0; i < count; ++i) both.call();
  };
  live_server other(io, asking);
  const raw_socket client = other.connect();
  openers.wait_for(count);
  const auto shares = openers.by_thread();
  CHECK(shares.size() == 2);
  for (const auto& [thread, share] : shares) CHECK(share == count / 2);
  (void)other.stop();
}

SERVER_TEST("who asks for a connection that is refused is told why") {
  happening<ending_report> told;
  scripted_handler serving;
  serving.ended = [&told](const ending_report& how) { told.set(how); };
  caller self(io, serving);
  const endpoint nobody = live_server(io, serving).where();  // listens there any more
  self.call(nobody);
  const ending_report how = told.wait();
  CHECK(how.cause == ending::connect_failed);
  CHECK(how.native_error != 0);
}
