// SPDX-License-Identifier: Apache-2.0
#include "parsers/plain/plain.h"

#include "event/line_time.h"
#include "parsers/each_line.h"

namespace hctail::plain {
namespace {

class PlainParser final : public Parser {
 public:
  explicit PlainParser(const ParserConfig& config)
      : timed_(config.timed), times_(config.zone, config.now) {}

  Parsed Parse(std::string_view record, Event* event) override {
    if (record.find_first_not_of(" \t\r") == std::string_view::npos) {
      return {Parsed::Outcome::kSkip, "blank line"};
    }
    event->Add("message", Value::String(record));
    if (timed_) return {};
    if (const auto time = times_.Find(record)) last_ = time;
    event->time = last_;
    return {};
  }

 private:
  const bool timed_;
  LineTime times_;
  std::optional<Timestamp> last_;
};

Result<std::unique_ptr<Parser>> Create(const ParserConfig& config) {
  return std::make_unique<PlainParser>(config);
}

// One for each file, for the time of the line before.
Result<std::unique_ptr<FileParser>> CreateForFile(const ParserConfig& config, const FileFacts&) {
  return std::make_unique<EachLine>(std::make_shared<PlainParser>(config));
}

Confidence Sniff(std::span<const std::string_view>) { return {0, "any line is plain text"}; }

}  // namespace

const ParserSpec kPlain = {
    .name = "plain",
    .summary = "any text; the time is what looks like one in the line",
    .options = {},
    .sniff = Sniff,
    .create = Create,
    .takes_lines = true,
    .create_for_file = CreateForFile,
};

}  // namespace hctail::plain
