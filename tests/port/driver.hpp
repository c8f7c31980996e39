// Drives a port as a server would, and fails loudly when it breaks the contract.
//
// A test is a script on its own thread, which is worker 0; a completion that it waits for arrives while it
// waits in until(). Rules are checked at every completion (journal.hpp) and at the end: everything
// submitted has completed, nothing completes afterwards, and every block is back in its pool.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "actors.hpp"
#include "crew.hpp"
#include "own_thread.hpp"
#include "peers.hpp"
#include "support/catch.hpp"

namespace lastbyte::test {

inline constexpr std::chrono::milliseconds patience{20'000};

inline endpoint loopback() {
  endpoint where;
  where.address = {127, 0, 0, 1};
  return where;
}

template <class Port>
class driver {
 public:
  using worker = typename Port::worker;
  using connection = test::connection<worker>;
  using listener = test::listener<worker>;
  struct pair {
    connection& client;
    connection& server;
  };
  using raw_socket = typename peers<Port>::socket;
  struct raw_pair {
    raw_socket raw;
    connection& ours;
  };

  /// @param for_port: what the port wants to know beside the number of workers.
  template <class... PortArguments>
  explicit driver(std::uint32_t workers, const PortArguments&... for_port)
      : crew_(workers, [this](const port::completion& done) { handle(done); }, for_port...) {}

  Port& port() { return crew_.port(); }
  /// Worker 0.
  worker& io() { return crew_.mine(); }
  port::buffer_pool& pool() { return crew_.my_pool(); }
  verdict& rules() { return rules_; }
  [[nodiscard]] std::uint32_t workers() const { return crew_.size(); }

  /// Runs `what` at worker `index`, or where connections don't stay at any.
  void post(std::uint32_t index, std::function<void()> what) { crew_.post(index, std::move(what)); }

  // ---- Time.

  /// Pumps until `done()`, or fails the test.
  template <class Predicate>
  void until(std::string_view what, Predicate done) {
    const bool has_come = reaches([&] { return !rules_.is_clean() || done(); }, patience);
    if (!has_come) FAIL("gave up waiting: " << what << "\n" << dump());
    if (!rules_.is_clean()) FAIL("while waiting: " << what << "\n" << dump());
  }
  /// Pumps for so long, to show that something does not happen.
  void pump_for(std::chrono::milliseconds span) {
    (void)reaches([] { return false; }, span);
  }
  /// Pumps while `blocking` runs on a thread of its own. @return its result.
  template <class Blocking>
  auto meanwhile(std::string_view what, Blocking blocking) {
    decltype(blocking()) result{};
    own_thread running([&] { result = blocking(); });
    until(what, [&] { return running.has_ended(); });
    running.join();
    return result;
  }
  /// Pumps until `of` has a send in flight that gets no further: the path is full.
  void until_full(connection& of) {
    until("the path is full", [&, before = endless]() mutable {
      const account now = seen(of);
      const bool is_stuck = now.is_sending && now.sent == before;
      before = now.sent;
      if (!is_stuck) pump_for(std::chrono::milliseconds(100));
      return is_stuck;
    });
  }

  // ---- Connections.

  listener& listen(const endpoint& where = loopback(), const port::listen_options& how = {}) {
    listener& made = keep(listeners_);
    const port::outcome result = io().listen(made.socket, where, how, static_cast<actor*>(&made));
    INFO("listening: " << port::to_string(result.what) << " " << result.native);
    REQUIRE(!result.failed());
    made.is_open = true;
    made.where = io().local(made.socket);
    return made;
  }
  listener& accepting() {
    listener& made = listen();
    accept(made);
    return made;
  }
  void accept(listener& on) {
    const std::scoped_lock lock(on.mutex);
    on.result = {};
    on.is_accepting = on.keeps_accepting = true;
    on.may_be_cancelled = on.is_finishing = false;
    io().submit_accept(on.socket);
  }
  void cancel_accept(listener& on) {
    const std::scoped_lock lock(on.mutex);
    on.may_be_cancelled = true;
    on.keeps_accepting = false;
    io().cancel_accept(on.socket);
  }
  /// Only when no accept is in flight.
  void close(listener& joined) {
    const std::scoped_lock lock(joined.mutex);
    joined.is_open = false;
    io().close(joined.socket);
    joined.socket.end();
  }
  void finish_accept(listener& on) {
    const std::scoped_lock lock(on.mutex);
    on.may_be_cancelled = on.is_finishing = true;
    io().finish_accept(on.socket);
  }

  connection& add() { return keep(connections_); }
  /// Without waiting for it.
  connection& connect(const endpoint& where, std::uint32_t home = 0) {
    connection& made = add();
    connect(made, where, home);
    return made;
  }
  void connect(connection& with, const endpoint& where, std::uint32_t home = 0) {
    with.home = home;
    with.socket.begin();
    with.seen.begin();
    with.seen.connect_submitted();
    with.is_open = true;
    at_home(with, [this, where](connection& at) {
      io().submit_connect(at.socket, where, static_cast<actor*>(&at));
    });
  }
  /// Makes an accepted socket the calling worker's.
  void adopt(connection& into, const port::accepted_socket& accepted) {
    const std::scoped_lock lock(into.mutex);
    into.seen.begin();
    into.home = this_worker;
    into.socket.begin();
    const auto result = io().adopt(into.socket, accepted, static_cast<actor*>(&into));
    into.is_open = !result.failed();
    if (result.failed()) rules_.broke("an accepted socket could not be adopted");
  }

  // ---- Peers without any of our code.

  raw_socket raw_connect(const endpoint& where) { return peers<Port>(port()).connect(where); }
  raw_socket raw_listen(const endpoint& where) { return peers<Port>(port()).listen(where); }
  /// @return nothing if there was no answer for so long.
  std::optional<raw_socket> raw_try_connect(const endpoint& where,
                                            std::chrono::milliseconds limit) {
    return peers<Port>(port()).try_connect(where, limit);
  }
  /// Takes the error that waits in a socket, as a pending send may do: no trace is left of it.
  /// Only where `forgets_taken_errors`.
  bool take_error(std::uintptr_t native) { return peers<Port>(port()).take_error(native); }

  /// Two sockets of this port, connected with each other.
  pair connect_pair() {
    listener& on = shared_listener();
    const std::size_t before = adopted(on).size();
    connection& client = connect(on.where);
    until("a pair is connected", [&] {
      return seen(client).connect_completions == 1 && adopted(on).size() == before + 1;
    });
    REQUIRE(!seen(client).connect_result.failed());
    return {client, *adopted(on).back()};
  }
  /// A plain socket, connected with one of this port.
  raw_pair connect_raw() {
    listener& on = shared_listener();
    const std::size_t before = adopted(on).size();
    raw_socket raw = raw_connect(on.where);
    until("a plain socket is accepted", [&] { return adopted(on).size() == before + 1; });
    return {std::move(raw), *adopted(on).back()};
  }
  std::vector<connection*> adopted(listener& on) {
    const std::scoped_lock lock(on.mutex);
    return on.adopted;
  }
  std::uint32_t accepted(listener& on) {
    const std::scoped_lock lock(on.mutex);
    return on.accepted;
  }
  bool is_accepting(listener& on) {
    const std::scoped_lock lock(on.mutex);
    return on.is_accepting;
  }

  // ---- Operations: each runs at the connection's worker.

  /// Where in the pattern the stream that `on` receives begins; 0 unless told.
  void expect_from(connection& on, std::uint64_t position) {
    const std::scoped_lock lock(on.mutex);
    on.seen.begin(position);
  }
  account seen(connection& of) {
    const std::scoped_lock lock(of.mutex);
    return of.seen.numbers();
  }
  void receive(connection& on) {
    at_home(on, [this](connection& at) { submit_receive(at); });
  }
  /// Receives on and on.
  void keep_receiving(connection& on) {
    at_home(on, [this](connection& at) {
      at.keeps_receiving = true;
      submit_receive(at);
    });
  }
  void pause_receive(connection& on) {
    at_home(on, [this](connection& at) {
      at.keeps_receiving = false;
      at.seen.receive_stop_requested();
      io().pause_receive(at.socket);
    });
  }
  void cancel_receive(connection& on) {
    at_home(on, [this](connection& at) {
      at.keeps_receiving = false;
      at.seen.receive_stop_requested();
      io().cancel_receive(at.socket);
    });
  }
  void cancel_send(connection& on) {
    at_home(on, [this](connection& at) {
      at.out.goal = at.seen.sent;
      at.seen.send_stop_requested();
      io().cancel_send(at.socket);
    });
  }
  /// One send, whatever becomes of it. Its bytes are not counted as part of push()'s stream.
  void send_once(connection& on, std::span<const port::slice> slices) {
    at_home(on, [this, slices](connection& at) { submit_send(at, slices); });
  }
  /// Sends the next `bytes` of the pattern, with as many sends as it takes.
  void push(connection& on, std::uint64_t bytes) {
    at_home(on, [this, bytes](connection& at) {
      at.out.goal = bytes == endless ? endless : std::max(at.out.goal, at.seen.sent) + bytes;
      at.seen.send_result = {};
      carry_on(at);
    });
  }
  /// Shuts down once everything pushed is sent; an echo: once the peer has finished, too.
  void finish_when_sent(connection& on) {
    at_home(on, [this](connection& at) {
      at.finishes = true;
      carry_on(at);
    });
  }
  /// Sends back all that comes, then finishes.
  void echo(connection& on) {
    at_home(on, [this](connection& at) { begin_echo(at); });
  }
  /// For on_adopted.
  void begin_echo(connection& at) {
    at.out.is_echo = true;
    at.finishes = true;
    at.keeps_receiving = true;
    submit_receive(at);
  }
  /// Only when nothing is in flight. Without waiting if it is another worker's.
  void close(connection& joined, port::close_mode mode) {
    at_home(joined, [this, mode](connection& at) {
      if (at.seen.is_in_flight()) rules_.broke("the test closes what is in flight");
      at.has_finished = at.finishes = at.keeps_receiving = false;
      close_now(at, mode);
    });
  }

  // ---- The end.

  /// Cancels, joins and closes everything. @return whether all of it completed in time.
  bool join(std::chrono::milliseconds limit);
  void check_the_end();
  std::string dump();

 private:
  template <class Actor>
  Actor& keep(std::deque<Actor>& among) {
    const std::scoped_lock lock(keeping_);
    return among.emplace_back();
  }
  listener& shared_listener() {
    if (shared_listener_ == nullptr) shared_listener_ = &accepting();
    return *shared_listener_;
  }

  template <class Predicate>
  bool reaches(Predicate done, std::chrono::milliseconds limit) {
    // What is waited for may be no completion of worker 0, but the kernel's or another worker's doing.
    constexpr std::uint32_t look_again_ms = 10;
    const auto give_up = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() >= give_up) return false;
      (void)crew_.turn(look_again_ms);
    }
    return true;
  }
  template <class Order>
  void at_home(connection& on, Order order) {
    if (Port::connections_stay && on.home != this_worker) {
      crew_.post(on.home, [this, &on, order] { at_home(on, order); });
      return;
    }
    const std::scoped_lock lock(on.mutex);
    order(on);
  }

