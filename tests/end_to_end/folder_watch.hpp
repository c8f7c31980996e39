// Waits for something to change in a folder, such as a file that another process writes.
#pragma once

#include <string>

#include "end_to_end/descriptor.hpp"
#include "end_to_end/time_limit.hpp"

namespace lastbyte::test {

class folder_watch {
 public:
  explicit folder_watch(const std::string& folder);

  enum class news { changed, ended, nothing };
  /// @param ended: another descriptor that ends the wait once it is readable.
  news wait(int ended, const time_limit& limit);

 private:
  descriptor events_;
};

}  // namespace lastbyte::test
