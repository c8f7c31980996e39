// Less of something than this process had.
#pragma once

#include <sys/resource.h>

#include <cstdint>

#include "support/catch.hpp"

namespace lastbyte::test {

// While it lives, this process may have no more of something.
class limited {
 public:
  limited(decltype(RLIMIT_AS) what, std::uint64_t most) : what_(what) {
    REQUIRE(getrlimit(what, &before_) == 0);
    rlimit few = before_;
    few.rlim_cur = most;
    REQUIRE(setrlimit(what, &few) == 0);
  }
  limited(const limited&) = delete;
  limited& operator=(const limited&) = delete;
  ~limited() {
    const int failed =
        setrlimit(what_, &before_);  // first of all: a check may need what there is none of
    CHECK(failed == 0);
  }

 private:
  decltype(RLIMIT_AS) what_;
  rlimit before_{};
};

}  // namespace lastbyte::test
