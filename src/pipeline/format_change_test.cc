// SPDX-License-Identifier: Apache-2.0
// Files whose format changes in the middle, or cannot be told.
#include <doctest/doctest.h>

#include <cstring>

#include "pipeline/worker.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"

namespace hctail {
namespace {

std::vector<const ParserSpec*> All() {
  std::vector<const ParserSpec*> all;
  for (const ParserSpec& spec : AllParsers()) all.push_back(&spec);
  return all;
}

std::string Repeat(std::string_view line, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line;
  return text;
}

constexpr std::string_view kJson = "{\"a\":1}\n";
constexpr std::string_view kAccess =
    "1.2.3.4 - - [05/Mar/2024:06:07:08 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"curl/8\"\n";

FileInfo Named(const std::string& path) {
  FileInfo file;
  file.path = path;
  return file;
}

struct Fixture {
  explicit Fixture(ParserChooser::Options formats = {}, Unparsed unparsed = Unparsed::kDeadLetter)
      : chooser((formats.candidates = All(), formats), log, [](const Error&) {}),
        worker({.batching = {.encoding = Encoding::kLines},
                .parser = {.options = options, .now = {.seconds = 1709618828}},
                .unparsed = unparsed},
               files, chooser, turnstile) {
    Open();
  }
  void Open() { files.OnOpened({.file = 7, .path = "x.log", .identity = {}, .offset = offset}); }

  struct Made {
    int events = 0;
    int dead = 0;
    std::string body;
    std::string state;  // of the last run
  };
  // One chunk.
  Made Give(std::string_view text) {
    Chunk chunk(text.size() + 1);
    chunk.read_time = {.seconds = 1709618900};
    std::memcpy(chunk.end(), text.data(), text.size());
    chunk.Append({.file = 7, .offset = offset, .length = text.size(), .size = text.size()});
    chunk.segments()[0].turn = turn++;
    offset += text.size();
    Made made;
    uint64_t bytes = 0;
    const auto batches = worker.Process(chunk, 1);
    for (const auto& batch : batches.value()) {
      made.body += batch->body;
      for (const Run& run : batch->runs) {
        made.events += static_cast<int>(run.events);
        made.dead += static_cast<int>(run.dead_letters);
        made.state = run.state;
        bytes += run.span.end - run.span.begin;
      }
    }
    if (settles_all) CHECK(bytes == text.size());
    return made;
  }
  bool Said(std::string_view text) const { return log.text().find(text) != std::string::npos; }

