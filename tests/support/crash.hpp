// What a crash in a test does, per platform: it must end the process, with a code that says so.
#pragma once

namespace lastbyte::test {

/// Makes sure that a crash ends the process at once with an exit code other than 0.
void install_crash_handler();

}  // namespace lastbyte::test
