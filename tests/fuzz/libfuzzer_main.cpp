// One target as a libFuzzer program; which one is the build's to say.
#include <cstddef>

#include "fuzz/target.hpp"

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  lastbyte::fuzz::LASTBYTE_FUZZ_TARGET({data, size});
  return 0;
}
