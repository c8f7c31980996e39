// The one way to include Catch2: v2 where Debian has it, v3 where only that is found.
#pragma once

#if __has_include(<catch2/catch.hpp>)
#include <catch2/catch.hpp>
#else
#include <catch2/catch_all.hpp>
namespace Catch {
using TestEventListenerBase = EventListenerBase;  // its name in v2
}
#endif
