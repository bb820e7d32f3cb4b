// SPDX-License-Identifier: Apache-2.0
// Splits one CSV record into its values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hctail::csv {

enum class Fault { kNone, kBareQuote, kUnclosedQuote };

struct Dialect {
  char delimiter = ',';
  bool trim = false;  // spaces before values
};

// Puts the values of `record` into `values`.  Those with "" in them are unescaped into `scratch`,
// which is appended to and must have room for record.size() more bytes.
Fault Split(std::string_view record, const Dialect& dialect, std::vector<std::string_view>* values,
            std::string* scratch);

// What a line does to the quotes around a value.
enum class QuoteState { kClosed, kOpen, kFault };

// The state at the end of `line`, at whose beginning a quote is `open` or not.
QuoteState FollowQuotes(std::string_view line, const Dialect& dialect, bool open);

// How many values `line` has; `open` is set if the last is in quotes that are not closed.  0 if it
// is no CSV.
size_t CountValues(std::string_view line, char delimiter, bool* open);

}  // namespace hctail::csv
