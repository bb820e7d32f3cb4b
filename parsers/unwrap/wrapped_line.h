// SPDX-License-Identifier: Apache-2.0
// Reads one line of a container's log; the formats stand in parsers/wrapper.h.
//
// Docker's JSON is read by hand: it is one flat object of strings, and most of a line is one of
// them.  Text without escapes is not copied.  An escape that JSON has not makes the line no line;
// half a surrogate pair becomes U+FFFD.
//
// No state.  Tested by wrapped_line_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "parsers/wrapper.h"

namespace hctail::unwrap {

enum class Stream : uint8_t { kStdout, kStderr };

struct WrappedLine {
  // What was written, without line terminator; a piece of a line unless `ends`.  Followed by as
  // many readable bytes as the line itself.
  std::string_view text;
  Stream stream = Stream::kStdout;
  bool ends = false;  // the line, here
  Timestamp time;
  std::string_view attrs = {};  // Docker's, as the JSON object it is
};

// False if `line` is not wrapped so.  `text` may point into `scratch`.
bool ReadWrapped(Wrapper wrapper, std::string_view line, std::string* scratch, WrappedLine* read);

// Calls `take` for each of Docker's attrs.
void ForEachAttr(std::string_view attrs,
                 const std::function<void(std::string_view name, std::string_view value)>& take);

}  // namespace hctail::unwrap
