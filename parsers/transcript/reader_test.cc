// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "parsers/transcript/transcript.h"
#include "tests/testing/file_parser_driver.h"

namespace hctail::transcript {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::FileParserDriver;

const std::string kS = std::string(22, '*') + "\n";

std::string HeaderText(const std::string& pid = "1", const std::string& start = "20240305091500") {
  return kS + "PowerShell transcript start\nStart time: " + start +
         "\nUsername: u\nRunAs User: u\nConfiguration Name: \nMachine: HOST (Unix)\n"
         "Host Application: pwsh\nProcess ID: " +
         pid + "\nPSVersion: 7.4.1\n" + kS;
}
std::string FooterText(const std::string& end = "20240305091600") {
  return kS + "PowerShell transcript end\nEnd time: " + end + "\n" + kS;
}

struct Fixture {
  explicit Fixture(const OptionValues& options = {}, bool live = false) {
    parser = kTranscript.create_for_file({.options = options}, {.path = "t", .live = live}).value();
    driver.emplace(*parser);
  }
  // Each event in few words: name, and with a '+' before it if it is a span event.
  std::vector<std::string> Names() const {
    std::vector<std::string> names = earlier;
    for (const auto& record : driver->records) {
      if (record.outcome != Parsed::Outcome::kEvent) continue;
      const size_t begin = record.data.find("\"name\":\"") + 8;
      const bool event = record.data.find("span_event") != std::string::npos;
      names.push_back((event ? "+" : "") +
                      record.data.substr(begin, record.data.find('"', begin) - begin));
    }
    return names;
  }
  const std::string& Last() const { return driver->records.back().data; }
  bool LastHas(std::string_view text) const { return Last().find(text) != std::string::npos; }
  // hctail is started again.
  void Restart() {
    const auto points = driver->points;
    earlier = Names();
    const uint64_t offset = driver->completed();
    const std::string state = points.empty() ? std::string() : points.back().state;
    CHECK(parser->Save() == state);
    parser = kTranscript.create_for_file({.options = {}}, {.path = "t"}).value();
    if (!state.empty()) parser->Restore(state);
    driver.emplace(*parser, offset);
  }

