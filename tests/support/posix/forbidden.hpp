// System calls that fail for one thread, and for the threads and processes that it starts.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>
#include <future>
#include <utility>

#include "support/skip.hpp"

namespace lastbyte::test {

// From now on, as far as this thread is concerned. @param code: what it fails with. @return whether that was allowed.
inline bool forbid(unsigned system_call, int code) {
  std::array<sock_filter, 4> program{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, system_call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(code)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// Runs `body` on a thread of its own, for which the system call fails; the next one has it again.
template <class Body>
void where_it_fails(unsigned system_call, int code, Body body) {
  std::async(std::launch::async, [&] {
    if (!forbid(system_call, code)) return skip("needs the right to install a seccomp filter");
    body();
  }).get();
}

}  // namespace lastbyte::test
