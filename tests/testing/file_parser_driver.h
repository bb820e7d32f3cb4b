// SPDX-License-Identifier: Apache-2.0
// Gives a FileParser the lines of a text, as a file would, and keeps what it makes of them.
//
// It holds the parser to the contract of parsers/file_parser.h and aborts where that is broken: a
// Complete goes only forward, to the begin or end of a line that was given; and between two of them
// there are no more calls than bytes.  Without doctest, so that fuzzers can use it too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "event/encode_json.h"
#include "parsers/parser.h"

namespace hctail::testing {

class FileParserDriver final : public RecordSink {
 public:
  struct Record {
    Parsed::Outcome outcome = Parsed::Outcome::kEvent;
    std::string why = {};
    std::optional<Timestamp> time = {};
    std::string data = {};  // of an event: its fields as JSON; of a malformed record: its text
  };
  // A point from which a restart would go on.
  struct Point {
    uint64_t offset = 0;
    std::string state;   // what Save() said
    size_t records = 0;  // how many there were
  };

  // `offset`: where in the file the text begins, which is complete up to there.
  explicit FileParserDriver(FileParser& parser, uint64_t offset = 0)
      : parser_(parser), offset_(offset), completed_(offset) {}

  // Lines end with "\n" or "\r\n", the last one perhaps with nothing.
  void Take(std::string_view text) {
    while (!text.empty()) {
      const size_t newline = text.find('\n');
      const size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
      std::string_view line = text.substr(0, newline);
      if (offset_ == 0 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
      if (line.ends_with('\r')) line.remove_suffix(1);
      TakeLine(line, size);
      text.remove_prefix(size);
    }
  }
  void Pause(FileParser::Pause pause, Duration quiet = {}) {
    parser_.OnPause(pause, quiet, offset_, this);
  }

  Event* NewEvent() override {
    event_.Clear();
    return &event_;
  }
  void Emit() override {
    std::string data;
    AppendData(event_, &data);
    Add({.time = event_.time, .data = std::move(data)});
  }
  void Skip() override { Add({.outcome = Parsed::Outcome::kSkip}); }
  void Malformed(std::string_view why, std::string_view record) override {
    Add({Parsed::Outcome::kMalformed, std::string(why), {}, std::string(record)});
  }
  void Complete(uint64_t end) override {
    HC_CHECK(end >= completed_ && end <= offset_);
    HC_CHECK(std::ranges::binary_search(bounds_, end));
    HC_CHECK(records.size() - counted_ <= end - completed_);
    completed_ = end;
    counted_ = records.size();
    points.push_back({end, parser_.Save(), records.size()});
  }

  uint64_t offset() const { return offset_; }
  uint64_t completed() const { return completed_; }

  Timestamp read_time;  // of the next lines
  std::vector<Record> records;
  std::vector<Point> points;

 private:
  void Add(Record record) { records.push_back(std::move(record)); }

  // `size` counts the line's terminator.
  void TakeLine(std::string_view line, size_t size) {
    padded_.assign(line);
    padded_.append(kRecordPadding, '#');
    FileLine given;
    given.text = std::string_view(padded_).substr(0, line.size());
    given.begin = offset_;
    given.end = offset_ + size;
    given.read_time = read_time;
    if (bounds_.empty()) bounds_.push_back(offset_);
    offset_ = given.end;
    bounds_.push_back(offset_);
    parser_.Take(given, this);
    // Whatever the parser kept of the line must be its own copy.
    std::ranges::fill(padded_, '?');
  }

  FileParser& parser_;
  uint64_t offset_;
  uint64_t completed_;
  size_t counted_ = 0;  // records before the last Complete
  std::vector<uint64_t> bounds_;
  Event event_;
  std::string padded_;
};

// An event's JSON, "(skip)", or "(reason) record".
inline std::string Shown(const FileParserDriver::Record& record) {
  return record.outcome == Parsed::Outcome::kEvent  ? record.data
         : record.outcome == Parsed::Outcome::kSkip ? "(skip)"
                                                    : "(" + record.why + ") " + record.data;
}

// One a line.
inline std::string Shown(std::span<const FileParserDriver::Record> records) {
  std::string shown;
  for (const auto& record : records) shown += Shown(record) + "\n";
  return shown;
}

// Reads `text` to its end.
inline void TakeAll(FileParserDriver& driver, std::string_view text) {
  driver.Take(text);
  driver.Pause(FileParser::Pause::kEnd);
  HC_CHECK(driver.completed() == driver.offset());
}

// Reads `text`, which `whole` has read, on from its points (from `most` of them at the most), with
// a parser of `make()` each time; then calls `check` with the point and what read the rest.
template <typename Make, typename Check>
void ReadOn(const FileParserDriver& whole, std::string_view text, size_t most, Make make,
            Check check) {
  const size_t step = whole.points.size() / most + 1;
  for (size_t i = 0; i < whole.points.size(); i += step) {
    const FileParserDriver::Point& point = whole.points[i];
    const std::unique_ptr<FileParser> parser = make();
    if (!point.state.empty()) parser->Restore(point.state);
    FileParserDriver rest(*parser, point.offset);
    TakeAll(rest, text.substr(point.offset));
    check(point, rest);
  }
}

// What was read from `point` on is what `whole` read from there on.
inline bool IsRest(const FileParserDriver& rest, const FileParserDriver& whole,
                   const FileParserDriver::Point& point) {
  return std::ranges::equal(
      rest.records, std::span(whole.records).subspan(point.records),
      [](const auto& a, const auto& b) { return a.outcome == b.outcome && a.data == b.data; });
}

}  // namespace hctail::testing
