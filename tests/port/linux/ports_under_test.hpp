#pragma once

#include "port/epoll/port.hpp"
#include "port/epoll/shared_port.hpp"
#include "port/uring/port.hpp"
#include "port_list.hpp"
#include "sim/rough_port.hpp"

namespace lastbyte::test {

#ifdef __clang_analyzer__
// clang-tidy reads each test once; what it finds doesn't depend on the port.
using ports_under_test = port_list<plainly<port::epoll::port>>;
#else
using ports_under_test =
    port_list<plainly<port::epoll::port>, plainly<port::epoll::shared_port>,
              plainly<port::uring::port>, plainly<port::sim::port>, plainly<port::sim::shared_port>,
              sim::roughly<port::sim::port>, sim::roughly<port::sim::shared_port>>;

#endif

// Made once, in drivers.cpp, and not in each file of tests.
extern template class driver<port::epoll::port>;
extern template class driver<port::epoll::shared_port>;
extern template class driver<port::uring::port>;
extern template class driver<port::sim::port>;
extern template class driver<port::sim::shared_port>;

}  // namespace lastbyte::test
