// SPDX-License-Identifier: Apache-2.0
#include "ship/dead_letter.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

struct Fixture {
  testing::TempDir dir;
  testing::FakeClock clock;
  testing::RecordingLog log;

  DeadLetterFile File(const std::string& name, uint64_t cap = DeadLetterFile::kDefaultCap) {
    return DeadLetterFile(
        dir.File(name), cap,
        [](const DeadLetter& letter) {
          return DeadLetterFile::Origin{"/var/log/" + std::to_string(letter.file) + ".log",
                                        letter.offset};
        },
        clock, log);
  }
  static mode_t Mode(const std::string& path) {
    struct stat info{};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 0777;
  }
};

DeadLetter Line(uint64_t offset, std::string record) {
  return {3, offset, "not a JSON object", 0, std::move(record)};
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: a record becomes one line that says where it was and why") {
  DeadLetterFile file = File("letters");
  const DeadLetter letters[] = {
      Line(12, "say \"x\" \xFF\n"),
      {4, 0, "Event has too many columns.", 400, "{\"data\":{\"a\":\n1}}", true, "my app"}};
  REQUIRE(file.Write(letters));
  CHECK(dir.Read("letters") ==
        R"({"time":"2024-03-05T06:07:08Z","file":"/var/log/3.log","offset":12,)"
        R"("reason":"not a JSON object","record":"say \"x\" )"
        "\uFFFD\\n\"}\n"
        R"({"time":"2024-03-05T06:07:08Z","file":"/var/log/4.log","offset":0,)"
        R"("reason":"Event has too many columns.","status":400,"dataset":"my app",)"
        R"("record":{"data":{"a": 1}}})"
        "\n");
  CHECK(file.Sync());
}

TEST_CASE_FIXTURE(Fixture,
                  "DeadLetter: nothing is made before the first letter; then only we read") {
  DeadLetterFile file = File("a/b/letters");
  CHECK(file.Write({}));
  CHECK(file.Sync());
  CHECK(::access(dir.File("a").c_str(), F_OK) != 0);
  const DeadLetter letter = Line(0, "x");
  REQUIRE(file.Write({&letter, 1}));
  CHECK(Mode(dir.File("a")) == 0700);
  CHECK(Mode(dir.File("a/b")) == 0700);
  CHECK(Mode(dir.File("a/b/letters")) == 0600);
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: at the cap the file is moved to .1, and a loss is told") {
  DeadLetterFile file = File("letters", 250);
  for (uint64_t i = 0; i < 3; ++i) {
    const DeadLetter letter = Line(i, "record");
    REQUIRE(file.Write({&letter, 1}));
  }
  CHECK(dir.Read("letters").find("\"offset\":2") != std::string::npos);
  CHECK(dir.Read("letters.1").find("\"offset\":0") != std::string::npos);
  CHECK(dir.Read("letters.1").find("\"offset\":1") != std::string::npos);
  CHECK(log.text().empty());
  for (uint64_t i = 3; i < 5; ++i) {
    const DeadLetter letter = Line(i, "record");
    REQUIRE(file.Write({&letter, 1}));
  }
  CHECK(log.text() == "hctail: warning: '" + file.path() +
                          "' reached 250 bytes; the dead letters in '" + file.path() +
                          ".1' were replaced\n");
  // One letter over the cap is still kept.
  const DeadLetter big = Line(9, std::string(1000, 'x'));
  REQUIRE(file.Write({&big, 1}));
  CHECK(dir.Read("letters").find("\"offset\":9") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: a line that a crash cut short stays alone") {
  dir.Write("letters", "{\"time\":\"20");
  DeadLetterFile file = File("letters");
  const DeadLetter letter = Line(0, "x");
  REQUIRE(file.Write({&letter, 1}));
  CHECK(dir.Read("letters").starts_with("{\"time\":\"20\n{\"time\":\"2024-03-05"));
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: a file that was moved away is made anew") {
  DeadLetterFile file = File("letters");
  const DeadLetter letter = Line(0, "x");
  REQUIRE(file.Write({&letter, 1}));
  REQUIRE(::rename(dir.File("letters").c_str(), dir.File("taken").c_str()) == 0);
  CHECK(file.Sync());
  REQUIRE(file.Write({&letter, 1}));
  CHECK(dir.Read("letters") == dir.Read("taken"));
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: errors name the file and the reason") {
  dir.Write("file", "");
  const DeadLetter letter = Line(0, "x");
  DeadLetterFile below_file = File("file/letters");
  CHECK(below_file.Write({&letter, 1}).error().message ==
        "cannot write dead letters to '" + below_file.path() + "': not a directory");
  DeadLetterFile folder(
      "/proc", 100, [](const DeadLetter&) { return DeadLetterFile::Origin(); }, clock, log);
  CHECK(folder.Write({&letter, 1}).error().message ==
        "cannot write dead letters to '/proc': is a directory");
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: what stands in its place is written instead") {
  const auto origin_of = [](const DeadLetter& letter) {
    DeadLetterFile::Origin origin{"/var/log/first.log", 77};
    if (letter.offset == 1) {
      origin.instead = {.reason = letter.reason, .record = "{}", .is_event = true, .dataset = "d"};
    }
    return origin;
  };
  DeadLetterFile file(dir.File("letters"), 1000, origin_of, clock, log);
  const DeadLetter letters[] = {Line(0, "x"), Line(1, "{\"record\":{}}")};
  REQUIRE(file.Write(letters));
  CHECK(dir.Read("letters") ==
        R"({"time":"2024-03-05T06:07:08Z","file":"/var/log/first.log","offset":77,)"
        R"("reason":"not a JSON object","record":"x"})"
        "\n"
        R"({"time":"2024-03-05T06:07:08Z","file":"/var/log/first.log","offset":77,)"
        R"("reason":"not a JSON object","dataset":"d","record":{}})"
        "\n");
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: two writers of one file keep out of each other's way") {
  DeadLetterFile file = File("letters", 250);
  DeadLetterFile other = File("letters", 250);
  const DeadLetter letter = Line(0, "x");
  for (int i = 0; i < 2; ++i) {  // the third one replaces the file under the other writer
    REQUIRE(file.Write({&letter, 1}));
    REQUIRE(other.Write({&letter, 1}));
  }
  CHECK(dir.Read("letters") == dir.Read("letters.1"));
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: what cannot be synced needs no syncing") {
  DeadLetterFile null(
      "/dev/null", 1000, [](const DeadLetter&) { return DeadLetterFile::Origin(); }, clock, log);
  const DeadLetter letter = Line(0, "x");
  CHECK(null.Write({&letter, 1}));
  CHECK(null.Sync());
}

TEST_CASE_FIXTURE(Fixture, "DeadLetter: a full disk is an error") {
  DeadLetterFile full(
      "/dev/full", 1000, [](const DeadLetter&) { return DeadLetterFile::Origin(); }, clock, log);
  const DeadLetter letter = Line(0, "x");
  CHECK(full.Write({&letter, 1}).error().message ==
        "cannot write dead letters to '/dev/full': no space left on device");
}

}  // namespace
}  // namespace hctail
