// Holds the server's account against the client's: two programs counted the same connections, each on its
// own, and must agree to the byte.
//
//   lastbyte-load reconcile SERVER.json CLIENT.json
//
// SERVER.json is `lastbyted --report`, CLIENT.json is `lastbyte-load --json`. They agree only if the client was
// the server's only one, and the server has ended.
#pragma once

#include <string>
#include <vector>

namespace lastbyte::load {

// @param arguments: the two files.
// @return the exit code: 0 both accounts agree and nothing was lost, 1 they don't or something was, 2 wrong usage.
[[nodiscard]] int reconcile(const std::vector<std::string>& arguments);

}  // namespace lastbyte::load
