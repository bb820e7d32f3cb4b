// SPDX-License-Identifier: Apache-2.0
#include "pipeline/format_watch.h"

#include <algorithm>

#include "parsers/parser.h"

namespace hctail {

// Good records: the window, or what is skipped before it, goes on.
void FormatWatch::Pass(uint64_t good) {
  skip_ -= std::min(skip_, good);
  if (window_ == 0) return;
  window_ += good;
  if (window_ < kWindow || refused_count_ * 2 > window_) return;
  window_ = refused_count_ = 0;
  refused_.clear();
}

bool FormatWatch::Refused(uint64_t good, uint64_t offset, std::string_view record) {
  Pass(good);
  if (skip_ > 0) {
    --skip_;
    return false;
  }
  if (window_ == 0) first_offset_ = offset;
  ++window_;
  ++refused_count_;
  const std::string_view line = record.substr(0, record.find('\n'));
  if (line.size() <= kLongest) {
    refused_.emplace_back(line).append(kRecordPadding, '\0');
  }
  if (window_ < kWindow) return false;
  if (refused_count_ * 2 > window_ && !refused_.empty()) return true;
  window_ = refused_count_ = 0;
  refused_.clear();
  return false;
}

void FormatWatch::Good(uint64_t records) {
  if (active()) Pass(records);
}

std::vector<std::string_view> FormatWatch::refused() const {
  std::vector<std::string_view> lines;
  lines.reserve(refused_.size());
  for (const std::string& line : refused_) {
    lines.push_back(std::string_view(line).substr(0, line.size() - kRecordPadding));
  }
  return lines;
}

void FormatWatch::LookLater() {
  const uint64_t patience =
      std::min<uint64_t>(patience_ == 0 ? kWindow * 4 : patience_ * 4, 1 << 20);
  *this = {};
  patience_ = skip_ = patience;
}

}  // namespace hctail
