// SPDX-License-Identifier: Apache-2.0
// Notices that the lines of a file are no longer of its format.
//
// From the first record on that its parser refuses a window of kWindow records is looked at.  If
// more than half of them were refused, these are worth a guess at what they are; if that leads to
// nothing the next window is waited for four times as long as before.  A good record costs nothing:
// whoever refuses one says how many good ones came before it.
//
// Not thread-safe; a worker takes it out of the Lane for the time of a segment.
// Tested by format_watch_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hctail {

class FormatWatch {
 public:
  static constexpr size_t kWindow = 20;
  static constexpr size_t kLongest = 16 << 10;  // a line of more bytes is counted and not kept

  // `good` records, and then one that was refused: it begins at `offset` of the file.  True if it
  // is time to look at refused().
  bool Refused(uint64_t good, uint64_t offset, std::string_view record);
  // There is a window, or something else to be kept until the next segment.
  bool active() const { return window_ > 0 || skip_ > 0; }
  // Good records at the end of a segment.
  void Good(uint64_t records);

  // Of this window: the first lines of the records, each with readable bytes behind it as parsers
  // want them.  Valid until the next call of anything else.
  std::vector<std::string_view> refused() const;
  uint64_t first_offset() const { return first_offset_; }
  bool all_refused() const { return refused_count_ == window_; }

  // They are of no format that is known, or nothing can be done about it.
  void LookLater();
  void Forget() { *this = {}; }

 private:
  void Pass(uint64_t good);

  size_t window_ = 0;  // records seen in it; 0: there is none
  size_t refused_count_ = 0;
  uint64_t first_offset_ = 0;
  std::vector<std::string> refused_;
  uint64_t skip_ = 0;      // records until the next window may begin
  uint64_t patience_ = 0;  // the last such number
};

}  // namespace hctail
