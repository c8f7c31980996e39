// A contestant that serves: started fresh, listening, ended with the object.
//
// Each round has its own, so that where a program's memory happens to lie is a part of what the rounds average.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "suite/child_process.hpp"
#include "suite/contestant.hpp"
#include "suite/job.hpp"

namespace lastbyte::suite {

// Where things are. Units of the processors: their number.
struct surroundings {
  std::string build;    // the build folder
  std::string scratch;  // a folder for what the programs write
  unsigned server_processor = 0;
  unsigned client_processor = 1;
  double most_disturbance = 0.12;  // so much of one processor may go to others in a round
};

class served {
 public:
  served(const contestant& who, const job& what, const surroundings& where,
         const std::vector<std::string>& before = {});

  // Why it doesn't serve; empty: it does.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  [[nodiscard]] const std::vector<std::string>& addresses() const noexcept { return addresses_; }
  [[nodiscard]] pid_t id() const noexcept { return process_->id(); }
  // Asks it to end, and waits. @return nothing if it had to be killed.
  std::optional<ended> end();

 private:
  void await_addresses(const std::string& file, const std::string& log);

  std::unique_ptr<child_process> process_;  // there from the beginning to the end
  std::vector<std::string> addresses_;
  std::string problem_;
};

}  // namespace lastbyte::suite