  std::vector<std::string> earlier;  // before the restart
  std::unique_ptr<FileParser> parser;
  std::optional<FileParserDriver> driver;
};

using Strings = std::vector<std::string>;

TEST_CASE("Reader: a command is sent when the next thing begins, the session at its footer") {
  Fixture f;
  f.driver->Take(HeaderText() + "PS /> ls\na\n");
  CHECK(f.Names().empty());
  CHECK(f.parser->holding());
  f.driver->Take("PS /> pwd\n");
  CHECK(f.Names() == Strings{"+ls"});
  f.driver->Take(FooterText());
  CHECK(f.Names() == Strings{"+ls", "+pwd", "powershell session"});
  CHECK_FALSE(f.parser->holding());
  CHECK(f.LastHas("\"powershell.session.end_reason\":\"footer\""));
  CHECK(f.LastHas("\"duration_ms\":60000"));
}

TEST_CASE("Reader: a silence shorter than --transcript.idle-timeout means nothing") {
  Fixture f;
  f.driver->Take(HeaderText() + "PS /> ls\na\n");
  f.driver->Pause(FileParser::Pause::kIdle, minutes(4));
  CHECK(f.Names().empty());
  OptionValues options;
  options.Set("transcript.idle-timeout", {"90s"});
  Fixture g(options);
  g.driver->Take(HeaderText() + "PS /> ls\na\n");
  g.driver->Pause(FileParser::Pause::kIdle, seconds(91));
  CHECK(g.Names() == Strings{"+ls", "powershell session"});
}

TEST_CASE("Reader: what comes after a long silence is more output, and a late end no second root") {
  Fixture f;
  f.driver->Take(HeaderText() + "PS /> ls\na\n");
  f.driver->Pause(FileParser::Pause::kIdle, minutes(6));
  CHECK(f.Names() == Strings{"+ls", "powershell session"});
  CHECK(f.LastHas("\"powershell.session.end_reason\":\"idle\""));
  CHECK_FALSE(f.parser->holding());
  f.driver->Pause(FileParser::Pause::kIdle, minutes(12));
  CHECK(f.Names().size() == 2);
  f.driver->Take("b\nPS /> pwd\n");
  CHECK(f.Names() == Strings{"+ls", "powershell session", "+powershell output"});
  CHECK(f.LastHas("\"powershell.output\":\"b\""));
  f.driver->Take(FooterText());
  CHECK(f.Names() == Strings{"+ls", "powershell session", "+powershell output", "+pwd",
                             "+powershell session end"});
  CHECK(f.LastHas("\"powershell.command_count\":2"));
}

TEST_CASE("Reader: a shutdown sends the session, and after a restart it is not sent again") {
  Fixture f;
  f.driver->Take(HeaderText() + "PS /> ls\na\n");
  f.driver->Pause(FileParser::Pause::kShutdown);
  CHECK(f.LastHas("\"powershell.session.end_reason\":\"shutdown\""));
  f.Restart();
  f.driver->Take("b\nPS /> pwd\n" + FooterText() + HeaderText("2"));
  f.driver->Pause(FileParser::Pause::kEnd);
  CHECK(f.Names() == Strings{"+ls", "powershell session", "+powershell output", "+pwd",
                             "+powershell session end", "powershell session"});
}

TEST_CASE("Reader: a kill before the footer loses nothing") {
  Fixture f;
  f.driver->Take(HeaderText() + "PS /> ls\na\nPS /> pwd\n");
  f.Restart();
  CHECK(f.driver->offset() < HeaderText().size() + 30);
  f.driver->Take("PS /> pwd\n" + FooterText());
  CHECK(f.Names() == Strings{"+ls", "+pwd", "powershell session"});
  CHECK(f.LastHas("\"powershell.command_count\":2"));
}

TEST_CASE("Reader: a header of another process ends the session, one of the same does not") {
  Fixture f;
  f.driver->Take(HeaderText("1") + "PS /> ls\n" + HeaderText("1") + "x\n" + HeaderText("2"));
  CHECK(f.Names() == Strings{"ls", "powershell session"});
  CHECK(f.LastHas("\"powershell.nested_runspaces\":1"));
  CHECK(f.LastHas("\"powershell.session.end_reason\":\"new_header\""));
  // After a footer it is a new session.
  Fixture g;
  g.driver->Take(HeaderText() + FooterText() + HeaderText() + FooterText());
  CHECK(g.Names() == Strings{"powershell session", "powershell session"});
}

TEST_CASE("Reader: ids depend on file, header and place only") {
  Fixture f;
  Fixture g;
  const std::string text = HeaderText() + "PS /> ls\n" + FooterText();
  f.driver->Take(text);
  g.driver->Take(text);
  CHECK(f.driver->records[0].data == g.driver->records[0].data);
  Fixture h;
  h.driver->Take("stray\n" + text);
  CHECK(h.driver->records.back().data != f.driver->records.back().data);
}

TEST_CASE("Reader: output of a script without prompts stands on the session") {
  Fixture f;
  f.driver->Take(HeaderText() + "Transcript started, output file is /t\nWARNING: low\ndone\n\n" +
                 FooterText());
  CHECK(f.Names() == Strings{"powershell session"});
  CHECK(f.LastHas("\"powershell.output\":\"WARNING: low\\ndone\""));
  CHECK(f.LastHas("\"powershell.warning_count\":1"));
  CHECK(f.LastHas("\"powershell.output.lines\":2"));
}

TEST_CASE("Reader: a here-string that never ends does not hide all commands after it") {
  for (const bool pause : {false, true}) {
    CAPTURE(pause);
    Fixture f;
    f.driver->Take(HeaderText() + "PS /> @'\n");
    if (pause) f.driver->Pause(FileParser::Pause::kIdle, minutes(60));
    for (int i = 0; i < 600; ++i) f.driver->Take("PS /> ls\n");
    f.driver->Take(FooterText());
    const auto names = f.Names();
    CHECK(names.front() == "+@'");
    const auto commands = std::ranges::count(names, "+ls");
    CHECK(commands >= 99);
    CHECK(commands <= 101);
  }
}

TEST_CASE("Reader: long output is cut, and counted on") {
  OptionValues options;
  options.Set("transcript.output-max", {"10"});
  Fixture f(options);
  f.driver->Take(HeaderText() + "PS /> ls\n12345\nÄÄÄÄ\nx\nGet-Item: gone\n" + FooterText());
  const std::string& data = f.driver->records[0].data;
  CHECK(data.find("\"powershell.output\":\"12345\\nÄÄ\"") != std::string::npos);
  CHECK(data.find("\"powershell.output_truncated\":true") != std::string::npos);
  CHECK(data.find("\"powershell.output.lines\":4") != std::string::npos);
  CHECK(data.find("\"error.count\":1") != std::string::npos);
  options.Set("transcript.output-max", {"0"});
  Fixture g(options);
  g.driver->Take(HeaderText() + "PS /> ls\n12345\n" + FooterText());
  CHECK(g.driver->records[0].data.find("\"powershell.output\"") == std::string::npos);
}

TEST_CASE("Reader: --transcript.trace off sends plain events") {
  OptionValues options;
  options.Set("transcript.trace", {"off"});
  Fixture f(options);
  f.driver->Take(HeaderText() + "PS /> ls\nGet-Item: gone\n" + FooterText());
  CHECK(f.Names() == Strings{"ls", "powershell session"});
  for (const auto& record : f.driver->records) {
    CHECK(record.data.find("trace.") == std::string::npos);
    CHECK(record.data.find("annotation") == std::string::npos);
  }
}

TEST_CASE("Reader: --transcript.traceparent makes sessions part of a trace, each with a span") {
  OptionValues options;
  options.Set("transcript.traceparent", {"1;trace_id=wide,parent_id=above"});
  Fixture f(options);
  f.driver->Take(HeaderText("1") + FooterText() + HeaderText("2") + FooterText());
  REQUIRE(f.driver->records.size() == 2);
  for (const auto& record : f.driver->records) {
    CHECK(record.data.find("\"trace.trace_id\":\"wide\"") != std::string::npos);
    CHECK(record.data.find("\"trace.parent_id\":\"above\"") != std::string::npos);
  }
  const auto span = [&](size_t i) {
    const std::string& data = f.driver->records[i].data;
    return data.substr(data.find("trace.span_id"), 40);
  };
  CHECK(span(0) != span(1));
}

TEST_CASE("Reader: while a file is followed the clock tells when a command came") {
  Fixture f({}, true);
  f.driver->read_time = {1709630000, 0};
  f.driver->Take(HeaderText());
  f.driver->read_time = {1709630130, 0};
  f.driver->Take("PS /> ls\n");
  f.driver->read_time = {1709630140, 0};
  f.driver->Take("a\n");
  f.driver->Pause(FileParser::Pause::kEnd);
  CHECK(f.driver->records[0].time->seconds == 1709630130);
  CHECK(f.driver->records[0].data.find("read_clock") != std::string::npos);
  CHECK(f.LastHas("\"duration_ms\":40000"));
  CHECK(f.LastHas("\"powershell.duration_estimated\":true"));
}

TEST_CASE("Reader: the head of a file tells whose session its middle is") {
  Fixture f;
  std::string_view head = "\xef\xbb\xbf";
  const std::string text = std::string(head) + HeaderText();
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    f.parser->TakeHead(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  CHECK_FALSE(f.parser->holding());
  f.driver.emplace(*f.parser, 5000);
  f.driver->Take("rest of a command\nPS /> ls\n" + FooterText());
  CHECK(f.Names() == Strings{"+powershell output", "+ls", "powershell session"});
  CHECK(f.LastHas("\"host.name\":\"HOST\""));
  CHECK(f.LastHas("\"powershell.session.partial\":true"));
}

TEST_CASE("Reader: strange pauses do no harm") {
  for (const auto pause :
       {FileParser::Pause::kIdle, FileParser::Pause::kShutdown, FileParser::Pause::kEnd}) {
    Fixture f;
    f.driver->Pause(pause, minutes(60));
    CHECK(f.driver->records.empty());
    f.parser->Restore("rubbish");
    f.driver->Take("x\n");
    f.driver->Pause(pause, minutes(60));
    f.driver->Pause(pause, minutes(60));
    CHECK(f.driver->records.size() == 1);  // a skip
    CHECK_FALSE(f.parser->holding());
  }
}

TEST_CASE("Options: what is wrong is said at once") {
  const struct {
    const char* name;
    const char* value;
    const char* message;
  } kCases[] = {
      {"transcript.prompt-regex", "(", "--transcript.prompt-regex '('"},
      {"transcript.mask", "[", "--transcript.mask '['"},
      {"transcript.traceparent", "x", "--transcript.traceparent 'x' is no trace context"},
      {"transcript.trace", "x", "bad value 'x' for --transcript.trace"},
      {"transcript.elements", "x", "bad value 'x' for --transcript.elements"},
  };
  for (const auto& [name, value, message] : kCases) {
    OptionValues options;
    options.Set(name, {value});
    const auto made = kTranscript.create_for_file({.options = options}, {});
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().message.starts_with(message));
  }
}

TEST_CASE("Sniff: by header, by times, by elements and by prompts") {
  const auto score = [](std::vector<std::string_view> lines) {
    return kTranscript.sniff(lines).score;
  };
  const std::string_view s(kS.data(), 22);
  CHECK(score({"stray", s, "Titel", "Zeit: 20240305091500"}) > 0.9);
  CHECK(score({s, "Zeit: 20240305091500", s}) > 0.9);
  CHECK(score({"x", "PS>CommandInvocation(a): \"a\""}) > 0.8);
  CHECK(score({"PS C:\\> a", "x", "PS C:\\> b"}) > 0.5);
  CHECK(score({"PS C:\\> a"}) < 0.5);
  CHECK(score({s, "x", s}) < 0.5);
  CHECK(score({}) < 0.5);
}

}  // namespace
}  // namespace hctail::transcript
