#include "service/settings.hpp"

namespace lastbyte::service {

settings::settings() { listen.push_back(endpoint{.tcp_port = 27015}); }

}  // namespace lastbyte::service
