// SPDX-License-Identifier: Apache-2.0
#include "parsers/csv/csv_file.h"

namespace hctail::csv {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kMaxSaved = 4096;
constexpr size_t kKeptCapacity = 64 << 10;

std::string_view WithoutMark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

}  // namespace

void CsvFile::TakeHead(std::string_view line) {
  line = head_.empty() ? WithoutMark(line) : line;
  if (!table_.wants_header() || headless_ || line.empty()) return;
  const bool open = !head_.empty();
  const QuoteState state = FollowQuotes(line, table_.DialectFor(line), open);
  if (open) head_ += '\n';
  head_ += line;
  if (state == QuoteState::kOpen) return;
  headless_ = !table_.TakeHeader(head_);
  head_.clear();
}

void CsvFile::Take(const FileLine& line, RecordSink* sink) {
  const std::string_view text = line.begin == 0 ? WithoutMark(line.text) : line.text;
  if (lines_.empty()) {
    const Parsed parsed = Parse(text, sink->NewEvent());
    if (parsed.why != kUnclosedQuote) {
      Deliver(parsed, text, sink);
      sink->Complete(line.end);
      return;
    }
  }
  if (!lines_.empty()) text_ += '\n';
  lines_.push_back({text_.size(), text.size(), line.end});
  text_ += text;
  Look(sink);
  DropFinished();
}

// Finds the records in the lines from next_ on.
void CsvFile::Look(RecordSink* sink) {
  while (next_ < lines_.size()) {
    const Line& first = lines_[first_];
    const Line& line = lines_[next_];
    const std::string_view text = std::string_view(text_).substr(line.offset, line.size);
    const QuoteState state = FollowQuotes(text, table_.DialectFor(text), open_);
    const size_t size = line.offset + line.size - first.offset;
    if (state == QuoteState::kFault && open_) {
      Refuse(sink);
      continue;
    }
    open_ = state == QuoteState::kOpen;
    ++next_;
    if (open_ && (next_ - first_ > kMaxLines || size > kMaxBytes)) {
      Refuse(sink);
    } else if (!open_) {
      const std::string_view record = std::string_view(text_).substr(first.offset, size);
      Deliver(Parse(record, sink->NewEvent()), record, sink);
      sink->Complete(line.end);
      first_ = next_;
    }
  }
}

Parsed CsvFile::Parse(std::string_view record, Event* event) {
  if (headless_ && !table_.has_columns()) return {Parsed::Outcome::kMalformed, "no header"};
  return table_.Parse(record, event);
}

void CsvFile::Deliver(const Parsed& parsed, std::string_view record, RecordSink* sink) {
  switch (parsed.outcome) {
    case Parsed::Outcome::kEvent:
      sink->Emit();
      return;
    case Parsed::Outcome::kSkip:
      sink->Skip();
      return;
    case Parsed::Outcome::kMalformed:
      sink->Malformed(parsed.why, record);
      return;
  }
}

// The first line of the record in work opens a quote that is not closed; the others may be CSV.
void CsvFile::Refuse(RecordSink* sink) {
  const Line& first = lines_[first_];
  sink->Malformed(kUnclosedQuote, std::string_view(text_).substr(first.offset, first.size));
  sink->Complete(first.end);
  next_ = ++first_;
  open_ = false;
}

void CsvFile::DropFinished() {
  if (first_ == 0) return;
  const size_t size = first_ < lines_.size() ? lines_[first_].offset : text_.size();
  text_.erase(0, size);
  lines_.erase(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(first_));
  for (Line& line : lines_) line.offset -= size;
  next_ -= first_;
  first_ = 0;
  if (text_.empty() && text_.capacity() > kKeptCapacity) text_ = std::string();
}

void CsvFile::OnPause(Pause pause, Duration quiet, uint64_t, RecordSink* sink) {
  if (pause == Pause::kShutdown || (pause == Pause::kIdle && quiet < kPatience)) return;
  while (first_ < lines_.size()) {
    Refuse(sink);
    Look(sink);
  }
  DropFinished();
}

std::string CsvFile::Save() const {
  const std::string& header = table_.header();
  return header.size() > kMaxSaved ? std::string() : header;
}

// The options may have changed since.
void CsvFile::Restore(std::string_view state) {
  if (table_.wants_header()) (void)table_.TakeHeader(state);
}

}  // namespace hctail::csv
