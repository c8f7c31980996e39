// The driver's larger half: what happens at a completion, and at the end. Only for driver.hpp.
#pragma once

#include <algorithm>

namespace lastbyte::test {

// ---- Completions.

template <class Port>
void driver<Port>::handle(const port::completion& done) {
  if (done.owner == nullptr) {
    rules_.broke("a completion without owner: " + to_string(done));
    return;
  }
  auto* owner = static_cast<actor*>(done.owner);
  if (owner->is_listener) return saw_accept(static_cast<listener&>(*owner), done);
  saw(static_cast<connection&>(*owner), done);
}

template <class Port>
void driver<Port>::saw_accept(listener& on, const port::completion& done) {
  {
    const std::scoped_lock lock(on.mutex);
    if (done.what != port::operation::accept) rules_.broke("a listener got " + to_string(done));
    if (!on.is_accepting) rules_.broke("an accept completed that was not in flight");
    if (done.result.what == port::error::cancelled && !on.may_be_cancelled) {
      rules_.broke("an accept was cancelled though nobody asked");
    }
    if (done.result.failed() && done.more) rules_.broke("more = true beside an accept's end");
    if (Port::connections_stay && this_worker != on.home) rules_.broke("an accept at a stranger");
    on.seen_at |= std::uint64_t{1} << this_worker;
    on.result = done.result;
    on.is_accepting = done.more;
    if (!done.more && !done.result.failed() && on.keeps_accepting) {
      on.is_accepting = true;
      io().submit_accept(on.socket);
      if (on.is_finishing) io().finish_accept(on.socket);
    }
  }
  if (!done.result.failed()) place(on, done.accepted);
}

// Connections go to the workers in turn where they stay, and are taken in where they come up otherwise.
template <class Port>
void driver<Port>::place(listener& on, const port::accepted_socket& accepted) {
  const std::uint32_t home = Port::connections_stay ? next_home_++ % crew_.size() : this_worker;
  if (home == this_worker) return take_in(on, accepted);
  crew_.post(home, [this, &on, accepted] { take_in(on, accepted); });
}

template <class Port>
void driver<Port>::take_in(listener& on, const port::accepted_socket& accepted) {
  bool adopts = false;
  {
    const std::scoped_lock lock(on.mutex);
    adopts = on.adopts;
    if (!adopts) on.waiting.push_back(accepted);
  }
  if (adopts) {
    connection& made = add();
    adopt(made, accepted);
    const std::scoped_lock lock(made.mutex);
    if (on.on_adopted) on.on_adopted(made);
    const std::scoped_lock also(on.mutex);
    on.adopted.push_back(&made);
  }
  const std::scoped_lock lock(on.mutex);
  ++on.accepted;
}

template <class Port>
void driver<Port>::saw(connection& on, const port::completion& done) {
  const std::scoped_lock lock(on.mutex);
  if (!on.is_open) rules_.broke("a completion after close: " + to_string(done));
  if (Port::connections_stay && this_worker != on.home) {
    rules_.broke("a completion away from home: " + to_string(done));
  }
  if (!Port::connections_stay && done.more) {
    rules_.broke("a receive says more where connections don't stay: " + to_string(done));
  }
  on.seen.saw(done, this_worker, Port::connections_stay || crew_.size() == 1, rules_);
  if (done.received != nullptr) {
    if (on.out.is_echo) {
      on.out.echoes.push_back(done.received);
    } else {
      done.received->owner->give_back(*done.received);
    }
  }
  if (done.what == port::operation::send && on.out.is_echo) on.out.taken(done.bytes);
  if (done.what == port::operation::receive && on.on_receive) on.on_receive(on);
  carry_on(on);
}

// What the standing orders want next.
template <class Port>
void driver<Port>::carry_on(connection& at) {
  if (!at.is_open || at.is_ending || at.seen.is_connecting) return;
  if (at.keeps_receiving && !at.seen.is_receiving && !at.seen.is_receive_over()) submit_receive(at);
  if (at.seen.is_sending || at.seen.send_result.failed()) return;
  if (const auto next = at.out.next(at.seen.sent); !next.empty()) {
    submit_send(at, next);
  } else if (at.finishes && !at.has_finished && at.out.is_done(at.seen)) {
    at.has_finished = true;
    at.finish_result = io().shutdown_send(at.socket);
  }
}

// ---- The end.

template <class Port>
bool driver<Port>::join(std::chrono::milliseconds limit) {
  for (listener& each : listeners_) {
    if (each.is_open) cancel_accept(each);
  }
  const bool have_accepts_ended = reaches(
      [&] {
        return std::none_of(listeners_.begin(), listeners_.end(),
                            [&](listener& each) { return is_accepting(each); });
      },
      limit);
  if (!have_accepts_ended) return false;
  for (listener& each : listeners_) {
    for (const port::accepted_socket& unused : each.waiting) io().discard(unused);
    if (each.is_open) close(each);
  }

  for (connection& each : connections_) {
    at_home(each, [this](connection& at) {
      if (!at.is_open) return;
      at.is_ending = true;
      at.seen.receive_stop_requested();
      at.seen.send_stop_requested();
      io().cancel_receive(at.socket);
      io().cancel_send(at.socket);
    });
  }
  const auto is_joined = [&](connection& each) { return !seen(each).is_in_flight(); };
  if (!reaches([&] { return std::all_of(connections_.begin(), connections_.end(), is_joined); },
               limit)) {
    return false;
  }
  for (connection& each : connections_) {
    at_home(each, [this](connection& at) {
      if (at.is_open) close_now(at, port::close_mode::reset);
    });
  }
  return true;
}

template <class Port>
void driver<Port>::check_the_end() {
  if (!join(patience)) FAIL("not everything that was submitted completes\n" << dump());
  // Whatever completes now was never submitted.
  pump_for(std::chrono::milliseconds(workers() > 1 ? 50 : 1));
  const std::uint32_t missing = crew_.stop();
  for (const std::string& each : rules_.all()) FAIL_CHECK("broken rule: " << each);
  INFO("blocks that never came back to their pool");
  CHECK(missing == 0);
}

template <class Port>
std::string driver<Port>::dump() {
  std::string text;
  for (const std::string& each : rules_.all()) text += "  broken rule: " + each + "\n";
  const std::scoped_lock keeping(keeping_);
  for (listener& each : listeners_) {
    const std::scoped_lock lock(each.mutex);
    text += "  listener: accepted " + std::to_string(each.accepted) +
            (each.is_accepting ? ", accept in flight" : "") + "\n";
  }
  constexpr std::size_t enough = 12;
  std::size_t shown = 0;
  for (connection& each : connections_) {
    const std::scoped_lock lock(each.mutex);
    if (!each.is_open) continue;
    if (++shown > enough) break;
    text +=
        "  connection at worker " + std::to_string(each.home) + ": " + each.seen.to_string() + "\n";
  }
  return text;
}

}  // namespace lastbyte::test
