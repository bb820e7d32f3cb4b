// SPDX-License-Identifier: Apache-2.0
// The config file: honeytail's INI dialect, read by hand because no INI library has its rules.
//
//   ; or # begins a comment line
//   [Tail Options]
//   ReadFrom = beginning          a key is an option's name, an alias of it, honeytail's field
//   file = /var/log/a.log         name, or the short letter
//   file = "/var/log/b\x20c.log"  a value in double quotes is a Go string literal; others are raw
//
// A section is the heading of a group of options; its keys may leave out the group's prefix.  Keys
// before any section and under [Application Options] are looked for in all groups.  A repeated key
// of a repeatable option adds a value; of any other it is an error.
//
// Tested by config_file_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/option.h"
#include "base/result.h"

namespace hctail {

// What `text`, the content of `path`, sets.  Origins are "PATH:LINE".
Result<OptionValues> ParseConfigFile(const std::string& path, std::string_view text);

// The same, going on behind lines that are wrong: they set nothing and are told in `problems`.
OptionValues ParseConfigFile(const std::string& path, std::string_view text,
                             std::vector<Error>* problems);

}  // namespace hctail
