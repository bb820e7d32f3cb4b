// SPDX-License-Identifier: Apache-2.0
// Transcripts of testdata, stopped and read on at every place: nothing may be lost, and each
// session is sent once.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "base/file.h"
#include "parsers/parser.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;
using testing::FileParserDriver;
using Record = FileParserDriver::Record;

std::unique_ptr<FileParser> Make() {
  static const OptionValues kNone;
  return FindParser("transcript")->create_for_file({.options = kNone}, {.path = "t.txt"}).value();
}

struct Transcript {
  std::string name;
  std::string text;
};

std::vector<Transcript> Transcripts() {
  std::vector<Transcript> all;
  for (const auto& entry : fs::directory_iterator(fs::path(HCTAIL_TESTDATA) / "transcript")) {
    if (entry.path().extension() != ".log") continue;
    all.push_back({entry.path().filename().string(), ReadWholeFile(entry.path()).value()});
  }
  REQUIRE(all.size() >= 12);
  return all;
}

std::string_view ValueOf(std::string_view data, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const size_t at = data.find(key);
  if (at == std::string_view::npos) return {};
  const size_t begin = at + key.size();
  return data.substr(begin, data.find('"', begin) - begin);
}

// How often each command and each session was sent.
struct Tally {
  std::map<std::string, int> commands = {};
  std::map<std::string, int> sessions = {};

  explicit Tally(const std::vector<Record>& records) {
    for (const Record& record : records) {
      const std::string_view data = record.data;
      if (ValueOf(data, "name") == "powershell session") {
        ++sessions[std::string(ValueOf(data, "trace.span_id"))];
      } else if (!ValueOf(data, "powershell.command.name").empty()) {
        ++commands[std::string(ValueOf(data, "powershell.command.id"))];
      }
    }
  }
};

TEST_CASE("Transcript: a restart at any Complete goes on as if nothing had happened") {
  for (const Transcript& transcript : Transcripts()) {
    CAPTURE(transcript.name);
    const auto parser = Make();
    FileParserDriver whole(*parser);
    whole.Take(transcript.text);
    whole.Pause(FileParser::Pause::kEnd);
    CHECK_FALSE(parser->holding());
    testing::ReadOn(whole, transcript.text, whole.points.size() + 1, Make,
                    [&](const auto& point, const auto& rest) {
                      CAPTURE(point.offset);
                      CHECK(point.state.size() < 4096);
                      CHECK(testing::IsRest(rest, whole, point));
                    });
  }
}

// After each line, with a shutdown (`pause`) and a new instance, or a long silence and the same
// one.
void StopEverywhere(const Transcript& transcript, FileParser::Pause pause) {
  CAPTURE(transcript.name);
  const auto parser = Make();
  FileParserDriver whole(*parser);
  whole.Take(transcript.text);
  whole.Pause(FileParser::Pause::kEnd);
  const Tally expected(whole.records);
  for (size_t at = transcript.text.find('\n'); at != std::string::npos;
       at = transcript.text.find('\n', at + 1)) {
    CAPTURE(at);
    const std::string_view text = transcript.text;
    const auto first = Make();
    FileParserDriver before(*first);
    before.Take(text.substr(0, at + 1));
    before.Pause(pause, std::chrono::hours(1));
    std::vector<Record> records = before.records;
    if (pause == FileParser::Pause::kIdle) {
      before.Take(text.substr(at + 1));
      before.Pause(FileParser::Pause::kEnd);
      records = before.records;
    } else {
      const auto second = Make();
      const uint64_t offset = before.completed();
      if (!before.points.empty()) second->Restore(before.points.back().state);
      FileParserDriver after(*second, offset);
      after.Take(text.substr(offset));
      after.Pause(FileParser::Pause::kEnd);
      records.insert(records.end(), after.records.begin(), after.records.end());
    }
    const Tally tally(records);
    CHECK(tally.sessions == expected.sessions);
    CHECK(tally.commands == expected.commands);
  }
}

TEST_CASE("Transcript: a shutdown after any line loses no command and repeats no session") {
  for (const Transcript& transcript : Transcripts()) {
    StopEverywhere(transcript, FileParser::Pause::kShutdown);
  }
}

TEST_CASE("Transcript: a long silence after any line loses no command and repeats no session") {
  for (const Transcript& transcript : Transcripts()) {
    StopEverywhere(transcript, FileParser::Pause::kIdle);
  }
}

}  // namespace
}  // namespace hctail
