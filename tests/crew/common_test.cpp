#include "server/common.hpp"

#include <stdexcept>

#include "support/catch.hpp"
#include "support/scripted_handler.hpp"

using namespace lastbyte;
using namespace lastbyte::test;

namespace {

struct failing_observer final : observer {
  void on_notice(const notice& /*unused*/) override {
    ++told;
    throw std::runtime_error("no memory for a line");
  }
  int told = 0;
};

}  // namespace

TEST_CASE("what an observer throws is dropped, and what it was told of goes on") {
  scripted_handler serving;
  failing_observer watching;
  const engine::common all(options(), serving, &watching);
  CHECK_NOTHROW(all.tell(notice::kind::stuck, "a notice"));
  CHECK(watching.told == 1);
}
