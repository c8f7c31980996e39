// The server on Windows's port.
#include "port/iocp/port.hpp"
#include "server/runtime_of.hpp"

namespace lastbyte::engine {

std::unique_ptr<runtime> make_runtime(const options& chosen, handler& serving, observer* watching,
                                      std::optional<start_problem>& problem) {
  switch (chosen.io) {
    case io_choice::automatic:
    case io_choice::iocp:
      return std::make_unique<runtime_of<port::iocp::port>>(chosen, serving, watching);
    case io_choice::uring:
    case io_choice::epoll:
    case io_choice::epoll_shared: break;
  }
  problem = missing_port_problem("epoll or io_uring", "auto, iocp");
  return nullptr;
}

}  // namespace lastbyte::engine
