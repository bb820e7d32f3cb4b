// SPDX-License-Identifier: Apache-2.0
// Runs every testdata/<format>/<what-it-shows>.log through the parser registered as <format> and
// compares with the .jsonl beside it, which has one JSON object for each record:
//   {"outcome":"event","time":"...","samplerate":1,"dataset":"...","data":{...}}
//   {"outcome":"malformed","why":"..."}  {"outcome":"skip","why":"..."}
// time, samplerate and dataset are left out where the record names none; an event that was mended
// has a "why" too.  Folders whose name is no format are left alone.
//
// Formats that must see a file as a whole get it as one, with its end; their .jsonl has one object
// for each record that they make of it.
//
// A sidecar <what-it-shows>.options sets options, one a line: json.timefield=ts.  Four names are
// not options of records or parsers: timezone, now (default 2024-03-05T06:07:08Z), path, which is
// where the file seems to stand, and live=true: the file is followed, and was read now.
//
// HCTAIL_BLESS=1 writes the .jsonl files instead of comparing; look at the diff before committing.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/time_format.h"
#include "base/time_iso.h"
#include "base/time_zone.h"
#include "parsers/parser.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string ValueText(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kBool:
      return value.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return fmt::format("{}", value.as_int());
    case Value::Kind::kFloat:
      return fmt::format("{}", value.as_float());
    case Value::Kind::kString:
      return Quote(value.text());
    case Value::Kind::kRawJson:
      return std::string(value.text());
  }
  return {};
}

std::string DataText(const Event& event) {
  std::string data;
  for (const Field& field : event.fields()) {
    data += data.empty() ? "" : ",";
    data += Quote(field.name) + ":" + ValueText(field.value);
  }
  return "{" + data + "}";
}

// The JSON value in one spelling; the text itself where simdjson has no room for a number.
std::string Normal(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  const simdjson::padded_string padded(json);
  if (parser.parse(padded).get(element) != simdjson::SUCCESS) return {};
  return simdjson::to_string(element);
}

// What an encoder copies must be what the fields say.
void CheckVerbatim(const Event& event) {
  if (event.verbatim().empty()) return;
  std::string text;
  for (const std::string_view piece : event.verbatim()) {
    CHECK_FALSE(piece.empty());
    text += text.empty() ? "{" : ",";
    text += piece;
  }
  CHECK(Normal(text + "}") == Normal(DataText(event)));
}

std::string Describe(const testing::FileParserDriver::Record& record) {
  if (record.outcome == Parsed::Outcome::kSkip) return R"({"outcome":"skip"})";
  if (record.outcome == Parsed::Outcome::kMalformed) {
    return fmt::format(R"({{"outcome":"malformed","why":{}}})", Quote(record.why));
  }
  const std::string time =
      record.time ? R"(,"time":)" + Quote(FormatRfc3339(*record.time)) : std::string();
  return R"({"outcome":"event")" + time + R"(,"data":)" + record.data + "}";
}

std::string Describe(const Parsed& parsed, const Event& event) {
  if (parsed.outcome != Parsed::Outcome::kEvent) {
    const bool skip = parsed.outcome == Parsed::Outcome::kSkip;
    return fmt::format(R"({{"outcome":"{}","why":{}}})", skip ? "skip" : "malformed",
                       Quote(parsed.why));
  }
  std::string text = R"({"outcome":"event")";
  if (!parsed.why.empty()) text += R"(,"why":)" + Quote(parsed.why);
  if (event.time) text += R"(,"time":)" + Quote(FormatRfc3339(*event.time));
  if (event.presampled) text += fmt::format(R"(,"samplerate":{})", event.sample_rate);
  if (!event.dataset.empty()) text += R"(,"dataset":)" + Quote(event.dataset);
  return text + R"(,"data":)" + DataText(event) + "}";
}

struct Setup {
  OptionValues options;
  const date::time_zone* zone = nullptr;
  Timestamp now{1709618828, 0};
  FileFacts facts;
};

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