  testing::FakeClock clock;
  testing::RecordingLog log;
  Wakeup dirty;
  FileTable files{nullptr, "", "", clock, log, dirty};
  ParserChooser chooser;
  OptionValues options;
  Turnstile turnstile;
  Worker worker;
  uint64_t offset = 0;
  uint64_t turn = 0;
  bool settles_all = true;  // nothing is held back
};

TEST_CASE("Format: the choice, what else it might be and why are told once") {
  Fixture f;
  f.Give(Repeat(kJson, 3));
  f.Give(Repeat(kJson, 3));
  CHECK(f.log.text() == "hctail: 'x.log': json (3 of 3 lines are JSON objects)\n");
}

TEST_CASE("Format: of many files the first are told, the others counted") {
  Fixture f;
  for (int i = 0; i < 12; ++i) {
    f.chooser.Choose(Named("a" + std::to_string(i)), kJson, {});
  }
  f.chooser.Choose(Named("b"), "words\nmore\n", {});
  CHECK(f.chooser.Found() == std::map<std::string, uint64_t>{{"json", 12}, {"unknown", 1}});
  CHECK(f.Said("\nhctail: the formats of more files are counted"));
  CHECK(f.Said("hctail: 'a9': json"));
  CHECK(f.Said("hctail: debug: 'a10': json"));
  CHECK(f.Said("hctail: debug: cannot tell the format of 'b'"));
}

TEST_CASE("Format: the lines of an unended file's last line count too") {
  Fixture f;
  Chunk chunk(100);
  const std::string_view text = "a,b,c\n1,2,3";
  std::memcpy(chunk.end(), text.data(), 6);
  chunk.Append({.file = 7, .offset = 0, .length = 6, .size = 6});
  std::memcpy(chunk.end(), text.data() + 6, 5);
  chunk.Append({.file = 7, .offset = 6, .length = 5, .size = 5, .kind = Segment::Kind::kUnended});
  chunk.segments()[1].turn = 1;
  std::ignore = f.worker.Process(chunk, 1);
  CHECK(f.Said("'x.log': csv ("));
}

TEST_CASE("Format: one that changes is noticed within a chunk, and the rest read as what it is") {
  Fixture f;
  const auto made = f.Give(Repeat(kJson, 100) + Repeat(kAccess, 100));
  CHECK(made.events == 180);
  CHECK(made.dead == 20);
  CHECK(made.state == "nginx none\n");
  CHECK(f.Said("from byte 800 on it looks like nginx (20 of 20 lines are of an access log)"));
  CHECK(f.Said("It is read as nginx from here on, no longer as json"));
  const auto later = f.Give(std::string(kAccess));
  CHECK(later.events == 1);
  CHECK(later.state == "nginx none\n");
}

TEST_CASE("Format: one that changes is noticed a line at a time, too") {
  Fixture f;
  f.Give(Repeat(kJson, 5));
  int dead = 0;
  for (int i = 0; i < 30; ++i) dead += f.Give(kAccess).dead;
  CHECK(dead == 20);
}

TEST_CASE("Format: after a restart a changed file goes on as what it became") {
  Fixture f;
  std::string_view saved = "nginx none\n";
  const auto resumed = TakeSavedFormat(&saved);
  const auto format = f.chooser.Choose(Named("x.log"), Repeat(kJson, 5), resumed);
  CHECK(format->parser == FindParser("nginx"));
}

TEST_CASE("Format: with a parser asked for by name a change is only reported") {
  Fixture f({.fixed = FindParser("json")});
  const auto made = f.Give(Repeat(kJson, 5) + Repeat(kAccess, 100));
  CHECK(made.dead == 100);
  CHECK(f.Said("from byte 40 on it looks like nginx"));
  CHECK(f.Said("It is still read as json. To read only such lines give --parser nginx."));
}

TEST_CASE("Format: lines of another format among many good ones change nothing") {
  Fixture f;
  std::string text = Repeat(kJson, 20);
  for (int i = 0; i < 50; ++i) text += Repeat(kAccess, 3) + std::string(kJson);
  const auto made = f.Give(text);
  CHECK(made.dead == 150);
  CHECK(f.Said("are some of another format, nginx"));
}

TEST_CASE("Format: lines that are nothing that is known are no change") {
  Fixture f;
  const auto made = f.Give(Repeat(kJson, 20) + Repeat("just words\n", 500) + Repeat(kJson, 20));
  CHECK(made.events == 40);
  CHECK_FALSE(f.Said("looks like"));
}

TEST_CASE("Format: a change to one whose files must be seen as a whole, from one that is shared") {
  Fixture f;
  f.Give(kJson);
  const auto made = f.Give("name,size,kind\n" + Repeat("a,1,x\n", 50));
  CHECK(made.dead == 51);
  CHECK(f.Said("looks like csv"));
  CHECK(f.Said("To read only such lines give --parser csv."));
}

TEST_CASE("Format: a change from one whose files must be seen as a whole") {
  Fixture f;
  f.settles_all = false;
  const auto made = f.Give("name,size,kind\n" + Repeat("a,1,x\n", 50) + Repeat(kJson, 30));
  CHECK(made.events == 60);
  CHECK(made.dead == 20);
  CHECK(made.state == "json none\n");
  CHECK(f.Give(kJson).events == 1);
}

TEST_CASE("Format: an unknown one is told with advice, and found when it shows") {
  Fixture f;
  const auto made =
      f.Give("Welcome to the \x1B[1mserver\n" + Repeat("=====\n", 60) + Repeat(kAccess, 30));
  CHECK(
      f.Said("hctail: warning: cannot tell the format of 'x.log' from its first lines\n"
             "  It begins: 'Welcome to the \\x1b[1mserver'\n"
             "  Name it with --parser"));
  CHECK(f.Said("--on-unparsed raw"));
  CHECK(made.events == 0);  // of 61 lines nothing is known; the next look comes after 80 more
  const auto later = f.Give(Repeat(kAccess, 100));
  CHECK(later.events > 0);
  CHECK(f.Said("it looks like nginx"));
}

TEST_CASE("Format: an unknown one to be sent whole is plain text, until it shows") {
  Fixture f({.unknown_is_plain = true}, Unparsed::kRaw);
  const auto made = f.Give("2024-03-05 06:07:08,5 one\n\tat two\n");
  CHECK(made.body ==
        "{\"time\":\"2024-03-05T06:07:08.5Z\",\"samplerate\":1,\"dataset\":\"x\","
        "\"data\":{\"message\":\"2024-03-05 06:07:08,5 one\"}}\n"
        "{\"time\":\"2024-03-05T06:07:08.5Z\",\"samplerate\":1,\"dataset\":\"x\","
        "\"data\":{\"message\":\"\\tat two\"}}\n");
  CHECK(f.Said("Its lines are sent whole, with the times that are found in them."));
  const auto later = f.Give(Repeat(kAccess, 40));
  CHECK(later.events == 40);
  CHECK(f.Said("It is read as nginx from here on, no longer as plain"));
  CHECK(later.body.find("\"status\":200") != std::string::npos);
}

TEST_CASE("Format: JSON behind a prefix is known by that") {
  Fixture f;
  f.Give(Repeat("caddy  | {\"a\":1}\n", 3));
  CHECK(f.Said("Behind other text there is JSON: try --parser json --log-prefix '^[^{]*'."));
}

TEST_CASE("Format: a record that is sent whole has its own time, or that of the event before") {
  Fixture f({.fixed = FindParser("json")}, Unparsed::kRaw);
  const auto made = f.Give(
      "{\"time\":\"2024-01-02T03:04:05Z\"}\n\tat trace\n2024-01-02 03:04:06 words\n\tat more\n");
  CHECK(made.body.find("\"time\":\"2024-01-02T03:04:05Z\",\"samplerate\":1,\"dataset\":\"x\","
                       "\"data\":{\"message\":\"\\tat trace\"") != std::string::npos);
  CHECK(made.body.find("\"time\":\"2024-01-02T03:04:06Z\",\"samplerate\":1,\"dataset\":\"x\","
                       "\"data\":{\"message\":\"\\tat more\"") != std::string::npos);
  CHECK(f.files.Snapshot().Total().flaws.invented_times == 0);
}

TEST_CASE("Format: the first records that are not parsed are kept for the summary") {
  Fixture f({.fixed = FindParser("json")});
  f.Give("one\ntwo\x1b\nthree\nfour\n");
  const Summary summary = f.files.Snapshot();
  REQUIRE(summary.unmatched.size() == 3);
  CHECK(summary.unmatched[1].path == "x.log");
  CHECK(summary.unmatched[1].offset == 4);
  CHECK(summary.unmatched[1].excerpt == R"('two\x1b')");
  CHECK(RenderSummary(summary).find("\nnot parsed: x.log, byte 9: not a JSON object: 'three'\n") !=
        std::string::npos);
}

// --- Files that begin where another was ---

Wrapper Detected(std::span<const std::string_view> lines, Wrapper before) {
  return WrapperOf({}, lines, before);
}

std::string Docker(std::string_view escaped) {
  return R"({"log":")" + std::string(escaped) +
         R"(\n","stream":"stdout","time":"2024-03-05T06:07:08Z"})" + "\n";
}

