// What the server needs to know of Linux: which ports there are, and its commands.
#include "port/epoll/port.hpp"
#include "port/epoll/shared_port.hpp"
#include "server/runtime_of.hpp"

namespace lastbyte::engine {

std::unique_ptr<runtime> make_runtime(const options& chosen, handler& serving, observer* watching,
                                      std::optional<start_problem>& problem) {
  switch (chosen.io) {
    case io_choice::automatic:
    case io_choice::epoll:
      return std::make_unique<runtime_of<port::epoll::port>>(chosen, serving, watching);
    case io_choice::epoll_shared:
      return std::make_unique<runtime_of<port::epoll::shared_port>>(chosen, serving, watching);
    case io_choice::iocp: break;
  }
  problem = missing_port_problem("IOCP", "auto, epoll, epoll-shared");
  return nullptr;
}

std::string who_listens_command(std::uint16_t tcp_port) {
  return "ss -ltnp 'sport = :" + std::to_string(tcp_port) + "'";
}

}  // namespace lastbyte::engine
