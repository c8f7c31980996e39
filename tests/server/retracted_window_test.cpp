// Linux takes back a window that it has announced, where it has no memory for what comes (since 6.14).
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "server_test.hpp"
#include "sockets_at.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

struct counts_lows : scripted_handler {
  void on_send_low(connection& /*unused*/) override { ++lows; }
  std::atomic<int> lows = 0;
};

void set_number(int fd, int level, int option, int value) {
  REQUIRE(setsockopt(fd, level, option, &value, sizeof value) == 0);
}

int waiting(int fd, unsigned long question) {
  int count = 0;
  REQUIRE(ioctl(fd, question, &count) == 0);
  return count;
}

template <class Condition>
bool comes_within(std::chrono::milliseconds limit, Condition holds) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

// Sends few bytes at a time: the window is taken back from the first that find no memory, and who is less than 128 bytes
// ahead of it (of 64 KiB and more, all windows are vague by so much) does not begin its acknowledgements before them.
// @return whether one of them found no memory.
bool overfill(raw_socket& from, int to, std::string& sent) {
  for (int i = 0; i < 2'000; ++i) {
    const int wanted = waiting(to, SIOCINQ) + 4;
    say(from, "more");
    sent += "more";
    const auto is_taken = [&] { return waiting(to, SIOCINQ) >= wanted; };
    if (!comes_within(std::chrono::milliseconds(300), is_taken)) return true;
  }
  return false;
}

}  // namespace

SERVER_TEST(
    "where the kernel takes back its window, and with it every acknowledgement, all arrives",
    "[case-10]") {
  happening<ending_report> ended;
  counts_lows serving;
  std::atomic<bool> is_full = false;
  serving.receive = [&is_full](connection& from, buffer bytes) {
    send_back(from, std::move(bytes));
    if (from.above_high_mark()) is_full = true;
  };
  serving.ended = [&ended](const ending_report& how) { ended.set(how); };
  options how;
  how.high_mark_bytes = 64 << 10;
  how.low_mark_bytes = 16 << 10;
  how.send_stall_ms = 8'000;
  live_server server(io, serving, how);
  raw_socket client = server.connect();
  say(client, "hello");
  REQUIRE(hear(client, 5) == "hello");
  const auto ours = sockets_at(client.local().tcp_port, getpeername);
  const auto theirs = sockets_at(client.local().tcp_port, getsockname);
  REQUIRE((ours.size() == 1 && theirs.size() == 1));

  // Nobody reads: the server pauses, and what is sent on waits with its kernel.
  set_number(ours[0], SOL_SOCKET, SO_SNDBUF, 4'096);
  set_number(theirs[0], SOL_SOCKET, SO_RCVBUF, 4'096);
  set_number(theirs[0], IPPROTO_TCP, TCP_NODELAY, 1);
  std::string sent;
  const std::string piece(4'096, 'x');
  while ((!is_full || waiting(ours[0], SIOCINQ) < 40'000) && sent.size() < (4 << 20)) {
    say(client, piece);
    sent += piece;
    (void)comes_within(std::chrono::milliseconds(300),
                       [&] { return waiting(theirs[0], SIOCOUTQ) == 0; });
  }
  set_number(ours[0], SOL_SOCKET, SO_RCVBUF, 2'304);
  if (!overfill(client, ours[0], sent)) return skip("this kernel takes all that fits a window");

  client.shutdown_send();
  set_number(theirs[0], SOL_SOCKET, SO_RCVBUF, 1 << 20);
  const std::string heard = hear(client, sent.size() + 1);
  CHECK(heard.size() == sent.size());
  CHECK((heard == sent));
  CHECK(ended.wait().cause == ending::clean_peer_first);
  CHECK(serving.lows > 0);
  (void)server.stop();
}
