#include "suite/crowd.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace lastbyte::suite {
namespace {

constexpr std::size_t message_bytes = 64;
constexpr timeval patience{10, 0};

std::string error_text(const std::string& what) { return what + ": " + std::strerror(errno); }

sockaddr_in address_of(const std::string& text) {
  const auto colon = text.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1))));
  inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr);
  return address;
}

}  // namespace

crowd::~crowd() {
  constexpr linger at_once{1, 0};
  for (const int each : open_) {
    setsockopt(each, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(each);
  }
}

std::string crowd::grow_to(std::size_t count) {
  while (open_.size() < count) {
    const std::size_t number = open_.size() + 1;
    if (auto problem = open_one(); !problem.empty()) {
      return "connection " + std::to_string(number) + ": " + problem;
    }
  }
  return {};
}

std::string crowd::echo(std::size_t count) {
  for (; count != 0; --count) {
    if (auto problem = echo_once(open_[next_++ % open_.size()]); !problem.empty()) return problem;
  }
  return {};
}

std::string crowd::open_one() {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return error_text("socket");
  open_.push_back(made);
  setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_in where = address_of(addresses_[open_.size() % addresses_.size()]);
  if (connect(made, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    return error_text("connect");
  }
  return echo_once(made);
}

std::string crowd::echo_once(int descriptor) {
  std::array<char, message_bytes> sent{};
  std::array<char, message_bytes> got{};
  sent.fill(static_cast<char>('a' + descriptor % 26));
  if (send(descriptor, sent.data(), sent.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(sent.size())) {
    return error_text("send");
  }
  const auto count = recv(descriptor, got.data(), got.size(), MSG_WAITALL);
  if (count < 0) return error_text("no echo came back");
  if (count < static_cast<ssize_t>(got.size())) return "no echo came back: the server finished";
  return sent == got ? "" : "the echo was wrong";
}

}  // namespace lastbyte::suite