  void submit_receive(connection& at) {
    at.seen.receive_submitted();
    io().submit_receive(at.socket);
  }
  void submit_send(connection& at, std::span<const port::slice> slices) {
    std::size_t bytes = 0;
    for (const port::slice& each : slices) bytes += each.size();
    at.seen.send_submitted(bytes);
    io().submit_send(at.socket, slices);
  }
  void close_now(connection& at, port::close_mode mode) {
    at.out.drop_all();
    at.is_open = false;
    io().close(at.socket, mode);
    if (!at.keeps_memory) at.socket.end();
  }
  void carry_on(connection& at);
  void handle(const port::completion& done);
  void saw_accept(listener& on, const port::completion& done);
  void saw(connection& on, const port::completion& done);
  void place(listener& on, const port::accepted_socket& accepted);
  void take_in(listener& on, const port::accepted_socket& accepted);

  verdict rules_;
  std::mutex keeping_;  // of the two lists' ends; what is in them stays where it is
  std::deque<connection> connections_;
  std::deque<listener> listeners_;
  listener* shared_listener_ = nullptr;
  std::atomic<std::uint32_t> next_home_ = 0;
  crew<Port> crew_;  // last: its threads use all of the above
};

}  // namespace lastbyte::test

#include "driver_impl.hpp"
