#include "end_to_end/client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
// Not <netinet/tcp.h>: glibc's copy of tcp_info ends before the byte counts.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>

namespace lastbyte::test {
namespace {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

template <class Value>
void set(int socket, int level, int name, const Value& value) {
  check(::setsockopt(socket, level, name, &value, sizeof value), "setsockopt");
}

descriptor connect_to(const endpoint& where, client::socket_buffers sizes) {
  descriptor made(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  set(made.number(), IPPROTO_TCP, TCP_NODELAY, 1);
  // Also bounds connect().
  set(made.number(), SOL_SOCKET, SO_SNDTIMEO, timeval{20, 0});
  if (sizes.receive != 0) set(made.number(), SOL_SOCKET, SO_RCVBUF, sizes.receive);
  if (sizes.send != 0) set(made.number(), SOL_SOCKET, SO_SNDBUF, sizes.send);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(where.tcp_port);
  std::memcpy(&to.sin_addr, where.address.data(), sizeof to.sin_addr);
  check(::connect(made.number(), reinterpret_cast<const sockaddr*>(&to), sizeof to), "connect");
  check(::fcntl(made.number(), F_SETFL, O_NONBLOCK), "O_NONBLOCK");
  return made;
}

constexpr const char* name_of(stream_end end) {
  switch (end) {
    case stream_end::none: return "not ended";
    case stream_end::end_of_stream: return "end of stream";
    case stream_end::reset: return "reset";
    case stream_end::other: return "failed";
  }
  return "?";
}

}  // namespace

client::client(const endpoint& where, plan wanted, socket_buffers sizes)
    : wants(wanted), socket_(connect_to(where, sizes)) {}

short client::events() const {
  if (!socket_.is_open() || is_over()) return 0;
  const bool sends = !is_half_closed_ && (sent_ < wants.to_send || wants.half_closes);
  return static_cast<short>((sends ? POLLOUT : 0) | (wants.reads ? POLLIN : 0));
}

void client::on_ready(short events) {
  if ((events & (POLLIN | POLLERR | POLLHUP)) != 0 && wants.reads) pull(wants.read_chunk);
  if ((events & (POLLOUT | POLLERR)) == 0 || is_over() || is_half_closed_) return;
  if (sent_ < wants.to_send) push(wants.send_chunk);
  if (sent_ == wants.to_send && wants.half_closes && !is_over()) half_close();
}

void client::push(std::size_t most) {
  const auto count = std::min<std::uint64_t>(most, wants.to_send - sent_);
  std::uint64_t done = 0;
  while (done < count) {
    const auto run = bytes_.run(sent_, count - done);
    const auto taken = ::send(socket_.number(), run.data(), run.size(), MSG_NOSIGNAL);
    if (taken < 0) return fail();
    done += static_cast<std::uint64_t>(taken);
    sent_ += static_cast<std::uint64_t>(taken);
  }
}

void client::pull(std::size_t most) {
  static thread_local std::array<std::byte, 64 << 10> into{};
  const auto count =
      ::recv(socket_.number(), into.data(), std::min(most, into.size()), MSG_NOSIGNAL);
  if (count < 0) return fail();
  if (count == 0) {
    end_ = stream_end::end_of_stream;
    return;
  }
  const auto bytes = std::span(into).first(static_cast<std::size_t>(count));
  if (!bytes_.matches(received_, bytes)) {
    wrong_ += bytes.size() - bytes_.matching_prefix(received_, bytes);
  }
  received_ += bytes.size();
}

void client::half_close() {
  is_half_closed_ = true;
  if (::shutdown(socket_.number(), SHUT_WR) != 0) fail();
}

void client::reset() {
  set(socket_.number(), SOL_SOCKET, SO_LINGER, linger{1, 0});
  close();
}

void client::close() { socket_.close(); }

void client::fail() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
  error_ = errno;
  const bool is_reset = errno == ECONNRESET || errno == EPIPE || errno == ENOTCONN;
  end_ = is_reset ? stream_end::reset : stream_end::other;
}

std::uint64_t client::arrived() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  check(::getsockopt(socket_.number(), IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
  return info.tcpi_bytes_received;
}

std::string client::text() const {
  std::string text = "sent " + std::to_string(sent_) + ", received " + std::to_string(received_) +
                     ", wrong " + std::to_string(wrong_) + ", " + name_of(end_);
  if (error_ != 0) text += std::string(" (") + std::strerror(error_) + ')';
  return text;
}

}  // namespace lastbyte::test
