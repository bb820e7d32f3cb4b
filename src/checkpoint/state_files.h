// SPDX-License-Identifier: Apache-2.0
// What is wrong with each file of a state directory that holds positions, line by line: for
// `hctail state check`.  What is still good in them is checkpoint_loader.h's business.
//
// Functions only; nothing is changed but by KeepAside.  Tested by state_files_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace hctail {

struct StateFileFault {
  std::string name;       // "checkpoint.log"
  std::string fault;      // "line 3 is damaged (and 2 more)"
  bool newer = false;     // a newer hctail wrote it: to be left as it is
  bool harmless = false;  // a torn last line, which the next start cuts off by itself
};

// Of checkpoint, checkpoint.log and the two before them; those that are sound or not there are left
// out.
std::vector<StateFileFault> FaultsOfStateFiles(const std::string& directory);

// The whole file; an error if it is no regular one, for which reading might wait.
Result<std::string> ReadStateFile(const std::string& path);

// True for a file that hctail itself makes in its state directory, if the dead letters are there.
bool IsStateFile(std::string_view name);

// Gives `path` a second name, PATH.damaged or PATH.damaged.2 and so on, which is returned: what
// replaces it leaves that as it is.
Result<std::string> KeepAside(const std::string& path);

}  // namespace hctail
