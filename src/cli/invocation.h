// SPDX-License-Identifier: Apache-2.0
// From argv to what hctail is to do: the one entry of option handling.
//
// Tested by invocation_test.cc.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "cli/options.h"

namespace hctail {

struct Invocation {
  enum class Kind {
    kPrint,      // write `text` to stdout and exit 0: help, version, lists
    kRun,        // read, parse and ship as `options` says
    kStateShow,  // show the state directory of `options`; its other fields are defaults
  };
  Kind kind = Kind::kRun;
  std::string text = {};
  Options options = {};
};

// `argv` includes the program's name.  Error: print it and exit 2.
Result<Invocation> ParseInvocation(std::span<const char* const> argv,
                                   const Environment& environment);

}  // namespace hctail