TEST_CASE("Format: the next file at a path has that of the one before, unless its lines say else") {
  const std::string json = Docker(R"({\"a\":1})");
  const std::string rest = Docker(R"(b c\"})");
  const std::string half = R"(d\n","stream":"stdout","time":"2024-03-05T06:07:08Z"})"
                           "\n";
  const std::string pair = "a=1 b=2 c=3\n";
  const struct {
    std::string before;
    std::string first_lines;
    const char* format;
    Wrapper wrapper;
  } kCases[] = {
      // The rest of something, or too little.
      {json, rest, "json", Wrapper::kDocker},
      {json, half, "json", Wrapper::kDocker},
      {json, half + rest, "json", Wrapper::kDocker},
      {json, "\n\n" + half + "words\n", "json", Wrapper::kDocker},
      {std::string(kJson), "two\"}\n", "json", Wrapper::kNone},
      {std::string(kJson), "Welcome\n=======\n", "json", Wrapper::kNone},
      {std::string(kJson), pair, "json", Wrapper::kNone},
      {std::string(kAccess), "- [05/Mar\n", "nginx", Wrapper::kNone},
      {"a,b\n1,2\n3,4\n", "a,b\n", "csv", Wrapper::kNone},
      // Good lines behind it.
      {json, rest + json, "json", Wrapper::kDocker},
      {std::string(kJson), pair + std::string(kJson), "json", Wrapper::kNone},
      // Another format, or another wrapper.
      {std::string(kJson), Repeat(kAccess, 2), "nginx", Wrapper::kNone},
      {json, Repeat(kAccess, 2), "nginx", Wrapper::kNone},
      {json, Repeat(kJson, 2), "json", Wrapper::kNone},
      {std::string(kJson), json + json, "json", Wrapper::kDocker},
      {json, Docker("a=1 b=2") + Docker("a=1 b=3"), "keyval", Wrapper::kDocker},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.before);
    CAPTURE(c.first_lines);
    Fixture f({.wrapper_of = &Detected});
    const auto first = f.chooser.Choose(Named("x.log"), c.before, {});
    CHECK_FALSE(first->follows);
    const auto found = f.chooser.Choose(Named("x.log"), c.first_lines, {});
    CHECK(found->parser == FindParser(c.format));
    CHECK(found->wrapper == c.wrapper);
    CHECK(found->follows);
    CHECK_FALSE(found->guessed);
  }
}

