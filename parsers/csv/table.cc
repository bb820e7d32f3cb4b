// SPDX-License-Identifier: Apache-2.0
#include "parsers/csv/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "event/typed_text.h"

namespace hctail::csv {
namespace {

constexpr std::string_view kDelimiters = ",;\t|";
constexpr size_t kMaxNameSize = 100;
constexpr size_t kMaxColumns = 2000;

bool LooksLikeName(std::string_view text) {
  if (text.empty() || text.size() > kMaxNameSize) return false;
  const bool letter = std::ranges::any_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
  const bool odd = std::ranges::any_of(
      text, [](char c) { return c == '=' || c == '{' || c == '}' || c == '"' || c == '\\'; });
  const bool digit_first = text[0] >= '0' && text[0] <= '9';
  return letter && !odd && !digit_first && text.find("://") == std::string_view::npos;
}

}  // namespace

char LikelyDelimiter(std::string_view line) {
  char likely = ',';
  size_t most = 1;
  for (const char delimiter : kDelimiters) {
    bool open = false;
    const size_t count = CountValues(line, delimiter, &open);
    if (count <= most) continue;
    most = count;
    likely = delimiter;
  }
  return likely;
}

bool LooksLikeHeader(std::vector<std::string_view> names) {
  if (!std::ranges::all_of(names, LooksLikeName)) return false;
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) == names.end();
}

Table::Table(Dialect dialect, bool find_delimiter, Header header, TextTime time)
    : dialect_(dialect), find_delimiter_(find_delimiter), header_(header), time_(std::move(time)) {}

void Table::SetColumns(std::span<const std::string_view> names) {
  columns_.clear();
  for (const std::string_view name : names)
    columns_.push_back({std::string(name), time_.Rank(name)});
}

const Dialect& Table::DialectFor(std::string_view record) {
  if (columns_.empty() && find_delimiter_) dialect_.delimiter = LikelyDelimiter(record);
  return dialect_;
}

bool Table::TakeHeader(std::string_view record) {
  scratch_.clear();
  scratch_.reserve(record.size());
  if (Split(record, DialectFor(record), &values_, &scratch_) != Fault::kNone) return false;
  if (values_.size() > kMaxColumns || !LooksLikeHeader(values_)) return false;
  SetColumns(values_);
  header_text_ = record;
  return true;
}

Parsed Table::Parse(std::string_view record, Event* event) {
  if (record.empty()) return {Parsed::Outcome::kSkip, "blank line"};
  scratch_.clear();
  if (scratch_.capacity() < record.size()) scratch_.reserve(record.size());
  switch (Split(record, DialectFor(record), &values_, &scratch_)) {
    case Fault::kBareQuote:
      return {Parsed::Outcome::kMalformed, "quote inside a value"};
    case Fault::kUnclosedQuote:
      return {Parsed::Outcome::kMalformed, kUnclosedQuote};
    case Fault::kNone:
      break;
  }
  if (wants_header()) {
    if (!TakeHeader(record)) return {Parsed::Outcome::kMalformed, "no header"};
    return {Parsed::Outcome::kSkip, "header"};
  }
  if (columns_.empty()) NumberColumns();
  if (values_.size() != columns_.size()) {
    return {Parsed::Outcome::kMalformed, "wrong number of values"};
  }
  if (IsHeader()) return {Parsed::Outcome::kSkip, "header"};
  return Fill(event);
}

void Table::NumberColumns() {
  for (size_t i = 0; i < std::min(values_.size(), kMaxColumns); ++i) {
    columns_.push_back({fmt::format("column_{}", i + 1)});
  }
}

bool Table::IsHeader() const {
  return header_ == Header::kFirstRecord &&
         std::ranges::equal(values_, columns_, {}, {}, &Column::name);
}

Parsed Table::Fill(Event* event) {
  time_.Begin();
  for (size_t i = 0; i < columns_.size(); ++i) {
    event->Add(columns_[i].name, TypedText(values_[i]));
    if (columns_[i].time_rank != TextTime::kNone) {
      time_.Offer(columns_[i].time_rank, values_[i]);
    }
  }
  time_.Finish(event);
  // Without names, the first column is the usual place.
  if (header_ == Header::kNone && !event->time) {
    event->time = time_.Read(values_[0]);
    event->time_from = columns_[0].name;
  }
  if (event->fields().empty()) {
    return {Parsed::Outcome::kMalformed, "no field besides the time"};
  }
  return {};
}

}  // namespace hctail::csv
