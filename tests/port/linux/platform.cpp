#include "platform.hpp"

#include <sys/resource.h>
#include <sys/socket.h>

namespace lastbyte::test {

const platform_facts& facts() {
  static const platform_facts all;
  return all;
}

std::uint32_t allowed_sockets() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t kept_for_the_rest = 64;
  constexpr rlim_t plenty = 1'000'000;
  return static_cast<std::uint32_t>((limit.rlim_max < plenty ? limit.rlim_max : plenty) -
                                    kept_for_the_rest);
}

bool take_error(std::uintptr_t native) {
  int code = 0;
  socklen_t length = sizeof code;
  return ::getsockopt(static_cast<int>(native), SOL_SOCKET, SO_ERROR, &code, &length) == 0 &&
         code != 0;
}

}  // namespace lastbyte::test
