// SPDX-License-Identifier: Apache-2.0
// Brings what was given together, and checks each value against its row of the option table.
//
// Tested by check_values_test.cc.
#pragma once

#include <vector>

#include "base/option.h"
#include "base/result.h"
#include "cli/options.h"

namespace hctail {

// Defaults, the config file and the command line, the later winning.  Synonyms ("start" for
// "beginning") are replaced, and a flag that stands for another option sets that one.  Error: a
// value that is no number, time, size or choice, or is out of its range.
Result<OptionValues> CheckedValues(const GivenOptions& given);

// The same; a value that is wrong is told in `problems`, and as good as not given.
OptionValues CheckedValues(const GivenOptions& given, std::vector<Error>* problems);

}  // namespace hctail
