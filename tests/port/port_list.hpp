#pragma once

namespace lastbyte::test {

template <class... Ports>
struct port_list {};

}  // namespace lastbyte::test
