#include "probe/bare_pair.hpp"

#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

namespace lastbyte::probe {
namespace {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

std::string error_text(int code) {
  return "error " + std::to_string(code) + " " + ::strerrorname_np(code);
}

std::string call_text(ssize_t result) {
  if (result < 0) return error_text(errno);
  return result == 0 ? "ok" : std::to_string(result) + " bytes";
}

}  // namespace

struct bare_pair::state {
  struct operation {
    std::vector<std::byte> bytes;
    bool was_started = false;
    std::string result;  // empty: in flight
  };

  int ours = -1;
  int peer = -1;
  io_uring ring{};
  std::array<operation, 2> operations;

  operation& of(direction which) { return operations[static_cast<std::size_t>(which)]; }
  void harvest(milliseconds limit);
};

// Takes what the ring has, waiting at most so long for the first.
void bare_pair::state::harvest(milliseconds limit) {
  __kernel_timespec wait{0, std::chrono::nanoseconds(limit).count()};
  io_uring_cqe* done = nullptr;
  while (io_uring_wait_cqe_timeout(&ring, &done, &wait) == 0) {
    if (done->user_data < 2) {
      operations[done->user_data].result = done->res < 0    ? error_text(-done->res)
                                           : done->res == 0 ? "0"
                                                            : std::to_string(done->res) + " bytes";
    }
    io_uring_cqe_seen(&ring, done);
    wait = {};
  }
}

bare_pair::bare_pair() : state_(std::make_unique<state>()) {
  const int made = io_uring_queue_init(8, &state_->ring, 0);
  if (made < 0) throw std::system_error(-made, std::generic_category(), "io_uring_queue_init");
  const int listener = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  check(::bind(listener, reinterpret_cast<sockaddr*>(&at), size), "bind");
  check(::listen(listener, 1), "listen");
  check(::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size), "getsockname");
  state_->peer = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  check(::connect(state_->peer, reinterpret_cast<sockaddr*>(&at), size), "connect");
  state_->ours = check(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC), "accept4");
  ::close(listener);
}

bare_pair::~bare_pair() {
  if (state_->ours >= 0) ::close(state_->ours);
  if (state_->peer >= 0) ::close(state_->peer);
  io_uring_queue_exit(&state_->ring);
}

void bare_pair::peer_says(std::size_t bytes) {
  const std::vector<std::byte> all(bytes);
  check(static_cast<int>(::send(state_->peer, all.data(), bytes, MSG_NOSIGNAL)), "send");
  pollfd arrived{state_->ours, POLLIN, 0};
  ::poll(&arrived, 1, 1'000);
}

void bare_pair::peer_closes() {
  ::close(std::exchange(state_->peer, -1));
  pollfd arrived{state_->ours, POLLIN, 0};
  ::poll(&arrived, 1, 1'000);
}

void bare_pair::peer_resets() {
  const linger at_once{1, 0};
  ::setsockopt(state_->peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer_closes();
}

reading bare_pair::peer_reads(milliseconds patience) {
  if (state_->peer < 0) return {0, "gone"};
  reading seen;
  std::array<std::byte, 65'536> into{};
  for (;;) {
    pollfd readable{state_->peer, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(patience.count())) == 0) {
      seen.end = "nothing more";
      return seen;
    }
    const ssize_t count = ::recv(state_->peer, into.data(), into.size(), 0);
    if (count <= 0) {
      seen.end = count == 0 ? "end of stream" : error_text(errno);
      return seen;
    }
    seen.bytes += static_cast<std::uint64_t>(count);
  }
}

void bare_pair::start(direction which, std::size_t bytes) {
  auto& made = state_->of(which);
  made.bytes.resize(bytes);
  made.was_started = true;
  io_uring_sqe* asked = io_uring_get_sqe(&state_->ring);
  if (which == direction::receive) {
    io_uring_prep_recv(asked, state_->ours, made.bytes.data(), bytes, 0);
  } else {
    // Whole or not at all: else the ring completes it with what fits.
    io_uring_prep_send(asked, state_->ours, made.bytes.data(), bytes, MSG_NOSIGNAL | MSG_WAITALL);
  }
  asked->user_data = static_cast<std::uint64_t>(which);
  io_uring_submit(&state_->ring);
}

void bare_pair::cancel(direction which) {
  io_uring_sqe* asked = io_uring_get_sqe(&state_->ring);
  io_uring_prep_cancel64(asked, static_cast<std::uint64_t>(which), 0);
  asked->user_data = 2;
  io_uring_submit(&state_->ring);
}

std::string bare_pair::completion_of(direction which, milliseconds patience) {
  auto& asked = state_->of(which);
  if (!asked.was_started) return "-";
  if (asked.result.empty()) state_->harvest(patience);
  return asked.result.empty() ? "in flight" : asked.result;
}

std::string bare_pair::send_now(std::size_t bytes) {
  const std::vector<std::byte> all(bytes);
  return call_text(::send(state_->ours, all.data(), bytes, MSG_NOSIGNAL | MSG_DONTWAIT));
}

std::string bare_pair::shutdown_send() { return call_text(::shutdown(state_->ours, SHUT_WR)); }

std::string bare_pair::linger_0() {
  const linger at_once{1, 0};
  return call_text(::setsockopt(state_->ours, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
}

std::string bare_pair::close() { return call_text(::close(std::exchange(state_->ours, -1))); }

std::string platform_name() {
  utsname of{};
  ::uname(&of);
  const std::string release = of.release;
  return "Linux " + release.substr(0, release.find('.', release.find('.') + 1)) + ", io_uring";
}

// Such a file has two lines for each protocol: names, then values in the same order.
std::optional<std::uint64_t> resets_sent() {
  std::ifstream file("/proc/thread-self/net/snmp");
  std::string names;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("Tcp:")) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    std::istringstream name(names);
    std::istringstream value(line);
    std::string which;
    std::string number;
    while (name >> which && value >> number) {
      if (which == "OutRsts") return std::stoull(number);
    }
  }
  return std::nullopt;
}

}  // namespace lastbyte::probe
