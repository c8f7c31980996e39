#include "ports_under_test.hpp"

namespace lastbyte::test {

template class driver<port::epoll::port>;
template class driver<port::epoll::shared_port>;
template class driver<port::uring::port>;
template class driver<port::sim::port>;
template class driver<port::sim::shared_port>;

}  // namespace lastbyte::test