Setup ReadSetup(const ParserSpec& spec, const fs::path& sidecar) {
  Setup setup;
  for (const OptionSpec& option : spec.options) {
    if (!option.default_text.empty()) {
      setup.options.Set(option.name, {std::string(option.default_text)});
    }
  }
  if (!fs::exists(sidecar)) return setup;
  for (const std::string& line : Lines(ReadWholeFile(sidecar).value())) {
    const size_t equals = line.find('=');
    REQUIRE(equals != std::string::npos);
    const std::string name = line.substr(0, equals);
    const std::string value = line.substr(equals + 1);
    if (name == "timezone") {
      setup.zone = FindZone(value).value();
    } else if (name == "now") {
      setup.now = ParseRfc3339(value).value();
    } else if (name == "path") {
      setup.facts.path = value;
    } else if (name == "live") {
      setup.facts.live = value == "true";
    } else {
      const auto has = [&name](std::span<const OptionSpec> options) {
        return std::ranges::find(options, name, &OptionSpec::name) != options.end();
      };
      REQUIRE((has(spec.options) || has(RecordOptions()) || name == "log-prefix"));
      setup.options.Set(name, {value});
    }
  }
  return setup;
}

std::string RunWhole(FileParser& parser, const Setup& setup, const fs::path& log) {
  testing::FileParserDriver driver(parser);
  driver.read_time = setup.now;
  driver.Take(ReadWholeFile(log).value());
  driver.Pause(FileParser::Pause::kEnd);
  CHECK(driver.completed() == driver.offset());
  std::string shown;
  for (const auto& record : driver.records) shown += Describe(record) + "\n";
  return shown;
}

std::string Run(const ParserSpec& spec, const fs::path& log) {
  const Setup setup = ReadSetup(spec, fs::path(log).replace_extension(".options"));
  const ParserConfig config = {
      .options = setup.options, .zone = setup.zone, .now = setup.now, .local_zone = setup.zone};
  const Wrapper wrapper = WrapperOf(setup.options, {});
  if (NeedsFileParser(spec, config, wrapper)) {
    FileFacts facts = setup.facts;
    if (facts.path.empty()) facts.path = log.filename().string();
    const auto parser = MakeFileParser(spec, config, wrapper, facts);
    REQUIRE(parser.has_value());
    return RunWhole(**parser, setup, log);
  }
  const auto parser = MakeParser(spec, config);
  REQUIRE(parser.has_value());
  std::string shown;
  Event event;
  for (std::string line : Lines(ReadWholeFile(log).value())) {
    CAPTURE(line);
    const size_t size = line.size();
    line.append(kRecordPadding, '#');
    event.Clear();
    const Parsed parsed = (*parser)->Parse(std::string_view(line).substr(0, size), &event);
    if (parsed.outcome == Parsed::Outcome::kEvent) CheckVerbatim(event);
    shown += Describe(parsed, event) + "\n";
  }
  return shown;
}

void Compare(const std::string& shown, const fs::path& log) {
  const fs::path golden = fs::path(log).replace_extension(".jsonl");
  if (std::getenv("HCTAIL_BLESS") != nullptr) {
    REQUIRE(WriteFileAtomically(golden, shown, Fsync::kNo).has_value());
    return;
  }
  const Result<std::string> expected = ReadWholeFile(golden);
  REQUIRE_MESSAGE(expected.has_value(), "no golden file; HCTAIL_BLESS=1 writes it");
  const std::vector<std::string> want = Lines(*expected);
  const std::vector<std::string> have = Lines(shown);
  CHECK(have.size() == want.size());
  for (size_t i = 0; i < std::min(want.size(), have.size()); ++i) {
    INFO("line " << i + 1);
    CHECK(have[i] == want[i]);
  }
}

TEST_CASE("Golden: every line of testdata gives what the file beside it says") {
  int logs = 0;
  for (const ParserSpec& spec : AllParsers()) {
    const fs::path folder = fs::path(HCTAIL_TESTDATA) / spec.name;
    REQUIRE_MESSAGE(fs::is_directory(folder), "no testdata for ", std::string(spec.name));
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".log") continue;
      const std::string log = entry.path().string();
      CAPTURE(log);
      Compare(Run(spec, entry.path()), entry.path());
      ++logs;
    }
  }
  CHECK(logs > 0);
}

}  // namespace
}  // namespace hctail
