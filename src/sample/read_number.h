// SPDX-License-Identifier: Apache-2.0
// Numbers and times as options and rules files write them.  Each function reads the whole text or
// gives nothing.  Functions only.  Tested by sample_options_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace hctail {

// A finite number: "0.5", "-1", "1e3".
std::optional<double> ReadDecimal(std::string_view text);

// A whole number from 0.
std::optional<uint64_t> ReadCount(std::string_view text);

// "30s", "1m30s", "500ms", "1.5h", "1d"; a number alone counts seconds.  At most 100 years.
std::optional<Duration> ReadTimeSpan(std::string_view text);

}  // namespace hctail
