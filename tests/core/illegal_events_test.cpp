// Every event where the table forbids it, told to a machine in that state. What a handler or a peer could
// bring about is refused and changes nothing; what only a broken port or driver could say breaks a law, which
// ends the process: so each is told in a process of its own.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "block_supply.hpp"
#include "core/connection.hpp"
#include "core/transition_table.hpp"
#include "support/catch.hpp"
#include "support/cell_matrix.hpp"

using namespace lastbyte;
using namespace lastbyte::core;
using lastbyte::test::block_supply;

namespace {

constexpr tick now = 1'000;

enum class answer : int {
  refused,   // and nothing has changed
  law,       // broken: the process is over
  guard,     // can't be said: the send queue of this state is never so
  abort,     // close() before there is a connection is an abort
  impostor,  // it was obeyed
};
constexpr std::array<const char*, 5> answer_names{"refused", "law", "guard", "abort", "OBEYED"};

// A machine in `at`, settled as far as it goes without an answer of the kernel.
class subject {
 public:
  explicit subject(state at)
      : machine(
            at == state::connecting ? connection::origin::connecting : connection::origin::accepted,
            now) {
    settle();
    lead_to(at);
    if (machine.current() != at) std::_Exit(EXIT_FAILURE);
  }

  void settle() {
    while (machine.next(now) != step::nothing) {
    }
  }
  void queue() {
    if (!machine.request_send(supply.make("x"))) std::_Exit(EXIT_FAILURE);
    settle();
  }

  block_supply supply;
  connection machine;

 private:
  void lead_to(state at) {
    if (is_read_ended(at)) machine.on_end_of_stream(proof::proven, now);
    if (at == state::finishing || at == state::flushing || at == state::last_flush) queue();
    if (at == state::finishing || at == state::half_closed) {
      machine.request_finish(intent::application, now);
    }
    if (is_dropping(at) || at == state::last_flush || at == state::confirming) {
      machine.request_close(intent::application, now);
    }
    if (is_ending_fixed(at)) machine.request_abort(intent::application, ending::app_abort, now);
    settle();
    if (at != state::closed) return;
    machine.on_receive_ended();
    settle();
  }
};

// All that a refusal may not change.
std::string view_of(const connection& machine) {
  const ledger& bytes = machine.bytes();
  std::string text;
  for (const auto word : {to_string(machine.current()), to_string(machine.cause()),
                          to_string(machine.first_asked()), to_string(machine.mark())}) {
    text += word;
    text += ' ';
  }
  for (const std::uint64_t count : {bytes.received, bytes.delivered, bytes.discarded,
                                    bytes.unanswered, bytes.queued, bytes.sent}) {
    text += std::to_string(count) + ' ';
  }
  text += machine.is_receive_in_flight() ? 'r' : '-';
  text += machine.is_send_in_flight() ? 's' : '-';
  return text;
}

witness all_acknowledged(const connection& machine) {
  witness said;
  said.known = said.is_closed = true;
  said.acknowledged = machine.bytes().sent + 1;
  return said;
}

// @return false: it can't be said, because its guard does not hold.
bool tell(subject& told, event what) {
  connection& machine = told.machine;
  const bool is_empty = machine.queue().empty();
  limits at_once;
  at_once.ms.fill(1);
  switch (what) {
    case event::connected: machine.on_connected(now); return true;
    case event::received: (void)machine.on_received(1, now); return true;
    case event::end_of_stream: machine.on_end_of_stream(proof::proven, now); return true;
    case event::send_done_queue_empty: machine.on_sent(machine.queue().size(), now); return true;
    case event::send_done_more_queued:
      if (!is_empty) machine.on_sent(0, now);
      return !is_empty;
    case event::request_send: (void)machine.request_send(told.supply.make("x")); return true;
    case event::request_finish_queue_empty:
    case event::request_finish_queued:
      if (is_empty != (what == event::request_finish_queue_empty)) return false;
      machine.request_finish(intent::application, now);
      return true;
    case event::request_close_queue_empty:
    case event::request_close_queued:
      if (is_empty != (what == event::request_close_queue_empty)) return false;
      machine.request_close(intent::application, now);
      return true;
    case event::request_abort:
      machine.request_abort(intent::application, ending::app_abort, now);
      return true;
    case event::operation_failed:
      machine.on_failed(operation::receive, ending::peer_reset, now);
      return true;
    case event::bound_struck:
      machine.on_timer(all_acknowledged(machine), now + 1'000, now + 1'000, at_once);
      machine.check_drain_bytes(now + 1'000, at_once);
      return true;
    case event::confirmed: machine.on_witness(all_acknowledged(machine), now); return true;
    case event::joined: told.settle(); return true;
  }
  return false;
}

answer answer_of(state in, event what) {
  subject told(in);
  const std::string before = view_of(told.machine);
  if (!tell(told, what)) return answer::guard;
  if (view_of(told.machine) == before) return answer::refused;
  const bool is_given_up =
      in == state::connecting && told.machine.cause() == ending::connect_failed;
  return is_given_up ? answer::abort : answer::impostor;
}

// In a process of its own, whose last words are not for the log.
answer ask_child(state in, event what) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(EXIT_FAILURE);
    std::signal(SIGABRT, SIG_DFL);
    ::_exit(16 + static_cast<int>(answer_of(in, what)));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) return answer::law;
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) >= 16);  // else it did not even get to its state
  return static_cast<answer>(WEXITSTATUS(status) - 16);
}

}  // namespace

TEST_CASE(
    "every illegal event is refused and changes nothing, or breaks a law that ends the process") {
  std::array<std::array<answer, event_count>, state_count> answers{};
  for (std::size_t s = 0; s < state_count; ++s) {
    for (std::size_t e = 0; e < event_count; ++e) {
      const auto in = static_cast<state>(s);
      const auto what = static_cast<event>(e);
      if (look_up(in, what).legal) continue;
      INFO(to_string(in) << " × " << to_string(what));
      answers[s][e] = ask_child(in, what);
      CHECK(answers[s][e] != answer::impostor);
    }
  }
  std::printf(
      "how each illegal cell was answered (refused: nothing changed; law: the process ends; "
      "guard: can't be said, the queue is never so):\n");
  test::print_cells([&answers](state in, event what) -> std::string {
    const answer found = answers[static_cast<std::size_t>(in)][static_cast<std::size_t>(what)];
    return look_up(in, what).legal ? "-" : answer_names[static_cast<std::size_t>(found)];
  });
}
