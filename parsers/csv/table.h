// SPDX-License-Identifier: Apache-2.0
// Knows the columns of a CSV file and makes events of its records.
//
// Owned by one file's parser.  Events view the record and this table, until the next Parse.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/text_time.h"
#include "parsers/csv/split.h"
#include "parsers/parser.h"

namespace hctail::csv {

// That of , ; tab | which parts `line` most.
char LikelyDelimiter(std::string_view line);

// `names` may be those of columns: words, each once.
bool LooksLikeHeader(std::vector<std::string_view> names);

// Why a record is malformed that goes on, perhaps, on the next line.
inline constexpr std::string_view kUnclosedQuote = "unclosed quote";

enum class Header { kFirstRecord, kNone };

class Table {
 public:
  // `find_delimiter`: that of `dialect` is not known, the first record shows it.
  Table(Dialect dialect, bool find_delimiter, Header header, TextTime time);

  bool has_columns() const { return !columns_.empty(); }
  bool wants_header() const { return columns_.empty() && header_ == Header::kFirstRecord; }
  void SetColumns(std::span<const std::string_view> names);
  // What parts the values of `record`, the next one.
  const Dialect& DialectFor(std::string_view record);

  // Takes the columns from `record`; false if it does not look like a header.
  bool TakeHeader(std::string_view record);
  // The header that stood in the file, as it was written; "" if none did.
  const std::string& header() const { return header_text_; }

  // `record` has no line terminator; it needs no bytes after it.
  Parsed Parse(std::string_view record, Event* event);

 private:
  struct Column {
    std::string name;
    int time_rank = TextTime::kNone;
  };

  void NumberColumns();
  bool IsHeader() const;
  Parsed Fill(Event* event);

  Dialect dialect_;
  const bool find_delimiter_;
  const Header header_;
  TextTime time_;
  std::vector<Column> columns_;
  std::string header_text_;
  std::vector<std::string_view> values_;  // of the record in work
  std::string scratch_;
};

}  // namespace hctail::csv
