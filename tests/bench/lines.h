// SPDX-License-Identifier: Apache-2.0
// A file of lines for benchmarks of parsers, and the figures of a run over it.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parsers/parser.h"

namespace hctail::bench {

class Lines {
 public:
  // `text` ends with a newline.
  explicit Lines(std::string text) : text_(std::move(text)) {
    for (size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
      ends_.push_back(at);
    }
    text_.append(kRecordPadding, '\0');
  }
  // At least `bytes` of lines; `make` is given the number of the line, from 0.
  template <typename Make>
  static Lines Of(size_t bytes, Make make) {
    std::string text;
    for (size_t number = 0; text.size() < bytes; ++number) {
      text += make(number);
      text += '\n';
    }
    return Lines(std::move(text));
  }

  size_t count() const { return ends_.size(); }

  void GiveTo(FileParser& parser, RecordSink* sink) const {
    FileLine line;
    for (const size_t end : ends_) {
      line.begin = line.end;
      line.end = end + 1;
      line.text = std::string_view(text_).substr(line.begin, end - line.begin);
      parser.Take(line, sink);
    }
    parser.OnPause(FileParser::Pause::kEnd, {}, line.end, sink);
  }
  // `use` is given what became of each line.
  template <typename Use>
  void GiveTo(Parser& parser, Use use) const {
    Event event;
    size_t begin = 0;
    for (const size_t end : ends_) {
      event.Clear();
      use(parser.Parse(std::string_view(text_).substr(begin, end - begin), &event), event);
      begin = end + 1;
    }
  }

  // What it means that all of them took `seconds`.
  std::string Rates(double seconds) const {
    const auto bytes = static_cast<double>(text_.size());
    const auto lines = static_cast<double>(count());
    return fmt::format("{:4.0f} B/line {:6.0f} MB/s {:6.2f} M lines/s", bytes / lines,
                       bytes / seconds / 1e6, lines / seconds / 1e6);
  }

 private:
  std::string text_;
  std::vector<size_t> ends_;  // of each line, without its newline
};

class CountingSink final : public RecordSink {
 public:
  Event* NewEvent() override {
    event_.Clear();
    return &event_;
  }
  void Emit() override { ++events; }
  void Skip() override {}
  void Malformed(std::string_view /*why*/, std::string_view /*record*/) override { ++malformed; }
  void Complete(uint64_t /*end*/) override {}

  size_t events = 0;
  size_t malformed = 0;

 private:
  Event event_;
};

}  // namespace hctail::bench
