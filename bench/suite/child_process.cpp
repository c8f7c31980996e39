#include "suite/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace lastbyte::suite {
namespace {

std::uint64_t nanoseconds_of(const timeval& time) noexcept {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_usec) * 1'000;
}

void stay_on(unsigned processor) noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}

// Where we may: what else runs then waits for us, and not the other way round. Where not, it is as it is. Linux
// weighs sessions against each other, and only then processes (sched(7), "The autogroup feature").
void take_precedence() noexcept {
  constexpr int highest_priority = -20;
  setsid();
  setpriority(PRIO_PROCESS, 0, highest_priority);
  const int group = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (group < 0) return;
  (void)!write(group, "-20", 3);
  close(group);
}

[[noreturn]] void become(const std::vector<char*>& words, const std::string& log,
                         std::optional<unsigned> processor) noexcept {
  // Should the suite be killed, nothing of it goes on.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (processor) stay_on(*processor);
  take_precedence();
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  execv(words.front(), words.data());
  _exit(127);
}

}  // namespace

child_process::child_process(const std::vector<std::string>& words, const std::string& log,
                             std::optional<unsigned> processor) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const std::string& each : words) pointers.push_back(const_cast<char*>(each.c_str()));
  pointers.push_back(nullptr);
  // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer): not before the words stand ready
  id_ = fork();
  if (id_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (id_ == 0) become(pointers, log, processor);
  handle_ = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
  if (handle_ < 0) throw std::system_error(errno, std::generic_category(), "pidfd_open");
}

child_process::~child_process() {
  if (!how_) {
    ::kill(id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  close(handle_);
}

void child_process::signal(int number) const noexcept {
  if (!how_) ::kill(id_, number);
}

std::optional<ended> child_process::wait(std::uint32_t most_ms) {
  if (how_) return how_;
  pollfd watched{handle_, POLLIN, 0};
  if (poll(&watched, 1, static_cast<int>(most_ms)) != 1) return std::nullopt;
  int status = 0;
  rusage used{};
  if (wait4(id_, &status, 0, &used) != id_) return std::nullopt;
  how_ = ended{WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
               nanoseconds_of(used.ru_utime) + nanoseconds_of(used.ru_stime)};
  return how_;
}

}  // namespace lastbyte::suite
