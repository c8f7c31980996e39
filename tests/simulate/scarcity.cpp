#include "simulate/scarcity.hpp"

#include <cstddef>
#include <new>

namespace lastbyte::simulation {
namespace {

scarcity*& current() noexcept {
  static thread_local scarcity* mine = nullptr;
  return mine;
}

}  // namespace

scarcity::scarcity(port::sim::dice& chance, std::uint32_t chances) noexcept
    : chance_(chance), chances_(chances) {
  current() = this;
}

scarcity::~scarcity() { current() = nullptr; }

bool scarcity::refuses() noexcept {
  if (!chance_.chance(chances_)) return false;
  ++refused_;
  return true;
}

}  // namespace lastbyte::simulation

namespace {

// @param allocate: the library's own form that throws, so that whoever frees finds its match.
template <class Allocate>
void* unless_refused(Allocate allocate) noexcept {
  using lastbyte::simulation::current;
  if (current() != nullptr && current()->refuses()) return nullptr;
  try {
    return allocate();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

// Of all the forms of new only these may say no without an exception; the others stay the library's.
void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return unless_refused([bytes] { return ::operator new(bytes); });
}
void* operator new[](std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return unless_refused([bytes] { return ::operator new[](bytes); });
}
