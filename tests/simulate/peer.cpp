#include "simulate/peer.hpp"

#include <algorithm>
#include <array>

namespace lastbyte::simulation {
namespace {

constexpr micros answer_patience_us = 200'000;
constexpr micros flood_every_us = 10'000;

}  // namespace

peer::peer(network& over, chronicle& about, const endpoint& server)
    : network_(over), about_(about), plan_(about.plan.peer), server_(server) {
  using target = connection_plan::target;
  if (!about.plan.is_outgoing) {
    later(errand::begin, plan_.begins_at);
  } else if (about.plan.called == target::open || about.plan.called == target::deaf) {
    (void)network_.listen(listening_, server, 16, false, this);  // nobody else has this address
    listening_->refuses_new = about.plan.called == target::deaf;
  }
}

void peer::later(errand what, micros delay_us) {
  network_.call_at(network_.now() + delay_us, *this, static_cast<std::uint64_t>(what));
}

void peer::on_change() {
  if (mine_ == nullptr && listening_ != nullptr) {
    tcp_end* accepted = network_.accept(*listening_);
    if (accepted == nullptr) return;
    accepted->user = this;
    meet(*accepted);
  }
  go_on();
}

void peer::on_time(std::uint64_t word) {
  switch (static_cast<errand>(word)) {
    case errand::begin: return begin();
    case errand::go_on: return go_on();
    case errand::read:
      if (is_closed_) return;
      read(plan_.read_bytes);
      later(errand::read, plan_.read_every_us);
      return go_on();
    case errand::end: is_end_due_ = true; return go_on();
    case errand::suffer: return suffer();
  }
}

void peer::begin() { meet(network_.connect(server_, this)); }

void peer::meet(tcp_end& mine) {
  mine_ = &mine;
  about_.peers = &mine;
  about_.ours = &mine.other();
  message_left_ = std::min<std::uint64_t>(plan_.bytes, plan_.message_bytes);
  if (plan_.reads == reading::slowly) later(errand::read, plan_.read_every_us);
  if (plan_.reads == reading::late) later(errand::go_on, plan_.read_from_us);
  if (plan_.suffers != misfortune::none) later(errand::suffer, plan_.suffers_at_us);
  if (plan_.bytes == 0) later(errand::end, plan_.ends_after_us);
  about_.peer_moved_at = network_.now();
}

void peer::go_on() {
  if (mine_ == nullptr || is_closed_) return;
  read_what_it_wants();
  if (mine_->failure.failed()) {
    about_.has_peer_met_error = true;
    return close(port::close_mode::orderly);
  }
  if (!mine_->is_connected) return;
  write();
  if (is_end_due_ && !has_ended_) end();
  const bool is_done = about_.has_peer_finished && about_.has_peer_read_end;
  if (is_done && !is_closed_) close(port::close_mode::orderly);
}

void peer::read_what_it_wants() {
  const bool is_late =
      plan_.reads == reading::late && network_.now() < plan_.begins_at + plan_.read_from_us;
  if (plan_.reads == reading::promptly || (plan_.reads == reading::late && !is_late)) {
    read(longest_pattern);
  }
  if (mine_->is_end_read() && plan_.reads != reading::never) about_.has_peer_read_end = true;
}

void peer::read(std::uint64_t most) {
  std::array<std::byte, 16U << 10> into;  // NOLINT(*-member-init): filled below
  while (most > 0 && mine_->unread() > 0) {
    const auto count =
        static_cast<std::size_t>(std::min({most, mine_->unread(), std::uint64_t{into.size()}}));
    network_.receive(*mine_, std::span(into).first(count));
    about_.told.read(std::span<const std::byte>(into).first(count));
    about_.peer_moved_at = network_.now();
    most -= count;
  }
}

bool peer::is_answered() const {
  return !plan_.awaits_answer || about_.told.total() > read_at_message_ ||
         network_.now() >= patience_until_;
}

void peer::write() {
  while (message_left_ > 0 && !about_.has_peer_finished) {
    if (network_.now() < next_message_at_ || !is_answered()) return;
    const auto next = pattern(2 * about_.number, about_.written,
                              std::min<std::size_t>(message_left_, longest_pattern));
    const std::size_t taken = network_.send(*mine_, next);
    if (taken == 0) return;  // no room: on_change() tells
    about_.written += taken;
    about_.peer_moved_at = network_.now();
    message_left_ -= taken;
    if (message_left_ > 0) continue;
    if (plan_.ends == peer_ending::flood && is_end_due_) {
      message_left_ = plan_.message_bytes;
      next_message_at_ = network_.now() + flood_every_us;
      return later(errand::go_on, flood_every_us);
    }
    if (about_.written >= plan_.bytes) return later(errand::end, plan_.ends_after_us);
    message_left_ = std::min<std::uint64_t>(plan_.bytes - about_.written, plan_.message_bytes);
    read_at_message_ = about_.told.total();
    next_message_at_ = network_.now() + plan_.think_us;
    patience_until_ = next_message_at_ + answer_patience_us;
    if (plan_.think_us != 0) later(errand::go_on, plan_.think_us);
    if (plan_.awaits_answer) later(errand::go_on, plan_.think_us + answer_patience_us);
  }
}

void peer::end() {
  switch (plan_.ends) {
    case peer_ending::half_close:
      has_ended_ = about_.has_peer_finished = true;
      (void)network_.shutdown_send(*mine_);  // if it fails, the next look at the socket tells
      return;
    case peer_ending::await_end:
      if (!about_.has_peer_read_end) return;
      has_ended_ = true;
      return close(port::close_mode::orderly);
    case peer_ending::full_close: has_ended_ = true; return close(port::close_mode::orderly);
    case peer_ending::reset: has_ended_ = true; return close(port::close_mode::reset);
    case peer_ending::never: return;
    case peer_ending::flood:
      has_ended_ = true;
      message_left_ = plan_.message_bytes;
      return later(errand::go_on, 0);
  }
}

void peer::close(port::close_mode mode) {
  is_closed_ = true;
  about_.has_peer_finished = true;
  if (mode == port::close_mode::reset) about_.has_peer_reset = true;
  network_.close(*mine_, mode);
}

void peer::suffer() {
  if (mine_ == nullptr) return;
  switch (plan_.suffers) {
    case misfortune::none: return;
    case misfortune::stalled:
      return network_.stall(*mine_->link, network_.now() + plan_.suffers_for_us);
    case misfortune::cut: return network_.cut(*mine_->link);
    case misfortune::killed:
      if (mine_->other().held_by == tcp_end::holder::program) network_.kill(mine_->other());
      return;
  }
}

}  // namespace lastbyte::simulation
