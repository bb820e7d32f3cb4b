// SPDX-License-Identifier: Apache-2.0
#include "parsers/csv/split.h"

#include <algorithm>

namespace hctail::csv {
namespace {

// Reads the quoted value whose opening quote is at `at`; `at` becomes the byte after its closing
// one.
Fault ReadQuoted(std::string_view record, size_t* at, std::string_view* value,
                 std::string* scratch) {
  const size_t begin = *at + 1;
  bool doubled = false;
  size_t end = begin;
  while (true) {
    end = record.find('"', end);
    if (end == std::string_view::npos) return Fault::kUnclosedQuote;
    if (end + 1 >= record.size() || record[end + 1] != '"') break;
    doubled = true;
    end += 2;
  }
  *value = record.substr(begin, end - begin);
  *at = end + 1;
  if (!doubled) return Fault::kNone;
  const size_t start = scratch->size();
  for (size_t i = 0; i < value->size(); ++i) {
    scratch->push_back((*value)[i]);
    if ((*value)[i] == '"') ++i;
  }
  *value = std::string_view(*scratch).substr(start);
  return Fault::kNone;
}

}  // namespace

Fault Split(std::string_view record, const Dialect& dialect, std::vector<std::string_view>* values,
            std::string* scratch) {
  values->clear();
  for (size_t at = 0;; ++at) {
    while (dialect.trim && at < record.size() && (record[at] == ' ' || record[at] == '\t')) ++at;
    std::string_view value;
    if (at < record.size() && record[at] == '"') {
      const Fault fault = ReadQuoted(record, &at, &value, scratch);
      if (fault != Fault::kNone) return fault;
      if (at < record.size() && record[at] != dialect.delimiter) return Fault::kBareQuote;
    } else {
      const size_t end = std::min(record.find(dialect.delimiter, at), record.size());
      value = record.substr(at, end - at);
      if (value.contains('"')) return Fault::kBareQuote;
      at = end;
    }
    values->push_back(value);
    if (at >= record.size()) return Fault::kNone;
  }
}

QuoteState FollowQuotes(std::string_view line, const Dialect& dialect, bool open) {
  for (size_t at = 0;; ++at) {
    if (!open) {
      while (dialect.trim && at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
      if (at >= line.size()) return QuoteState::kClosed;
      open = line[at] == '"';
      if (open) ++at;
    }
    if (open) {
      while (true) {
        at = line.find('"', at);
        if (at == std::string_view::npos) return QuoteState::kOpen;
        if (at + 1 >= line.size() || line[at + 1] != '"') break;
        at += 2;
      }
      ++at;
      open = false;
      if (at < line.size() && line[at] != dialect.delimiter) return QuoteState::kFault;
    } else {
      const size_t end = std::min(line.find(dialect.delimiter, at), line.size());
      if (line.substr(at, end - at).contains('"')) return QuoteState::kFault;
      at = end;
    }
    if (at >= line.size()) return QuoteState::kClosed;
  }
}

size_t CountValues(std::string_view line, char delimiter, bool* open) {
  *open = false;
  size_t count = 1;
  for (size_t at = 0;; ++at, ++count) {
    if (at < line.size() && line[at] == '"') {
      do {
        at = line.find('"', at + 1);
        if (at == std::string_view::npos) {
          *open = true;
          return count;
        }
        ++at;
      } while (at < line.size() && line[at] == '"');
      if (at < line.size() && line[at] != delimiter) return 0;
    } else {
      const size_t end = std::min(line.find(delimiter, at), line.size());
      if (line.substr(at, end - at).contains('"')) return 0;
      at = end;
    }
    if (at >= line.size()) return count;
  }
}

}  // namespace hctail::csv
