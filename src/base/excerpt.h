// SPDX-License-Identifier: Apache-2.0
// Text that others wrote, lines of a log and names of files, fit to be shown to a person.
//
// Control characters, bytes that are no UTF-8 and what turns the direction of text are shown as \n,
// \t, \x1b: nothing may move the cursor of a terminal or begin a line of its own.
//
// Functions only.  Tested by excerpt_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace hctail {

// All of `text`, on one line.  A backslash stays as it is.
std::string Printable(std::string_view text);

// At most `limit` bytes of `text`, in single quotes, with "..." behind them if that is not all.
std::string Excerpt(std::string_view text, size_t limit = 100);

}  // namespace hctail
