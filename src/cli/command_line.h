// SPDX-License-Identifier: Apache-2.0
// argv, taken apart by the rules of honeytail's command line.
//
// --name VALUE, --name=VALUE, -n VALUE, -nVALUE, -n=VALUE; flags may be joined (-hV) and take no
// value.  A value that begins with '-' must be joined by '='; a lone '-' is a value.  A value that
// begins with '"' is a Go string literal.  Names are not abbreviated.
//
// The one door to CLI11.  Tested by command_line_test.cc.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/option.h"
#include "base/result.h"

namespace hctail {

struct CommandLine {
  OptionValues values;             // by canonical name, flags as "true"; no defaults
  std::vector<std::string> words;  // neither options nor their values: "state", "show"
  bool short_help = false;         // -h, and not --help
};

// `argv` includes the program's name.  Error: an unknown option, or a missing or unwanted value.
// With help or version asked for, nothing else is an error.
Result<CommandLine> ParseCommandLine(std::span<const char* const> argv);

}  // namespace hctail
