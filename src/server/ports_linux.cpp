// The server on each of Linux's ports, and which one is taken.
#include <cerrno>
#include <fstream>

#include "port/epoll/port.hpp"
#include "port/epoll/shared_port.hpp"
#include "port/uring/port.hpp"
#include "server/runtime_of.hpp"

namespace lastbyte::engine {
namespace {

static_assert(sizeof(slot<port::uring::port>) <= most_slot_bytes);
static_assert(sizeof(slot<port::epoll::port>) <= most_slot_bytes);

struct refusal {
  std::string cause;
  std::string remedy;
};

refusal explain_denial() {
  int setting = 0;
  std::ifstream("/proc/sys/kernel/io_uring_disabled") >> setting;  // since Linux 6.6
  if (setting != 0) {
    return {"kernel.io_uring_disabled is " + std::to_string(setting),
            "allow it: sysctl -w kernel.io_uring_disabled=0"};
  }
  return {"a seccomp filter forbids it, as containers do by default",
          "allow io_uring_setup, io_uring_enter and io_uring_register in the container's seccomp "
          "profile"};
}

refusal explain(int code) {
  switch (code) {
    case EPERM:
    case EACCES: return explain_denial();
    case ENOSYS:
      return {"this kernel is built without it, or a seccomp filter hides it",
              "use a kernel with CONFIG_IO_URING"};
    case EINVAL:
    case EOPNOTSUPP: return {"this kernel's is too old", "use Linux 6.0 or later"};
    case ENOMEM: return {"out of memory that may be locked", "raise the limit: ulimit -l"};
    case EMFILE:
    case ENFILE: return {"out of files", "raise the limit of open files: ulimit -n"};
    case EAGAIN: return {"out of threads", "raise the limit of threads: ulimit -u"};
    default: return {"the system refused", "try --io epoll"};
  }
}

start_problem uring_problem(const port::outcome& why) {
  const std::error_code code(why.native, std::system_category());
  refusal said = explain(why.native);
  return {code,
          "io_uring is refused (errno " + std::to_string(why.native) + ", " + code.message() +
              "): " + std::move(said.cause),
          std::move(said.remedy)};
}

// Tells that the second best port must do.
void tell_refusal(observer* watching, const port::outcome& why) {
  if (watching == nullptr) return;
  const start_problem said = uring_problem(why);
  const std::string text = said.text + "; going on with epoll; " + said.remedy;
  watching->on_notice({notice::kind::port_refused, nullptr, text});
}

}  // namespace

std::unique_ptr<runtime> make_runtime(const options& chosen, handler& serving, observer* watching,
                                      std::optional<start_problem>& problem) {
  switch (chosen.io) {
    case io_choice::automatic:
    case io_choice::uring: {
      const port::outcome refused = port::uring::port::try_out();
      if (!refused.failed())
        return std::make_unique<runtime_of<port::uring::port>>(chosen, serving, watching);
      if (chosen.io == io_choice::uring) {
        problem = uring_problem(refused);
        return nullptr;
      }
      tell_refusal(watching, refused);
      [[fallthrough]];
    }
    case io_choice::epoll:
      return std::make_unique<runtime_of<port::epoll::port>>(chosen, serving, watching);
    case io_choice::epoll_shared:
      return std::make_unique<runtime_of<port::epoll::shared_port>>(chosen, serving, watching);
    case io_choice::iocp: break;
  }
  problem = missing_port_problem("IOCP", "auto, uring, epoll, epoll-shared");
  return nullptr;
}

}  // namespace lastbyte::engine
