// SPDX-License-Identifier: Apache-2.0
// Numbers as people read them.  Functions only.  Tested by cli/state_text_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hctail {

// "1,234,567".
std::string WithCommas(uint64_t number);

// "1 byte", "1,234 bytes".
std::string Counted(uint64_t number, std::string_view noun);

}  // namespace hctail
