#include "service/capacity.hpp"

#include <algorithm>

#include "service/limits.hpp"
#include "text/quantity.hpp"

namespace lastbyte::service {
namespace {

// stdin, stdout, stderr, the report, and what libraries and the user's shell left open.
constexpr std::uint64_t process_files = 32;
// The set that a worker waits on, what wakes it, and one to spare.
constexpr std::uint64_t worker_files = 4;
// Below this nothing useful can be served.
constexpr std::uint64_t least_connections = 16;

}  // namespace

capacity capacity_for(const settings& wanted, std::optional<std::uint64_t> files,
                      std::uint32_t processors) {
  if (!files) return {wanted.max_connections, {}, {}};
  const std::uint64_t workers = wanted.workers == 0 ? processors : wanted.workers;
  // Each worker may have a listener of its own on each address.
  const std::uint64_t own = process_files + workers * (worker_files + wanted.listen.size());
  const std::uint64_t room = *files > own ? *files - own : 0;
  const std::uint64_t wanted_files = own + wanted.max_connections;
  if (room < std::min<std::uint64_t>(wanted.max_connections, least_connections)) {
    return {0,
            {},
            "the file limit, " + text::grouped(*files) + ", leaves room for " +
                text::grouped(room) + " connections; " + file_limit_remedy(wanted_files)};
  }
  if (room >= wanted.max_connections) return {wanted.max_connections, {}, {}};
  return {static_cast<std::uint32_t>(room),
          "the file limit, " + text::grouped(*files) + ", leaves room for " + text::grouped(room) +
              " connections, not " + text::grouped(wanted.max_connections) + "; " +
              file_limit_remedy(wanted_files),
          {}};
}

}  // namespace lastbyte::service
