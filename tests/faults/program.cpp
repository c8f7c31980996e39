#include "faults/program.hpp"

#include <stdexcept>

#include "end_to_end/child_process.hpp"
#include "end_to_end/temporary_folder.hpp"

namespace lastbyte::test {

program_result run_program(const std::vector<std::string>& words, milliseconds limit) {
  const temporary_folder folder;
  child_process program(words, folder.file("out"), folder.file("err"));
  const auto code = program.wait(time_limit(limit));
  if (!code) throw std::runtime_error(words.front() + " did not end");
  return {*code, read_file(folder.file("out")), read_file(folder.file("err"))};
}

}  // namespace lastbyte::test
