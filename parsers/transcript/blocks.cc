// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/blocks.h"

#include <algorithm>
#include <utility>

namespace hctail::transcript {
namespace {

// Of a header: the command line in it may be a whole script.
constexpr size_t kMaxLines = 2000;
constexpr size_t kMaxBytes = 512 << 10;

}  // namespace

void BlockFinder::Add(const FileLine& line) {
  const bool after_separator = std::exchange(after_separator_, false);
  if (held_.empty()) headless_ = after_separator && ReadStamp(line.text);
  bytes_ += line.text.size();
  held_.emplace_back(line);
}

Piece BlockFinder::TakeLine() {
  Piece piece;
  piece.lines.push_back(std::move(held_.front()));
  held_.pop_front();
  bytes_ -= piece.lines[0].text.size();
  headless_ = false;
  return piece;
}

Piece BlockFinder::TakeBlock(BlockKind kind) {
  Piece piece;
  piece.kind = kind;
  piece.stamp = kind != BlockKind::kInvocation ? kStampOfHeader : headless_ ? 0 : 1;
  piece.lines.assign(std::make_move_iterator(held_.begin()), std::make_move_iterator(held_.end()));
  held_.clear();
  bytes_ = 0;
  headless_ = false;
  after_separator_ = true;
  return piece;
}

std::optional<Piece> BlockFinder::Take(Input input) {
  if (held_.empty()) return std::nullopt;
  if (!headless_ && !IsSeparator(held_.front().text)) return TakeLine();
  BlockKind kind = BlockKind::kText;
  switch (Look(input, &kind)) {
    case Shape::kUnknown:
      return std::nullopt;
    case Shape::kNone:
      return TakeLine();
    case Shape::kBlock:
      break;
  }
  return TakeBlock(kind);
}

BlockFinder::Shape BlockFinder::Look(Input input, BlockKind* kind) const {
  const auto line = [&](size_t i) { return std::string_view(held_[i].text); };
  const bool at_end = input == Input::kEnd;
  const Shape open = at_end ? Shape::kNone : Shape::kUnknown;
  const size_t stamp = headless_ ? 0 : 1;
  if (held_.size() <= stamp) return open;
  if (ReadStamp(line(stamp))) {
    *kind = BlockKind::kInvocation;
    if (held_.size() == stamp + 1) return at_end ? Shape::kBlock : open;
    return IsSeparator(line(stamp + 1)) ? Shape::kBlock : Shape::kNone;
  }
  if (IsSeparator(line(1)) || Trim(line(1)).empty()) return Shape::kNone;
  if (held_.size() <= kStampOfHeader) return open;
  if (!ReadStamp(line(kStampOfHeader))) return Shape::kNone;
  *kind = BlockKind::kShort;
  if (held_.size() == kFieldsOfHeader) return at_end ? Shape::kBlock : open;
  if (IsSeparator(line(kFieldsOfHeader))) return Shape::kBlock;
  *kind = BlockKind::kHeader;
  if (at_end || IsSeparator(held_.back().text)) {
    return HasFields() ? Shape::kBlock : Shape::kNone;
  }
  return held_.size() > kMaxLines || bytes_ > kMaxBytes ? Shape::kNone : open;
}

// Whatever the language, there is a line "...: machine (system)".
bool BlockFinder::HasFields() const {
  const auto first = held_.begin() + static_cast<ptrdiff_t>(kFieldsOfHeader);
  return std::any_of(first, held_.end(), [](const Line& line) {
    return line.text.find('(') != std::string::npos || line.text.starts_with("PSVersion:");
  });
}

}  // namespace hctail::transcript
