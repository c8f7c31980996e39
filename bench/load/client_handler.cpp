#include "load/client_handler.hpp"

#include <algorithm>
#include <utility>

#include "load/clock.hpp"

namespace lastbyte::load {

void client_handler::connect(std::uint64_t session) {
  load::session& next = sessions_[session];
  // Each connection of a session goes to the next target, neighbours to different ones.
  const std::size_t target = (session + next.incarnation) % options_.targets.size();
  next.begin(static_cast<std::uint32_t>(session), options_.message_bytes, now_ns());
  runtime_->connect(options_.targets[target], session);
}

void client_handler::on_open(connection& opened) {
  const std::uint64_t index = opened.user_word();
  session& by = sessions_[index];
  reachable_.enter(index, opened.handle());
  // Behind enter(): who says stop now either finds the handle or is seen here.
  const std::uint64_t now = now_ns();
  tally& mine = figures_.mine();
  mine.opened.add(1);
  mine.last_opened_ns.raise_to(now);
  if (times_.is_over(now)) return end_now(opened);
  if (options_.churn) return send_messages(opened, by, 1, by.begun_ns);
  send_messages(opened, by, options_.pipeline, now);
}

void client_handler::on_receive(connection& from, buffer bytes) {
  const std::uint64_t now = now_ns();
  session& by = sessions_[from.user_word()];
  tally& mine = figures_.mine();
  wrong_byte first;
  if (by.take(bytes.bytes(), first)) [[unlikely]] {
    first.session = from.user_word();
    if (!mine.first_wrong) mine.first_wrong = first;
    // An echo of what was never sent: whatever this server does, it isn't that.
    if (by.received > by.sent) from.abort(ending::protocol_error);
  }
  bytes.reset();  // so that the copies sent below find its memory still in the cache

  const bool is_measured = now >= times_.measure_from_ns;
  const std::uint32_t whole = by.pop_whole(options_.message_bytes, [&](std::uint64_t sent_ns) {
    if (is_measured) mine.latency.record(now - sent_ns);
  });
  if (whole == 0) return;
  mine.messages.add(whole);
  mine.last_message_ns.raise_to(now);
  if (times_.is_over(now)) [[unlikely]]
    return end_now(from);
  if (is_measured) mine.window_messages.add(whole);
  if (!options_.churn) send_messages(from, by, whole, now);
  end_after_last(from, by);
}

// The server has finished. What it sent is all here; what we sent, and it didn't echo, it will not.
void client_handler::on_end_of_stream(connection& from) { from.close(); }

void client_handler::on_ended(connection& ended, const ending_report& how) {
  const std::uint64_t index = ended.user_word();
  session& by = sessions_[index];
  tally& mine = figures_.mine();
  mine.bytes.add(how, by.wrong, options_.ending == ending_wish::reset);
  if (how.cause == ending::connect_failed) {
    if (mine.connect_error == 0) mine.connect_error = how.native_error;
    mine.refused.add(1);
  } else {
    mine.ended.add(1);
  }
  go_on(index, by, how.cause, mine);
}

void client_handler::send_messages(connection& to, session& by, std::uint64_t most,
                                   std::uint64_t now_ns) {
  const auto count = static_cast<std::uint32_t>(std::min(most, by.budget));
  std::uint64_t position = by.sent;
  const std::uint64_t end = position + std::uint64_t{count} * options_.message_bytes;
  while (position < end) {
    const auto run = by.bytes.run(position, static_cast<std::size_t>(end - position));
    if (to.send(run)) return;  // the connection is ending: its ledger counts what was refused
    position += run.size();
  }
  by.push(count, options_.message_bytes, now_ns);
  if (options_.ending == ending_wish::client_first && (options_.churn || by.budget == 0)) {
    to.finish();
  }
}

// Where finish() behind the last message is not what is wanted.
void client_handler::end_after_last(connection& which, const session& by) {
  const bool is_last = by.outstanding() == 0 && (options_.churn || by.budget == 0);
  if (is_last && options_.ending == ending_wish::reset) which.abort();
}

void client_handler::end_now(connection& which) {
  if (options_.ending == ending_wish::reset) return which.abort();
  which.finish();
}

void client_handler::go_on(std::uint64_t index, const session& by, ending cause, tally& mine) {
  if (!options_.churn || by.budget == 0 || times_.is_over(now_ns())) return mine.done.add(1);
  if (cause == ending::connect_failed) return reachable_.put_off(index);
  connect(index);
}

}  // namespace lastbyte::load
