// SPDX-License-Identifier: Apache-2.0
// Takes key=value pairs off a line, one by one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hctail::keyval {

struct Pair {
  std::string_view key;
  std::string_view value;
  bool has_equals = false;
  bool quoted = false;
  bool escaped = false;  // `value` has backslashes in it that Unescape is for
  bool closed = true;    // of a quoted value
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // The next pair; false at the end.
  bool Next(Pair* pair);
  // Where the pair that Next returned last began.
  size_t begin() const { return begin_; }

 private:
  void ReadQuoted(Pair* pair);

  std::string_view text_;
  size_t at_ = 0;
  size_t begin_ = 0;
};

// Appends `text` with the escapes of JSON strings, and \', replaced.  False, and nothing is
// appended, if it has others.
bool Unescape(std::string_view text, std::string* out);

}  // namespace hctail::keyval
