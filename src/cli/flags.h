// SPDX-License-Identifier: Apache-2.0
// Every option there is, in one table: hctail's own and those of each parser.
//
// Parsing, help, the man page's OPTIONS, config keys and completions are made from it, so that an
// option is written down once.
//
// Tested by flags_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"

namespace hctail {

// In the order of help and man page: categories stay together.  Static lifetime.
const std::vector<OptionSpec>& AllOptions();

// The option with this canonical name or alias (without dashes), or null.
const OptionSpec* FindOption(std::string_view name);

// The words a kChoice takes.
std::vector<std::string_view> ChoicesOf(const OptionSpec& option);

// Adds every option's default that is not in `values` yet.
void AddDefaults(OptionValues* values);

}  // namespace hctail
