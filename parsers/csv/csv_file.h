// SPDX-License-Identifier: Apache-2.0
// One CSV file: finds its records, which may span lines, and its header.
//
// A record is open while a value's quote is.  If it cannot be closed (what follows the next quote
// is no CSV, or more than kMaxLines or kMaxBytes come, or nothing for kPatience, or the file ends),
// its first line is malformed, and the lines after it are looked at anew.
//
// Save() is the header, if that is not too long; else TakeHead gives it again.
//
// Tested by csv_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/csv/table.h"
#include "parsers/file_parser.h"

namespace hctail::csv {

class CsvFile final : public FileParser {
 public:
  static constexpr size_t kMaxLines = 1000;
  static constexpr size_t kMaxBytes = 1'000'000;
  static constexpr Duration kPatience = std::chrono::minutes(1);

  explicit CsvFile(Table table) : table_(std::move(table)) {}

  void TakeHead(std::string_view line) override;
  void Take(const FileLine& line, RecordSink* sink) override;
  void OnPause(Pause pause, Duration quiet, uint64_t end, RecordSink* sink) override;
  bool holding() const override { return !lines_.empty(); }
  std::string Save() const override;
  void Restore(std::string_view state) override;

 private:
  struct Line {
    size_t offset = 0;  // in text_
    size_t size = 0;
    uint64_t end = 0;  // in the file
  };

  void Look(RecordSink* sink);
  Parsed Parse(std::string_view record, Event* event);
  static void Deliver(const Parsed& parsed, std::string_view record, RecordSink* sink);
  void Refuse(RecordSink* sink);
  void DropFinished();

  Table table_;
  std::string head_;       // of a header that spans lines
  bool headless_ = false;  // the file's first record is no header
  // Lines that are not done, with '\n' between them in text_.
  std::string text_;
  std::vector<Line> lines_;
  size_t first_ = 0;   // of the record in work
  size_t next_ = 0;    // to be looked at
  bool open_ = false;  // a quote, before next_
};

}  // namespace hctail::csv
