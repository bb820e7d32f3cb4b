// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/checkpoint_loader.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/fingerprint.h"
#include "checkpoint/example_positions.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::TempDir;
namespace fs = std::filesystem;

// A state as a kill leaves it after two starts:
//   checkpoint.old (generation 1): a=0              checkpoint.log.old: add b, a=100
//   checkpoint     (generation 2): a=100 b=0        checkpoint.log:     a=200, b=50, a=300
class State {
 public:
  State() {
    const std::string live = dir_.File("live");
    std::vector<std::string> warnings;
    const auto open = [&] {
      return CheckpointFile::Open(live, CheckpointFile::Access::kExclusive, &warnings).value();
    };
    Status written;
    {
      const auto first = open();
      first->Add(ExampleFile("a"), &written);
      first->Add(ExampleFile("b"), &written);
      AdvanceTo(*first, 1, 100).value();
    }
    const auto second = open();
    AdvanceTo(*second, 1, 200).value();
    AdvanceTo(*second, 2, 50).value();
    AdvanceTo(*second, 1, 300).value();
    CopyState(live, path());
  }

  std::string path() const { return dir_.File("state"); }
  std::string File(std::string_view name) const { return path() + "/" + std::string(name); }
  std::string Read(std::string_view name) const { return dir_.Read(Name(name)); }
  void Write(std::string_view name, std::string_view text) const { dir_.Write(Name(name), text); }
  void Remove(std::string_view name) const { fs::remove(File(name)); }
  void Truncate(std::string_view name, size_t length) const {
    Write(name, Read(name).substr(0, length));
  }
  void FlipBitAfter(std::string_view name, std::string_view text) const {
    std::string content = Read(name);
    const size_t at = content.find(text);
    REQUIRE(at != std::string::npos);
    content[at + text.size()] ^= 1;
    Write(name, content);
  }

  // "a=1 b=2", or the error's message.
  std::string Load() {
    warnings_.clear();
    auto opened = CheckpointFile::Open(path(), CheckpointFile::Access::kExclusive, &warnings_);
    return opened ? Offsets((*opened)->files()) : opened.error().message;
  }
  // All warnings, without the directory.
  std::string warnings() const {
    std::string text;
    for (const std::string& each : warnings_) text += each + "\n";
    for (size_t at; (at = text.find(path() + "/")) != std::string::npos;) {
      text.erase(at, path().size() + 1);
    }
    return text;
  }

  // A change after the damage, and then everything must be sound again.
  void CheckRepairedByTheNextChange() {
    {
      std::vector<std::string> warnings;
      const auto checkpoint =
          CheckpointFile::Open(path(), CheckpointFile::Access::kExclusive, &warnings).value();
      Status written;
      checkpoint->Add(ExampleFile("new", 1), &written);
      CHECK(written.has_value());
    }
    CHECK(Load().ends_with("new=1"));
    CHECK(warnings() == "");
  }

 private:
  std::string Name(std::string_view name) const { return "state/" + std::string(name); }

  TempDir dir_;
  std::vector<std::string> warnings_;
};

constexpr char kMayBeSentAgain[] =
    " recovered from what is left of it, the one before and their logs, and what was settled "
    "since may be sent again\n";

TEST_CASE("LoadState: a state that a kill left is whole and says nothing") {
  State state;
  CHECK(state.Read("checkpoint.old").find(" path=b ") == std::string::npos);
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() == "");
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a snapshot filled with zeros is rebuilt from the others") {
  State state;
  state.Write("checkpoint", std::string(state.Read("checkpoint").size(), '\0'));
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' is damaged at line 1: 2 positions were") + kMayBeSentAgain);
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a damaged snapshot never takes the place of the sound one before it") {
  State state;
  const std::string old = state.Read("checkpoint.old");
  state.FlipBitAfter("checkpoint", "offset=10");
  state.CheckRepairedByTheNextChange();
  CHECK(state.Read("checkpoint.old") == old);
}

TEST_CASE("LoadState: without its snapshot, a log of a foreign generation is not believed") {
  State state;
  std::string foreign;
  AppendHeader(TextKind::kLog, 9, &foreign);
  const std::string log = state.Read("checkpoint.log");
  state.Write("checkpoint.log", foreign + log.substr(log.find('\n') + 1));
  state.FlipBitAfter("checkpoint", "offset=10");
  CHECK(state.Load() == "a=100 b=0");
  state.Remove("checkpoint");
  CHECK(state.Load() == "a=100 b=0");
}

