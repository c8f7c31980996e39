#include "service/manager.hpp"

namespace lastbyte::service {

bool takes_service_flag(std::vector<std::string>& arguments) {
  return std::erase(arguments, "--service") != 0;
}

}  // namespace lastbyte::service
