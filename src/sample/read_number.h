// SPDX-License-Identifier: Apache-2.0
// Numbers as options and rules files write them.  Each function reads the whole text or gives
// nothing.  Functions only.  Tested by sample_options_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hctail {

// A finite number: "0.5", "-1", "1e3".
std::optional<double> ReadDecimal(std::string_view text);

// A whole number from 0.
std::optional<uint64_t> ReadCount(std::string_view text);

}  // namespace hctail
