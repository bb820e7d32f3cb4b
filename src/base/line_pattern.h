// SPDX-License-Identifier: Apache-2.0
// The regular expressions that need no search: at each byte there is one way to go on.
//
// Most patterns for log lines are such: "^(\S+) \[([^\]]+)\] (\w+): (.*)$".  Every repetition ends
// at a byte that it could not take itself, so that a single walk over the line finds the groups,
// several times faster than RE2 finds more than four and without the memory that RE2 allocates for
// them.
//
// What is accepted: "^" at the beginning; literals; ., \d, \w, \s and their opposites; classes of
// ASCII; the quantifiers + * ? {n,m}; groups; optional groups, (...)?; "$" at the end.  And for
// each choice: what may be repeated or left out has no first byte in common with what may follow.
// Such a pattern matches exactly what RE2 says, with one difference: on text that is not UTF-8, '.'
// and negated classes take any byte.
//
// Immutable once made.  Tested by line_pattern_test.cc, against RE2.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace hctail {

class LinePattern {
 public:
  // `pattern` is one that RE2 accepts.  Empty if it is not of this kind.
  static std::optional<LinePattern> Compile(std::string_view pattern);

  // As Regex::Search; each of `groups` that the pattern has is set, and null if it took no part.
  bool Match(std::string_view text, std::span<std::string_view> groups) const;

  using Bytes = std::bitset<256>;

  struct Step {
    enum class Kind : uint8_t {
      kRun,       // `min` to `max` bytes of `bytes`
      kOpen,      // group `number` begins
      kClose,     //
      kOptional,  // unless the next byte is of `bytes`, go on at step `number`
      kEnd,       // the end of the text
      kAccept,    //
    } kind = Kind::kAccept;
    size_t number = 0;
    size_t min = 1;
    size_t max = 1;
    bool lazy = false;
    Bytes bytes = {};
  };

 private:
  std::vector<Step> steps_;
  size_t groups_ = 0;  // with the whole match
};

}  // namespace hctail