TEST_CASE("LoadState: a snapshot that was deleted with its log is missed") {
  State state;
  state.Remove("checkpoint");
  state.Remove("checkpoint.log");
  CHECK(state.Load() == "a=100 b=0");
  CHECK(state.warnings() ==
        std::string("'checkpoint' is missing: 2 positions were") + kMayBeSentAgain);
}

TEST_CASE("LoadState: an empty snapshot is rebuilt from the others") {
  State state;
  state.Write("checkpoint", "");
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' is empty: 2 positions were") + kMayBeSentAgain);
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a snapshot that was deleted is rebuilt from the others") {
  State state;
  state.Remove("checkpoint");
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' is missing: 2 positions were") + kMayBeSentAgain);
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a snapshot without its end is rebuilt with what is left of it") {
  State state;
  state.Remove("checkpoint.old");
  state.Remove("checkpoint.log.old");
  const std::string text = state.Read("checkpoint");
  state.Truncate("checkpoint", text.find("end "));
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' ends too early: 2 positions were") + kMayBeSentAgain);
  state.Truncate("checkpoint", text.find(" path=b"));
  CHECK(state.Load() == "a=300");
  CHECK(state.warnings() ==
        std::string("'checkpoint' ends too early: 1 position was") + kMayBeSentAgain);
}

TEST_CASE("LoadState: a flipped bit in a snapshot costs nothing while the one before is there") {
  State state;
  state.FlipBitAfter("checkpoint", "offset=10");
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' is damaged at line 2: 2 positions were") + kMayBeSentAgain);
  state.Remove("checkpoint.old");
  state.Remove("checkpoint.log.old");
  CHECK(state.Load() == "b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' is damaged at line 2: 1 position was") + kMayBeSentAgain);
}

TEST_CASE("LoadState: a log alone knows the positions that it began with") {
  State state;
  for (const char* name : {"checkpoint", "checkpoint.old", "checkpoint.log.old"}) {
    state.Remove(name);
  }
  const std::string log = state.Read("checkpoint.log");
  CHECK(state.Load() == "");
  CHECK(state.warnings() ==
        "'checkpoint' is missing and no position could be recovered: every file is read as a new "
        "one\n");
  std::string line;
  SavedFile file = ExampleFile("c", 7);
  file.id = 3;
  AppendFile(file, &line);
  state.Write("checkpoint.log", log + line);
  CHECK(state.Load() == "c=7");
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a log cut at any byte is at most the cut changes behind, and says nothing") {
  State state;
  const std::string log = state.Read("checkpoint.log");
  const size_t header = log.find('\n') + 1;
  const size_t first = log.find('\n', header) + 1;
  const size_t second = log.find('\n', first) + 1;
  for (size_t length = header; length <= log.size(); ++length) {
    CAPTURE(length);
    state.Write("checkpoint.log", log.substr(0, length));
    const char* expected = "a=100 b=0";
    if (length >= first) expected = "a=200 b=0";
    if (length >= second) expected = "a=200 b=50";
    if (length == log.size()) expected = "a=300 b=50";
    CHECK(state.Load() == expected);
    CHECK(state.warnings() == "");
  }
}

TEST_CASE("LoadState: a flipped bit in the middle of a log costs that line alone") {
  State state;
  state.FlipBitAfter("checkpoint.log", "advance 2 offset=");
  CHECK(state.Load() == "a=300 b=0");
  CHECK(state.warnings() ==
        "'checkpoint.log' has 1 damaged line (the first is line 3): it was left out, and what was "
        "settled since the positions in it were saved may be sent again\n");
  state.FlipBitAfter("checkpoint.log", "advance 1 offset=");
  CHECK(state.Load() == "a=300 b=0");
  CHECK(state.warnings() ==
        "'checkpoint.log' has 2 damaged lines (the first is line 2): they were left out, and what "
        "was settled since the positions in them were saved may be sent again\n");
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a log that ends in zeros, as after a power loss, is told apart from a kill") {
  State state;
  const std::string log = state.Read("checkpoint.log");
  state.Write("checkpoint.log", log.substr(0, log.size() - 20) + std::string(500, '\0'));
  CHECK(state.Load() == "a=200 b=50");
  CHECK(state.warnings() ==
        "'checkpoint.log' has 1 damaged line (the first is line 4): it was left out, and what was "
        "settled since the positions in it were saved may be sent again\n");
  state.CheckRepairedByTheNextChange();
}

