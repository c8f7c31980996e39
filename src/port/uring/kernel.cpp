#include "port/uring/kernel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

#include "port/buffer_pool.hpp"
#include "port/posix/error_map.hpp"
#include "port/uring/buffer_ring.hpp"

namespace lastbyte::port::uring {
namespace {

// Operations submitted between two system calls; more of them only mean another call.
constexpr unsigned submissions = 128;
// Completions that wait at most before the kernel has to allocate for them.
constexpr unsigned completions = 1'024;

// Best first. SUBMIT_ALL: one operation that is refused must not keep the others back.
constexpr std::array<std::uint32_t, 3> setups{
    // Only one thread submits, and completions are worked off only when it asks for them (Linux 6.1).
    IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
    // Completions wait for the thread's next system call instead of interrupting it (Linux 5.19).
    IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN,
    0,
};

// EXT_ARG: a wait with a timeout is one call (Linux 5.11). NODROP: a full completion queue loses nothing
// (5.5). SUBMIT_STABLE: addresses in a submission need not outlive the call (5.5). FAST_POLL: waiting
// for a socket takes no thread (5.7).
constexpr std::uint32_t needed_features =
    IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_FAST_POLL;

// Two sockets, connected.
class socket_pair {
 public:
  socket_pair() noexcept {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) != 0) ends_.fill(-1);
  }
  socket_pair(const socket_pair&) = delete;
  socket_pair& operator=(const socket_pair&) = delete;
  ~socket_pair() {
    for (const int end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  [[nodiscard]] bool say() const noexcept { return ::send(ends_[0], "x", 1, MSG_NOSIGNAL) == 1; }
  [[nodiscard]] int hearing() const noexcept { return ends_[1]; }

 private:
  std::array<int, 2> ends_{};
};

// Whether one submission receives again and again into buffers that the kernel picks: the newest of
// what we need (Linux 6.0), and its flag is ignored or refused elsewhere.
outcome try_multishot_receive(io_uring& ring) noexcept {
  buffer_pool pool(64, 1);
  buffer_ring offered(0, 1);
  if (const outcome why = offered.open(ring); why.failed()) return why;
  offered.fill(pool);
  const socket_pair pair;
  if (!pair.say()) return posix::last_error();

  io_uring_sqe* asked = io_uring_get_sqe(&ring);
  io_uring_prep_recv_multishot(asked, pair.hearing(), nullptr, 0, 0);
  asked->flags |= IOSQE_BUFFER_SELECT;
  asked->buf_group = offered.group();
  io_uring_cqe* answer = nullptr;
  __kernel_timespec patience{1, 0};
  const int got = io_uring_submit_and_wait_timeout(&ring, &answer, 1, &patience, nullptr);
  // Nobody says any more: the receive that may still be armed finds nothing for the buffer.
  offered.give_back();
  if (got < 0) return posix::from_errno(-got);
  if (answer->res < 0) return posix::from_errno(-answer->res);
  const bool goes_on = answer->res == 1 && (answer->flags & IORING_CQE_F_MORE) != 0;
  return goes_on ? outcome{} : posix::from_errno(EOPNOTSUPP);
}

outcome try_setup(std::uint32_t flags) noexcept {
  io_uring ring{};
  if (const outcome why = open_ring(ring, flags); why.failed()) return why;
  outcome why =
      posix::from_errno((ring.features & needed_features) == needed_features ? 0 : EOPNOTSUPP);
  if (!why.failed()) why = posix::from_errno(-io_uring_enable_rings(&ring));
  if (!why.failed()) why = try_multishot_receive(ring);
  io_uring_queue_exit(&ring);
  return why;
}

}  // namespace

outcome open_ring(io_uring& made, std::uint32_t flags) noexcept {
  io_uring_params how{};
  // Disabled at first: whoever enables it becomes its only thread, not whoever makes it (Linux 5.10).
  how.flags = flags | IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED;
  how.cq_entries = completions;
  return posix::from_errno(-io_uring_queue_init_params(submissions, &made, &how));
}

outcome away_from_here(const std::function<outcome()>& what) {
  outcome done;
  try {
    std::thread([&] { done = what(); }).join();
  } catch (const std::system_error& refused) {
    done = posix::from_errno(refused.code().value());
  }
  return done;
}

ring_setup find_setup() noexcept {
  ring_setup found;
  for (const std::uint32_t flags : setups) {
    found = {try_setup(flags), flags};
    // EINVAL: a flag that this kernel doesn't know. Anything else the next attempt would meet too.
    if (found.problem.native != EINVAL) return found;
  }
  return found;
}

}  // namespace lastbyte::port::uring
