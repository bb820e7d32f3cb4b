// SPDX-License-Identifier: Apache-2.0
// Reads the lines of a dead-letter file back (the format stands in dead_letter.h).
//
// Not thread-safe.  Tested by letter_reader_test.cc and tests/fuzz/letter_fuzz.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hctail {

// The views live until the next Read.
struct Letter {
  std::string_view file;
  uint64_t offset = 0;
  std::string_view time;     // when it was written; may be empty
  std::string_view dataset;  // may be empty
  // The raw record, or, if `is_event`, the event as it was sent, a JSON object.  Followed by at
  // least 64 readable bytes.
  std::string_view record;
  bool is_event = false;
};

class LetterReader {
 public:
  LetterReader();
  ~LetterReader();

  // False if `line` (without its newline) is no dead letter.  Members that are not known are
  // ignored; all but `record` may be missing.
  bool Read(std::string_view line, Letter* letter);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace hctail
