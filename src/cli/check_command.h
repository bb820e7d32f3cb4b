// SPDX-License-Identifier: Apache-2.0
// `hctail check`: looks for all that is wrong with the configuration, and tries it on the lines
// that are there.
//
// Tested by the end-to-end case `check`.
#pragma once

#include <cstdint>
#include <vector>

#include "cli/options.h"

namespace hctail {

struct CheckRequest {
  Options options;
  std::vector<Error> problems;  // with the options; if there are any, no line is tried
  bool online = false;          // the API is asked about the key
  bool json = false;
  uint64_t lines = 0;  // of each file; 0: all
  enum class Colours : uint8_t { kAuto, kAlways, kNever } colours = Colours::kAuto;
  bool no_color = false;  // $NO_COLOR is set
};

// Prints the report on stdout and returns the exit code: 0 all would arrive, 1 some line would not
// be parsed, 2 the configuration is wrong.
int CheckCommand(const CheckRequest& request);

}  // namespace hctail
