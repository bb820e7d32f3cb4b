// SPDX-License-Identifier: Apache-2.0
// The input as a transcript: read whole, and stopped at a place that its last byte names, with a
// pause of some kind, and read on from what was saved.  And as a saved state.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/records.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail {
namespace {

using testing::FileParserDriver;

std::unique_ptr<FileParser> Make() {
  static const OptionValues kOptions = [] {
    OptionValues options;
    options.Set("transcript.output-max", {"100"});
    options.Set("transcript.elements", {"events"});
    options.Set("transcript.traceparent", {"text"});
    return options;
  }();
  return FindParser("transcript")->create_for_file({.options = kOptions}, {.path = "t"}).value();
}

size_t Sessions(const std::vector<FileParserDriver::Record>& records) {
  return static_cast<size_t>(std::ranges::count_if(records, [](const auto& record) {
    return record.data.starts_with("{\"name\":\"powershell session\",");
  }));
}

void StopAndGoOn(std::string_view text, size_t at, FileParser::Pause pause) {
  const auto first = Make();
  FileParserDriver before(*first);
  before.Take(text.substr(0, at));
  before.Pause(pause, std::chrono::hours(1));
  const auto second = Make();
  if (!before.points.empty()) second->Restore(before.points.back().state);
  FileParserDriver after(*second, before.completed());
  testing::TakeAll(after, text.substr(before.completed()));
  HC_CHECK(!second->holding());
}

// From every place where a restart may go on the rest gives what it gave.
void RestartAt(std::string_view text, const FileParserDriver& whole, size_t which) {
  if (whole.points.empty()) return;
  const auto& point = whole.points[which % whole.points.size()];
  const auto parser = Make();
  parser->Restore(point.state);
  FileParserDriver rest(*parser, point.offset);
  testing::TakeAll(rest, text.substr(point.offset));
  HC_CHECK(point.state.size() < 16384);
  HC_CHECK(point.records + rest.records.size() == whole.records.size());
  HC_CHECK(Sessions(rest.records) <= Sessions(whole.records));
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hctail;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parser = Make();
  testing::FileParserDriver whole(*parser);
  testing::TakeAll(whole, text);
  HC_CHECK(!parser->holding());
  if (size == 0) return 0;
  const size_t which = data[size - 1];
  RestartAt(text, whole, which);
  size_t at = size * which / 256;
  while (at < size && at > 0 && text[at - 1] != '\n') ++at;
  StopAndGoOn(text, at, which % 2 == 0 ? FileParser::Pause::kShutdown : FileParser::Pause::kIdle);
  const auto damaged = Make();
  damaged->Restore(text);
  damaged->TakeHead(text.substr(0, text.find('\n')));
  Sniff("transcript", text);
  return 0;
}
