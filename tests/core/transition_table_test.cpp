#include "core/transition_table.hpp"

#include <string>

#include "support/catch.hpp"

using namespace lastbyte::core;

namespace {

template <class Visit>
void for_each_cell(Visit visit) {
  for (std::size_t s = 0; s < state_count; ++s) {
    for (std::size_t e = 0; e < event_count; ++e) {
      const auto in = static_cast<state>(s);
      const auto what = static_cast<event>(e);
      INFO(to_string(in) << " × " << to_string(what));
      visit(in, what, look_up(in, what));
    }
  }
}

}  // namespace

TEST_CASE("SD_SEND happens on the way into a write-finished state, and nowhere else") {
  for_each_cell([](state in, event, const cell& found) {
    if (!found.legal) return;
    const bool finishes = !is_write_finished(in) && is_write_finished(found.next);
    CHECK(has(found.effects, effect::shutdown_send) == finishes);
  });
}

TEST_CASE("SD_SEND never happens while something is queued") {
  for_each_cell([](state, event what, const cell& found) {
    if (!found.legal || !has(found.effects, effect::shutdown_send)) return;
    const bool queue_is_empty = what == event::send_done_queue_empty ||
                                what == event::request_finish_queue_empty ||
                                what == event::request_close_queue_empty;
    CHECK(queue_is_empty);
  });
}

TEST_CASE("the cause is fixed on entering closing, and nowhere else") {
  for_each_cell([](state in, event, const cell& found) {
    if (!found.legal) return;
    const bool enters = in != state::closing && found.next == state::closing;
    CHECK(has(found.effects, effect::fix_ending) == enters);
  });
}

TEST_CASE("the socket is closed once, when nothing is in flight any more") {
  for_each_cell([](state in, event what, const cell& found) {
    const bool closes = found.legal && has(found.effects, effect::close_socket);
    CHECK(closes == (in == state::closing && what == event::joined));
    if (closes) CHECK(found.next == state::closed);
  });
}

TEST_CASE(
    "bytes are delivered while reading delivers and dropped after close(), never behind a FIN") {
  for_each_cell([](state in, event what, const cell& found) {
    if (what != event::received) {
      if (found.legal) {
        CHECK_FALSE(has(found.effects, effect::deliver));
        CHECK_FALSE(has(found.effects, effect::discard));
      }
      return;
    }
    CHECK((found.legal && has(found.effects, effect::deliver)) == is_delivering(in));
    CHECK((found.legal && has(found.effects, effect::discard)) ==
          (is_dropping(in) || in == state::closing));
  });
}

TEST_CASE("the handler hears of the peer's end of stream unless it has said close()") {
  for_each_cell([](state in, event what, const cell& found) {
    const bool tells = found.legal && has(found.effects, effect::tell_end);
    CHECK(tells == (what == event::end_of_stream && is_delivering(in)));
  });
}

TEST_CASE("neither side ever goes back: reading, writing and ending only advance") {
  const auto reading = [](state s) {
    if (is_ending_fixed(s)) return 3;
    return is_read_ended(s) ? 2 : is_dropping(s) ? 1 : 0;
  };
  const auto writing = [](state s) {
    if (is_ending_fixed(s)) return 4;
    if (is_write_finished(s)) return 3;
    if (s == state::finishing || s == state::flushing || s == state::last_flush) return 2;
    return s == state::connecting ? 0 : 1;
  };
  for_each_cell([&](state in, event, const cell& found) {
    if (!found.legal) return;
    CHECK(reading(found.next) >= reading(in));
    CHECK(writing(found.next) >= writing(in));
  });
}

TEST_CASE("every state that is not over can be aborted, and can fail") {
  for_each_cell([](state in, event what, const cell& found) {
    if (is_ending_fixed(in)) return;
    if (what == event::request_abort || what == event::operation_failed ||
        what == event::bound_struck) {
      CHECK(found == cell{true, state::closing, effect::fix_ending});
    }
  });
}

TEST_CASE("cells are equal when all of what they say is") {
  constexpr cell some{true, state::closing, effect::fix_ending};
  CHECK(some == cell{true, state::closing, effect::fix_ending});
  CHECK_FALSE(some == cell{false, state::closing, effect::fix_ending});
  CHECK_FALSE(some == cell{true, state::closed, effect::fix_ending});
  CHECK_FALSE(some == cell{true, state::closing, effect::tell_end});
}

TEST_CASE("finish and close are idempotent") {
  for (std::size_t s = 0; s < state_count; ++s) {
    for (const event what : {event::request_finish_queue_empty, event::request_finish_queued,
                             event::request_close_queue_empty, event::request_close_queued}) {
      const cell& once = look_up(static_cast<state>(s), what);
      if (!once.legal || is_write_finished(once.next) != is_write_finished(static_cast<state>(s)))
        continue;
      const cell& twice = look_up(once.next, what);
      INFO(to_string(static_cast<state>(s)) << " × " << to_string(what));
      REQUIRE(twice.legal);
      CHECK(twice.next == once.next);
      CHECK(twice.effects == effect::none);
    }
  }
}

TEST_CASE("sending is accepted only until the handler ends its side") {
  for (std::size_t s = 0; s < state_count; ++s) {
    const auto in = static_cast<state>(s);
    CHECK(look_up(in, event::request_send).legal ==
          (in == state::open || in == state::peer_finished));
  }
}
