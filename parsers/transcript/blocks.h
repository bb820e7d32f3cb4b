// SPDX-License-Identifier: Apache-2.0
// Finds the blocks between lines of 22 asterisks, by their shape, in whatever language:
//
//   S title "Start time: 14 digits" fields... S    a header
//   S title "...: 14 digits" S                     a footer, or the header of -UseMinimalHeader
//   S "...: 14 digits" S                           the time at which the next command began
//
// S is the line of asterisks.  The last form may share its first S with the block before it
// (5.1.14393).  A block's lines are held back until it is known to be one; if it turns out to be
// none, they are given back as text.
//
// Serves one thread.  Tested by blocks_test.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "parsers/file_parser.h"
#include "parsers/transcript/text.h"

namespace hctail::transcript {

// A line kept for later.
struct Line {
  explicit Line(const FileLine& line)
      : text(line.text), begin(line.begin), end(line.end), read_time(line.read_time) {}

  std::string text;
  uint64_t begin;
  uint64_t end;
  Timestamp read_time;
};

// Of a header: S, title, stamp, fields.
inline constexpr size_t kStampOfHeader = 2;
inline constexpr size_t kFieldsOfHeader = 3;

enum class BlockKind {
  kText,
  kHeader,      // with fields
  kShort,       // a footer or a header without fields
  kInvocation,  // the time of the next command
};

// Either a block, with all its lines, or one line that is text after all (kText).
struct Piece {
  BlockKind kind = BlockKind::kText;
  std::vector<Line> lines;
  size_t stamp = 0;  // which of them has the time

  Stamp time() const { return ReadStamp(lines[stamp].text).value_or(Stamp{}); }
};

class BlockFinder {
 public:
  // `line` is text for sure, and needs no Add.
  bool IsText(std::string_view line) const {
    return held_.empty() && !after_separator_ && (line.empty() || line[0] != '*');
  }

  // Takes a line; then take what Next has until it has nothing.
  void Add(const FileLine& line);
  std::optional<Piece> Next() { return Take(Input::kMore); }
  // Instead, at the end of the file: blocks may lack their end.
  std::optional<Piece> NextAtEnd() { return Take(Input::kEnd); }

  // Whether the last line was the S that ends a block; and for a reader that begins after it.
  bool after_separator() const { return after_separator_; }
  // What is held has its first S from the block before.
  bool headless() const { return headless_; }
  void SetAfterSeparator() { after_separator_ = true; }

  bool empty() const { return held_.empty(); }
  uint64_t begin() const { return held_.front().begin; }  // if not empty

 private:
  enum class Input { kMore, kEnd };
  enum class Shape { kUnknown, kNone, kBlock };

  std::optional<Piece> Take(Input input);
  Shape Look(Input input, BlockKind* kind) const;
  bool HasFields() const;
  Piece TakeLine();
  Piece TakeBlock(BlockKind kind);

  std::deque<Line> held_;
  size_t bytes_ = 0;
  bool after_separator_ = false;  // the line before was the S that ends a block
  bool headless_ = false;         // that S is also the first of what is held
};

}  // namespace hctail::transcript
