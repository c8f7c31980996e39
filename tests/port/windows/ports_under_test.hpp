#pragma once

#include "port/iocp/port.hpp"
#include "port_list.hpp"

namespace lastbyte::test {

using ports_under_test = port_list<plainly<port::iocp::port>>;

// Made once, in drivers.cpp, and not in each file of tests.
extern template class driver<port::iocp::port>;

}  // namespace lastbyte::test
