#pragma once

#include "port/iocp/port.hpp"
#include "port_list.hpp"

namespace lastbyte::test {

using ports_under_test = port_list<port::iocp::port>;

}  // namespace lastbyte::test
