#include "ports_under_test.hpp"

namespace lastbyte::test {

template class driver<port::iocp::port>;

}  // namespace lastbyte::test
