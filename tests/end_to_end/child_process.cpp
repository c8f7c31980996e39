#include "end_to_end/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>

namespace lastbyte::test {
namespace {

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

descriptor open_for_writing(const std::string& path) {
  return descriptor(
      check(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600),
            path.c_str()));
}

// Between fork() and exec() of a process with threads only the simplest calls are allowed.
[[noreturn]] void become(char* const* words, int in, int out, int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execvp(words[0], words);
  ::_exit(127);
}

// @return its process id.
pid_t start(const std::vector<std::string>& words, const std::string& out, const std::string& err) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  const descriptor nothing(check(::open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null"));
  const descriptor to_out = open_for_writing(out);
  const descriptor to_err = open_for_writing(err);
  const pid_t id = check(::fork(), "fork");
  if (id == 0) become(pointers.data(), nothing.number(), to_out.number(), to_err.number());
  return id;
}

}  // namespace

// The handle by number: glibc has a name for the call only since 2.36.
child_process::child_process(const std::vector<std::string>& words, const std::string& out,
                             const std::string& err)
    : id_(start(words, out, err)), handle_(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0))) {
  check(handle_.number(), "pidfd_open");
}

child_process::~child_process() {
  if (code_) return;
  ::kill(id_, SIGCONT);
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

void child_process::signal(int number) const {
  if (!code_) check(::kill(id_, number), "kill");
}

void child_process::stop() const {
  signal(SIGSTOP);
  // A thread that runs at the moment stops a little later.
  siginfo_t stopped{};
  check(::waitid(P_PID, static_cast<id_t>(id_), &stopped, WSTOPPED | WEXITED | WNOWAIT), "waitid");
}

// Behind the program's name, which stands in parentheses and may hold any others.
char child_process::state() const {
  const std::string stat = read_file("/proc/" + std::to_string(id_) + "/stat");
  const auto name_end = stat.rfind(')');
  return name_end == std::string::npos ? '?' : stat.at(name_end + 2);
}

std::optional<int> child_process::wait(const time_limit& limit) {
  if (code_) return code_;
  pollfd waits{handle_.number(), POLLIN, 0};
  if (::poll(&waits, 1, limit.left_ms()) != 1) return std::nullopt;
  int status = 0;
  check(::waitpid(id_, &status, 0), "waitpid");
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return code_;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace lastbyte::test
