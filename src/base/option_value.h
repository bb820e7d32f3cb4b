// SPDX-License-Identifier: Apache-2.0
// How numbers, times and sizes are written on the command line and in the config file.
//
// Each function reads the whole text or gives nothing.  Tested by value_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace hctail {

std::optional<int64_t> ReadInteger(std::string_view text);
// A whole number from 0.
std::optional<uint64_t> ReadCount(std::string_view text);
// A finite number: "0.5", "-1", "1e3".
std::optional<double> ReadDecimal(std::string_view text);

// "10s", "500ms", "1.5m", "2h", "1d", "1m30s" as Go writes it; a plain number counts `unit`s ("s"
// or "ms").  Not negative, at most 100 years.
std::optional<Duration> ReadDuration(std::string_view text, std::string_view unit);

// "1MB", "64KiB", "4096": kB, MB, GB count by 1000 and KiB, MiB, GiB by 1024; case does not matter.
std::optional<uint64_t> ReadBytes(std::string_view text);

// Go's words for true and false, as honeytail's config files have them; "" is true.
std::optional<bool> ReadGoBool(std::string_view text);

// What a Go string literal in double quotes means; a text that does not begin with one is itself.
std::optional<std::string> GoUnquote(std::string_view text);

}  // namespace hctail