TEST_CASE(
    "LoadState: the log of the generation before is left out, as after a kill while folding") {
  State state;
  state.Write("checkpoint.log", state.Read("checkpoint.log.old"));
  state.Remove("checkpoint.log.old");
  CHECK(state.Load() == "a=100 b=0");
  CHECK(state.warnings() == "");
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a log of a foreign generation, an empty and a garbled one are left out") {
  State state;
  const std::string log = state.Read("checkpoint.log");
  std::string foreign;
  AppendHeader(TextKind::kLog, 9, &foreign);
  const struct {
    std::string text;
    const char* what;
  } kCases[] = {
      {foreign + log.substr(log.find('\n') + 1), "belongs to another checkpoint"},
      {"", "is empty"},
      {"garbage\n", "is damaged at line 1"},
      {log.substr(0, 10), "is damaged at line 1"},
  };
  for (const auto& each : kCases) {
    CAPTURE(each.what);
    state.Write("checkpoint.log", each.text);
    CHECK(state.Load() == "a=100 b=0");
    CHECK(state.warnings() ==
          std::string("'checkpoint.log' ") + each.what +
              ": it was left out, and what was settled since 'checkpoint' was saved may be sent "
              "again\n");
  }
  state.Write("checkpoint.log", kCases[0].text);
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: when nothing is whole, the program starts all the same") {
  State state;
  for (const char* name :
       {"checkpoint", "checkpoint.log", "checkpoint.old", "checkpoint.log.old"}) {
    state.Write(name, "\n\nnonsense \xff\n" + std::string(100, '\0'));
  }
  CHECK(state.Load() == "");
  CHECK(state.warnings() ==
        "'checkpoint' is damaged at line 1 and no position could be recovered: every file is read "
        "as a new one\n");
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: a directory where the snapshot should be is damage, not the end") {
  State state;
  state.Remove("checkpoint");
  fs::create_directory(state.File("checkpoint"));
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' cannot be read (it is not a regular file): 2 positions were") +
            kMayBeSentAgain);
}

TEST_CASE("LoadState: what a newer hctail wrote is an error, and is left untouched") {
  State state;
  for (const auto& [name, word] :
       {std::pair("checkpoint", "checkpoint"), std::pair("checkpoint.log", "log"),
        std::pair("checkpoint.old", "checkpoint")}) {
    CAPTURE(name);
    const std::string before = state.Read(name);
    const std::string line = fmt::format("hctail {} 2 5 with more to say", word);
    const std::string newer = fmt::format("{} {:016x}\nbinary \x01\n", line, HashBytes(line));
    state.Write(name, newer);
    CHECK(state.Load() ==
          "'" + state.File(name) +
              "' was written by a newer hctail (format 2; this one knows format 1)");
    std::vector<std::string> warnings;
    const auto opened =
        CheckpointFile::Open(state.path(), CheckpointFile::Access::kReadOnly, &warnings);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().hint ==
          "Run that hctail again, or give this one another --state-dir; nothing was changed.");
    CHECK(state.Read(name) == newer);
    state.Write(name, before);
  }
  CHECK(state.Load() == "a=300 b=50");
}

TEST_CASE("LoadState: a flipped bit in the version is damage, not a newer hctail") {
  State state;
  state.FlipBitAfter("checkpoint", "hctail checkpoint ");
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() ==
        std::string("'checkpoint' is damaged at line 1: 2 positions were") + kMayBeSentAgain);
}

TEST_CASE("LoadState: a kill between the renames of a fold leaves the one before and its log") {
  State state;
  fs::rename(state.File("checkpoint"), state.File("checkpoint.old"));
  CHECK(state.Load() == "a=300 b=50");
  CHECK(state.warnings() == "");
  state.CheckRepairedByTheNextChange();
}

TEST_CASE("LoadState: any one file cut at any byte never gives an offset that was not reached") {
  State state;
  for (const char* name :
       {"checkpoint", "checkpoint.log", "checkpoint.old", "checkpoint.log.old"}) {
    const std::string text = state.Read(name);
    for (size_t length = 0; length < text.size(); ++length) {
      state.Truncate(name, length);
      std::vector<std::string> warnings;
      const auto loaded = LoadState(state.path(), &warnings);
      REQUIRE(loaded.has_value());
      for (const auto& [id, file] : loaded->positions.files) {
        CHECK(file.offset <= (file.path == "a" ? 300 : 50));
      }
      state.Write(name, text);
    }
  }
}

}  // namespace
}  // namespace hctail
