#include "port/cpus.hpp"

#include <sched.h>

#include <cerrno>
#include <memory>

#include "port/posix/error_map.hpp"

namespace lastbyte::port {
namespace {

// More than any kernel is built for. Units: CPUs.
constexpr std::uint32_t most_cpus = 65'536;

// A set that is as large as it must be: the fixed one ends at 1,024 CPUs.
class cpu_set {
 public:
  cpu_set() : set_(CPU_ALLOC(most_cpus)) {
    if (set_) CPU_ZERO_S(size, set_.get());
  }
  [[nodiscard]] cpu_set_t* get() const noexcept { return set_.get(); }

  static constexpr std::size_t size = CPU_ALLOC_SIZE(most_cpus);

 private:
  struct deleter {
    void operator()(cpu_set_t* gone) const noexcept { CPU_FREE(gone); }
  };
  std::unique_ptr<cpu_set_t, deleter> set_;
};

}  // namespace

std::vector<std::uint32_t> usable_cpus() {
  std::vector<std::uint32_t> found;
  const cpu_set usable;
  if (usable.get() == nullptr || sched_getaffinity(0, cpu_set::size, usable.get()) != 0) return {};
  for (std::uint32_t cpu = 0; cpu < most_cpus; ++cpu) {
    if (CPU_ISSET_S(cpu, cpu_set::size, usable.get())) found.push_back(cpu);
  }
  return found;
}

outcome keep_thread_on(std::uint32_t cpu) {
  const cpu_set wanted;
  if (wanted.get() == nullptr) return posix::from_errno(ENOMEM);
  if (cpu >= most_cpus) return posix::from_errno(EINVAL);
  CPU_SET_S(cpu, cpu_set::size, wanted.get());
  // Of the calling thread, although it says process.
  if (sched_setaffinity(0, cpu_set::size, wanted.get()) != 0) return posix::last_error();
  return {};
}

}  // namespace lastbyte::port
