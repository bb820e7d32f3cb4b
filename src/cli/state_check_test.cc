// SPDX-License-Identifier: Apache-2.0
#include "cli/state_check.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/fd.h"
#include "base/fingerprint.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_format.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;

struct Fixture {
  Fixture() {
    fs::create_directory(dir.File("state"));
    ::chmod(dir.File("state").c_str(), 0700);
    options.state_dir = dir.File("state");
    options.dead_letter_path = dir.File("state/dead-letter.jsonl");
  }

  void Save(const std::string& path, int64_t updated) {
    std::vector<std::string> warnings;
    auto opened =
        CheckpointFile::Open(options.state_dir, CheckpointFile::Access::kExclusive, &warnings);
    REQUIRE(opened.has_value());
    SavedFile saved;
    saved.path = path;
    saved.identity = {.device = 1, .inode = 1, .head_length = 5, .head_hash = 5};
    saved.offset = 100;
    saved.updated = updated;
    Status written;
    (*opened)->Add(saved, &written);
  }
  int Check(bool repair = false) {
    options.repair = repair;
    const Fd out(::open(dir.File("out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
    return CheckState(options, clock, out.get(), log);
  }
  // What was printed, with "STATE" for the directory.
  std::string Out() {
    std::string text = dir.Read("out");
    for (size_t at; (at = text.find(options.state_dir)) != std::string::npos;) {
      text.replace(at, options.state_dir.size(), "STATE");
    }
    return text;
  }

  testing::TempDir dir;
  testing::FakeClock clock;
  testing::RecordingLog log;
  Options options;
};

TEST_CASE_FIXTURE(Fixture, "CheckState: a position whose file is gone is stale after a month") {
  const int64_t now = clock.Wall().seconds;
  const std::string there = dir.Write("there.log", "x\n");
  Save("/nowhere/young.log", now - 29 * 86400);
  Save("/nowhere/old.log", now - 31 * 86400);
  Save("/nowhere/older.log", now - 300 * 86400);
  CHECK(Check() == 1);
  CHECK(
      Out() ==
      "problem: the position of '/nowhere/old.log' is stale: its file is gone, and it was saved "
      "31 days ago\n"
      "  --repair drops it; if the file comes back, it is read as a new one\n"
      "problem: the position of '/nowhere/older.log' is stale: its file is gone, and it was saved "
      "300 days ago\n"
      "  --repair drops it; if the file comes back, it is read as a new one\n"
      "'STATE' has 2 problems: 3 positions, 0 dead letters\n"
      "'hctail state check --repair' mends 2 of them.\n");
  CHECK(Check(/*repair=*/true) == 0);
  CHECK(Out().ends_with("mended 2 problems\n"));
  CHECK(Check() == 0);
  CHECK(Out() == "'STATE' is sound: 1 position, 0 dead letters\n");
}

TEST_CASE_FIXTURE(Fixture, "CheckState: what a newer hctail wrote is left alone") {
  const std::string line = fmt::format("hctail checkpoint {} 5", kFormatVersion + 1);
  const std::string newer = fmt::format("{} {:016x}\n", line, HashBytes(line));
  dir.Write("state/checkpoint", newer);
  ::chmod(dir.File("state/checkpoint").c_str(), 0600);
  CHECK(Check(/*repair=*/true) == 1);
  CHECK(Out() == fmt::format("problem: 'STATE/checkpoint' is of format {}, which a newer hctail "
                             "wrote; this one knows {}\n"
                             "  run that hctail, or use another --state-dir; --repair leaves it "
                             "alone\n"
                             "'STATE' has 1 problem: 0 positions, 0 dead letters\n",
                             kFormatVersion + 1, kFormatVersion));
  CHECK(dir.Read("state/checkpoint") == newer);
}

TEST_CASE_FIXTURE(Fixture, "CheckState: --repair loses no position that a start would find") {
  Save("/nowhere/a.log", clock.Wall().seconds);
  Save("/nowhere/b.log", clock.Wall().seconds);
  std::string text = dir.Read("state/checkpoint");
  text[text.find("a.log")] = 'x';
  dir.Write("state/checkpoint", text);
  ::chmod(dir.File("state/checkpoint").c_str(), 0600);
  CHECK(Check(/*repair=*/true) == 0);
  CHECK(dir.Read("state/checkpoint.damaged") == text);
  CHECK(Check() == 0);
  // checkpoint.old still knew of a.log.
  CHECK(Out().ends_with("'STATE' is sound: 2 positions, 0 dead letters\n"));
  for (const char* const name : {"checkpoint", "checkpoint.old"}) {
    CHECK(dir.Read(fmt::format("state/{}", name)).find("a.log") != std::string::npos);
  }
}

}  // namespace
}  // namespace hctail
