#pragma once

#include "port/epoll/port.hpp"
#include "port/epoll/shared_port.hpp"
#include "port_list.hpp"

namespace lastbyte::test {

using ports_under_test = port_list<port::epoll::port, port::epoll::shared_port>;

}  // namespace lastbyte::test
