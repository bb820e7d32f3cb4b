// SPDX-License-Identifier: Apache-2.0
// The beginning of a line from a log, fit to be shown to a person.
#pragma once

#include <string>
#include <string_view>

namespace hctail {

// At most `limit` bytes of `text`, in single quotes, with "..." behind them if that is not all.
// Control characters, and bytes that are no UTF-8, are shown as \n, \t, \x1B: nothing in a log may
// move the cursor of a terminal or begin a line of its own.
std::string Excerpt(std::string_view text, size_t limit = 100);

}  // namespace hctail
