// Linux's commands that tell what a start failed of.
#include "server/placement.hpp"
#include "server/start_problems.hpp"

namespace lastbyte::engine {

std::string who_listens_command(std::uint16_t tcp_port) {
  return "ss -ltnp 'sport = :" + std::to_string(tcp_port) + "'";
}

std::string_view usable_cpus_command() { return "taskset -cp $$"; }

}  // namespace lastbyte::engine
