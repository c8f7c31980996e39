#include "end_to_end/folder_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace lastbyte::test {

folder_watch::folder_watch(const std::string& folder)
    : events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (::inotify_add_watch(events_.number(), folder.c_str(),
                          IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
    throw std::system_error(errno, std::generic_category(), folder);
  }
}

folder_watch::news folder_watch::wait(int ended, const time_limit& limit) {
  std::array<pollfd, 2> waits{{{events_.number(), POLLIN, 0}, {ended, POLLIN, 0}}};
  if (::poll(waits.data(), waits.size(), limit.left_ms()) <= 0) return news::nothing;
  if (waits[0].revents == 0) return news::ended;
  std::array<char, 4096> which{};
  while (::read(events_.number(), which.data(), which.size()) > 0) {
    // Only that something changed matters here.
  }
  return news::changed;
}

}  // namespace lastbyte::test