TEST_CASE("Format: what was before is told, and is that of this path only") {
  Fixture f;
  f.chooser.Choose(Named("x.log"), kJson, {});
  f.chooser.Choose(Named("x.log"), "words\n", {});
  CHECK(f.Said("'x.log': json, as the file before it at this path was (0 of 1 lines are JSON"));
  f.chooser.Choose(Named("y.log"), "words\n", {});
  CHECK(f.Said("cannot tell the format of 'y.log'"));
  // Nor of a guess.
  f.chooser.Choose(Named("y.log"), Repeat(kAccess, 2), {});
  CHECK(f.Said("'y.log': nginx (2 of 2"));
}

TEST_CASE("Format: what the file before became counts, also if the checkpoint says it") {
  Fixture f;
  f.Give(Repeat(kJson, 20) + Repeat(kAccess, 30));
  CHECK(f.chooser.Choose(Named("x.log"), "words\n", {})->parser == FindParser("nginx"));
  f.chooser.Remember("y.log", "syslog none ?\n");
  f.chooser.Remember("z.log", "no state of ours");
  CHECK(f.chooser.Choose(Named("y.log"), "words\n", {})->parser == FindParser("syslog"));
  CHECK(f.chooser.Choose(Named("z.log"), "words\n", {})->guessed);
}

TEST_CASE(
    "Format: that of a file is kept in the checkpoint, if it was found and not only guessed") {
  Fixture json;
  CHECK(json.Give(kJson).state == "json none ?\n");
  Fixture asked({.fixed = FindParser("json")});
  CHECK(asked.Give(kJson).state.empty());
  Fixture unknown;
  CHECK(unknown.Give("words\n").state.empty());
  // The lines would not tell it again.
  Fixture inherits;
  inherits.chooser.Remember("x.log", "json none ?\n");
  CHECK(inherits.Give("words\n").state == "json none\n");
}

TEST_CASE("Format: of a parser asked for by name the wrapper is that of the file before") {
  Fixture f({.fixed = FindParser("json"), .wrapper_of = &Detected});
  f.chooser.Choose(Named("x.log"), Docker("{}"), {});
  CHECK(f.chooser.Choose(Named("x.log"), "half\n", {})->wrapper == Wrapper::kDocker);
  CHECK(f.chooser.Choose(Named("x.log"), Repeat(kJson, 2), {})->wrapper == Wrapper::kNone);
}

TEST_CASE("Format: what the options no longer allow is not gone on with") {
  const auto none = [](std::span<const std::string_view> lines, Wrapper before) {
    OptionValues options;
    options.Set("unwrap", {"none"});
    return WrapperOf(options, lines, before);
  };
  Fixture f({.wrapper_of = none});
  f.chooser.Remember("x.log", "json docker ?\n");
  CHECK(f.chooser.Choose(Named("x.log"), "half\nwords\n", {})->wrapper == Wrapper::kNone);
  ParserChooser::Options only_csv{.candidates = {FindParser("csv")}};
  ParserChooser chooser(only_csv, f.log, [](const Error&) {});
  chooser.Remember("x.log", "regex none ?\n");
  CHECK(chooser.Choose(Named("x.log"), "words\n", {})->guessed);
}

}  // namespace
}  // namespace hctail
