#include "sim/raw_socket.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lastbyte::test::sim {
namespace {

using port::sim::micros;

constexpr micros patience_us = 20'000'000;
constexpr std::chrono::milliseconds patience{20'000};

// Waits until `has_come()`. @return whether it has.
template <class Predicate>
bool wait(network& over, std::unique_lock<std::mutex>& held, micros limit_us, Predicate has_come) {
  over.catch_up();
  const micros give_up = over.now() + limit_us;
  while (!has_come()) {
    if (over.now() >= give_up) return false;
    over.wait(held, give_up);
  }
  return true;
}

// As on a loopback: what was done has got to the other side when the call returns. Unless others keep the
// network busy.
void let_arrive(network& over, std::unique_lock<std::mutex>& held) {
  constexpr micros limit_us = 5'000;
  (void)wait(over, held, limit_us, [&] { return over.is_still(); });
}

}  // namespace

raw_socket raw_socket::connect(network& over, const endpoint& where) {
  auto made = try_connect(over, where, patience);
  if (!made) throw std::runtime_error("simulated connect failed");
  return std::move(*made);
}

std::optional<raw_socket> raw_socket::try_connect(network& over, const endpoint& where,
                                                  std::chrono::milliseconds limit) {
  raw_socket made(over);
  auto held = over.guard();
  over.catch_up();
  made.end_ = &over.connect(where, nullptr);
  const auto limit_us = static_cast<micros>(std::chrono::microseconds(limit).count());
  (void)wait(over, held, limit_us, [&] { return made.end_->is_connected || made.end_->is_over; });
  const bool is_connected = made.end_->is_connected;
  held.unlock();
  if (!is_connected) return std::nullopt;
  return made;
}

raw_socket raw_socket::listen(network& over, const endpoint& where) {
  raw_socket made(over);
  const auto held = over.guard();
  constexpr std::uint32_t backlog = 64;
  if (over.listen(made.listening_, where, backlog, false, nullptr).failed()) {
    throw std::runtime_error("simulated listen failed");
  }
  return made;
}

raw_socket::raw_socket(raw_socket&& other) noexcept
    : over_(other.over_),
      end_(std::exchange(other.end_, nullptr)),
      listening_(std::exchange(other.listening_, nullptr)) {}

raw_socket& raw_socket::operator=(raw_socket&& other) noexcept {
  if (this != &other) {
    close();
    over_ = other.over_;
    end_ = std::exchange(other.end_, nullptr);
    listening_ = std::exchange(other.listening_, nullptr);
  }
  return *this;
}

raw_socket::~raw_socket() { close(); }

raw_socket raw_socket::accept() {
  auto held = over_->guard();
  raw_socket made(*over_);
  if (!wait(*over_, held, patience_us, [&] { return !listening_->queue.empty(); })) {
    throw std::runtime_error("simulated accept: nobody came");
  }
  made.end_ = over_->accept(*listening_);
  return made;
}

endpoint raw_socket::local() const {
  const auto held = over_->guard();
  return listening_ != nullptr ? listening_->where : end_->local;
}

std::size_t raw_socket::send(std::span<const std::byte> all) {
  auto held = over_->guard();
  std::size_t taken = 0;
  while (taken < all.size()) {
    const bool may_go_on =
        wait(*over_, held, patience_us, [&] { return over_->room(*end_) > 0 || end_->is_over; });
    if (!may_go_on || end_->is_over) break;
    taken += over_->send(*end_, all.subspan(taken));
  }
  let_arrive(*over_, held);
  return taken;
}

raw_socket::arrival raw_socket::receive(std::span<std::byte> into) {
  auto held = over_->guard();
  const bool has_come = wait(*over_, held, patience_us, [&] {
    return end_->unread() > 0 || end_->is_end_read() || end_->failure.failed();
  });
  if (!has_come) return {0, raw_end::timeout};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), end_->unread()));
  if (count > 0) {
    over_->receive(*end_, into.first(count));
    return {count, raw_end::none};
  }
  if (end_->is_end_read()) return {0, raw_end::end_of_stream};
  return {0, end_->failure.what == port::error::reset ? raw_end::reset : raw_end::other};
}

void raw_socket::shutdown_send() {
  auto held = over_->guard();
  over_->catch_up();
  if (over_->shutdown_send(*end_).failed()) throw std::runtime_error("simulated shutdown failed");
  let_arrive(*over_, held);
}

void raw_socket::reset() { close_by(port::close_mode::reset); }
void raw_socket::close() noexcept { close_by(port::close_mode::orderly); }

void raw_socket::close_by(port::close_mode mode) noexcept {
  if (end_ == nullptr && listening_ == nullptr) return;
  auto held = over_->guard();
  over_->catch_up();
  if (end_ != nullptr) {
    over_->close(*std::exchange(end_, nullptr), mode);
    let_arrive(*over_, held);
  }
  if (listening_ != nullptr) over_->close(*std::exchange(listening_, nullptr));
}

bool take_error(network& over, std::uintptr_t native) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the contract's handle is a number
  auto& end = *reinterpret_cast<port::sim::tcp_end*>(native);
  auto held = over.guard();
  if (!wait(over, held, patience_us, [&] { return end.failure.failed(); })) return false;
  end.is_error_taken = true;
  return true;
}

}  // namespace lastbyte::test::sim
