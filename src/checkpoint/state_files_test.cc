// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/state_files.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/fingerprint.h"
#include "checkpoint/checkpoint_format.h"
#include "checkpoint/example_positions.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::TempDir;

std::string Snapshot() {
  std::string text;
  AppendHeader(TextKind::kSnapshot, 1, &text);
  SavedFile file = ExampleFile("/a.log", 5);
  file.id = 1;
  AppendFile(file, &text);
  file.id = 2;
  AppendFile(file, &text);
  AppendEnd(2, 3, &text);
  return text;
}

std::string Log() {
  std::string text;
  AppendHeader(TextKind::kLog, 1, &text);
  SavedFile file = ExampleFile("/a.log", 9);
  file.id = 1;
  AppendAdvance(file, &text);
  AppendForget(2, &text);
  return text;
}

std::string Faults(const TempDir& dir) {
  std::string text;
  for (const StateFileFault& fault : FaultsOfStateFiles(dir.path())) {
    text += fault.name + ": " + fault.fault + (fault.newer ? " [newer]" : "") +
            (fault.harmless ? " [harmless]" : "") + "\n";
  }
  return text;
}

TEST_CASE("FaultsOfStateFiles: nothing of what is sound or not there") {
  const TempDir dir;
  CHECK(Faults(dir) == "");
  dir.Write("checkpoint", Snapshot());
  dir.Write("checkpoint.log", Log());
  CHECK(Faults(dir) == "");
}

TEST_CASE("FaultsOfStateFiles: the line that is damaged, and how many") {
  const TempDir dir;
  std::string text = Snapshot();
  text[text.find("offset")] = 'x';
  dir.Write("checkpoint", text);
  CHECK(Faults(dir) == "checkpoint: line 2 is damaged\n");
  text[text.rfind("offset")] = 'x';
  dir.Write("checkpoint", text);
  CHECK(Faults(dir) == "checkpoint: line 2 is damaged, and 1 more\n");
  text[3] = 'x';
  dir.Write("checkpoint", text);
  CHECK(Faults(dir) == "checkpoint: line 1 is damaged\n");
}

TEST_CASE("FaultsOfStateFiles: ends that are missing, torn or empty") {
  const TempDir dir;
  const std::string snapshot = Snapshot();
  dir.Write("checkpoint.old", snapshot.substr(0, snapshot.rfind("end")));
  dir.Write("checkpoint.log", Log() + "advance 1 off");
  dir.Write("checkpoint.log.old", "");
  CHECK(Faults(dir) ==
        "checkpoint.log: its last line is torn after 13 bytes [harmless]\n"
        "checkpoint.old: ends too early\n"
        "checkpoint.log.old: is empty\n");
  dir.Write("checkpoint.log", Log() + std::string(5, '\0'));  // blocks that were never written
  CHECK(Faults(dir).starts_with("checkpoint.log: line 4 is damaged\n"));
}

TEST_CASE("FaultsOfStateFiles: a newer format is known as such") {
  const TempDir dir;
  const uint64_t next = kFormatVersion + 1;
  const std::string line = fmt::format("hctail checkpoint {} 5 with more to say", next);
  dir.Write("checkpoint", fmt::format("{} {:016x}\n", line, HashBytes(line)));
  CHECK(Faults(dir) ==
        fmt::format("checkpoint: is of format {}, which a newer hctail wrote; this one knows {} "
                    "[newer]\n",
                    next, kFormatVersion));
}

TEST_CASE("KeepAside: a name that nobody has") {
  const TempDir dir;
  const std::string path = dir.Write("checkpoint", "one");
  CHECK(KeepAside(path) == path + ".damaged");
  dir.Write("checkpoint.tmp", "two");
  CHECK(dir.Read("checkpoint.damaged") == "one");
  CHECK(KeepAside(path) == path + ".damaged.2");
  CHECK_FALSE(KeepAside(dir.File("missing")).has_value());
}

}  // namespace
}  // namespace hctail
