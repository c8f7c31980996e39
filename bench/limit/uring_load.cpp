// The limit of a client: a closed loop over io_uring by hand, one ring, one thread.
//
//   limit-load ADDRESS:PORT CONNECTIONS MESSAGE_BYTES OUTSTANDING SECONDS
//
// Question: how fast can a client be at all against this server? lastbyte-load is held against it.
// Not answered: whether what comes back is right, and how long it takes: it only counts bytes.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "limit/ring.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using lastbyte::limit::next_submission;

// Units: entries; bytes; buffers.
constexpr unsigned submissions = 256;
constexpr unsigned completions = 1'024;
constexpr std::uint32_t buffer_bytes = 2U << 10U;
constexpr std::uint32_t buffer_count = 128;
constexpr std::chrono::milliseconds warm_up{300};

enum operation : std::uint8_t { receiving, sending };

struct connection {
  int descriptor = -1;
  std::uint64_t received = 0;
  std::uint32_t owed = 0;  // whole messages that came back while a send was in flight
  bool is_sending = false;
};

struct client {
  io_uring ring{};
  io_uring_buf_ring* supply = nullptr;
  std::vector<char> memory = std::vector<char>(std::size_t{buffer_bytes} * buffer_count);
  std::vector<char> message;
  std::vector<connection> connections;
  std::vector<std::size_t> starved;
  std::uint32_t message_bytes = 0;
  std::uint64_t messages = 0;
  int returned = 0;
};

void give_back(client& at, std::uint32_t which) {
  io_uring_buf_ring_add(at.supply, at.memory.data() + std::size_t{which} * buffer_bytes,
                        buffer_bytes, static_cast<unsigned short>(which),
                        io_uring_buf_ring_mask(buffer_count), at.returned++);
}

bool open_supply(client& at) {
  void* ring = mmap(nullptr, buffer_count * sizeof(io_uring_buf), PROT_READ | PROT_WRITE,
                    MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (ring == MAP_FAILED) return false;
  at.supply = static_cast<io_uring_buf_ring*>(ring);
  io_uring_buf_reg wanted{};
  wanted.ring_addr = reinterpret_cast<std::uint64_t>(ring);
  wanted.ring_entries = buffer_count;
  if (io_uring_register_buf_ring(&at.ring, &wanted, 0) != 0) return false;
  io_uring_buf_ring_init(at.supply);
  for (std::uint32_t i = 0; i < buffer_count; ++i) give_back(at, i);
  return true;
}

void arm_receive(client& at, std::size_t index) {
  io_uring_sqe& next = next_submission(at.ring);
  io_uring_prep_recv_multishot(&next, at.connections[index].descriptor, nullptr, 0, 0);
  next.flags |= IOSQE_BUFFER_SELECT;
  next.user_data = index << 8U | receiving;
}

// @param count: messages, at most as many as may be outstanding.
void send_messages(client& at, std::size_t index, std::uint32_t count) {
  connection& to = at.connections[index];
  io_uring_sqe& next = next_submission(at.ring);
  io_uring_prep_send(&next, to.descriptor, at.message.data(), std::size_t{count} * at.message_bytes,
                     MSG_WAITALL | MSG_NOSIGNAL);
  next.user_data = index << 8U | sending;
  to.is_sending = true;
  to.owed = 0;
}

void on_receive(client& at, std::size_t index, const io_uring_cqe& done) {
  connection& from = at.connections[index];
  if (done.res > 0) {
    const std::uint64_t before = from.received / at.message_bytes;
    from.received += static_cast<std::uint64_t>(done.res);
    const std::uint64_t whole = from.received / at.message_bytes - before;
    at.messages += whole;
    from.owed += static_cast<std::uint32_t>(whole);
    give_back(at, done.flags >> IORING_CQE_BUFFER_SHIFT);
    if (!from.is_sending && from.owed != 0) send_messages(at, index, from.owed);
    if ((done.flags & IORING_CQE_F_MORE) == 0) arm_receive(at, index);
  } else if (done.res == -ENOBUFS) {
    at.starved.push_back(index);
  } else {
    std::fprintf(stderr, "the server ended a connection: %s\n", std::strerror(-done.res));
    std::exit(1);
  }
}

void on_send(client& at, std::size_t index) {
  connection& to = at.connections[index];
  to.is_sending = false;
  if (to.owed != 0) send_messages(at, index, to.owed);
}

void turn(client& at) {
  io_uring_submit_and_wait(&at.ring, 1);
  unsigned head = 0;
  unsigned seen = 0;
  io_uring_cqe* done = nullptr;
  io_uring_for_each_cqe(&at.ring, head, done) {
    const std::size_t index = done->user_data >> 8U;
    if (static_cast<operation>(done->user_data & 0xffU) == receiving) {
      on_receive(at, index, *done);
    } else {
      on_send(at, index);
    }
    ++seen;
  }
  io_uring_cq_advance(&at.ring, seen);
  if (at.returned == 0) return;
  io_uring_buf_ring_advance(at.supply, at.returned);
  at.returned = 0;
  for (const std::size_t index : at.starved) arm_receive(at, index);
  at.starved.clear();
}

bool connect_all(client& at, const std::string& where) {
  const auto colon = where.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, where.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    return false;
  }
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(where.c_str() + colon + 1)));
  for (connection& each : at.connections) {
    each.descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(each.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(each.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
        0) {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::fputs("usage: limit-load ADDRESS:PORT CONNECTIONS MESSAGE_BYTES OUTSTANDING SECONDS\n",
               stderr);
    return 2;
  }
  static client at;
  at.connections.resize(std::strtoul(words[2], nullptr, 10));
  at.message_bytes = static_cast<std::uint32_t>(std::strtoul(words[3], nullptr, 10));
  const auto outstanding = static_cast<std::uint32_t>(std::strtoul(words[4], nullptr, 10));
  at.message.assign(std::size_t{at.message_bytes} * outstanding, 'x');
  if (lastbyte::limit::open_ring(at.ring, submissions, completions) != 0) return 1;
  if (!open_supply(at)) return 1;
  io_uring_buf_ring_advance(at.supply, at.returned);
  at.returned = 0;
  if (!connect_all(at, words[1])) {
    std::fprintf(stderr, "cannot connect to %s; is a server listening there?\n", words[1]);
    return 1;
  }
  for (std::size_t i = 0; i < at.connections.size(); ++i) {
    arm_receive(at, i);
    send_messages(at, i, outstanding);
  }
  const auto from = clock_type::now() + warm_up;
  while (clock_type::now() < from) turn(at);
  const std::uint64_t before = at.messages;
  const auto begun = clock_type::now();
  const auto until = begun + std::chrono::duration<double>(std::strtod(words[5], nullptr));
  while (clock_type::now() < until) turn(at);
  const std::chrono::duration<double> took = clock_type::now() - begun;
  std::printf("%.0f\n", static_cast<double>(at.messages - before) / took.count());
}
