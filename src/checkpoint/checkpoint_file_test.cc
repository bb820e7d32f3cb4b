// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/checkpoint_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>

#include "base/fd.h"
#include "base/file.h"
#include "checkpoint/example_positions.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using Access = CheckpointFile::Access;
using testing::TempDir;
namespace fs = std::filesystem;

// Opens a state that must be sound.
std::unique_ptr<CheckpointFile> Open(const std::string& directory,
                                     Access access = Access::kExclusive) {
  std::vector<std::string> warnings;
  auto opened = CheckpointFile::Open(directory, access, &warnings);
  if (!opened) FAIL(opened.error().message);
  CHECK(warnings.empty());
  return std::move(*opened);
}

uint64_t Add(CheckpointFile& checkpoint, SavedFile file) {
  Status written;
  const uint64_t id = checkpoint.Add(std::move(file), &written);
  CHECK(written.has_value());
  return id;
}

std::string OnDisk(const std::string& directory) {
  return Offsets(Open(directory, Access::kReadOnly)->files());
}

TEST_CASE("CheckpointFile: a fresh state directory is empty, and stays so if nothing is saved") {
  const TempDir dir;
  const std::string state = dir.File("state");
  CHECK(Open(state)->files().empty());
  CHECK(dir.Read("state/lock") != "");
  fs::remove(state + "/lock");
  CHECK(fs::is_empty(state));
}

TEST_CASE("CheckpointFile: every change is on disk when the call returns") {
  const TempDir dir;
  const auto checkpoint = Open(dir.path());
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  CHECK(OnDisk(dir.path()) == "/a=0");
  const uint64_t b = Add(*checkpoint, ExampleFile("/b", 7));
  CHECK(b != a);
  CHECK(OnDisk(dir.path()) == "/a=0 /b=7");
  CHECK(AdvanceTo(*checkpoint, a, 100).has_value());
  CHECK(OnDisk(dir.path()) == "/a=100 /b=7");
  FileIdentity identity = ExampleFile("/a").identity;
  identity.head_hash = 99;
  CHECK(checkpoint->SetIdentity(a, "/a.1", identity).has_value());
  CHECK(OnDisk(dir.path()) == "/a.1=100 /b=7");
  CHECK(checkpoint->Forget(b).has_value());
  CHECK(OnDisk(dir.path()) == "/a.1=100");
  const auto again = Open(dir.path(), Access::kReadOnly);
  CHECK(InFull(again->files()) == InFull(checkpoint->files()));
  CHECK(again->files().at(a).updated == kExampleTime + 1);
  CHECK(again->files().at(a).identity == identity);
}

TEST_CASE("CheckpointFile: a change that changes nothing writes nothing") {
  const TempDir dir;
  const auto checkpoint = Open(dir.path());
  const uint64_t id = Add(*checkpoint, ExampleFile("/a"));
  CHECK(AdvanceTo(*checkpoint, id, 5).has_value());
  const std::string log = dir.Read("checkpoint.log");
  CHECK(AdvanceTo(*checkpoint, id, 5).has_value());
  CHECK(checkpoint->SetIdentity(id, "/a", ExampleFile("/a").identity).has_value());
  CHECK(checkpoint->Forget(id + 1).has_value());
  CHECK(AdvanceTo(*checkpoint, id + 1, 5).has_value());
  CHECK(checkpoint->WriteUnsaved().has_value());
  CHECK(checkpoint->Sync().has_value());
  CHECK(dir.Read("checkpoint.log") == log);
}

TEST_CASE("CheckpointFile: a start without changes leaves every file as it was") {
  const TempDir dir;
  auto checkpoint = Open(dir.File("closed"));
  AdvanceTo(*checkpoint, Add(*checkpoint, ExampleFile("/a")), 5).value();
  CopyState(dir.File("closed"), dir.File("killed"));
  checkpoint.reset();
  for (const std::string state : {"closed", "killed"}) {
    const std::string snapshot = dir.Read(state + "/checkpoint");
    const std::string log = dir.Read(state + "/checkpoint.log");
    Open(dir.File(state)).reset();
    CHECK(dir.Read(state + "/checkpoint") == snapshot);
    CHECK(dir.Read(state + "/checkpoint.log") == log);
  }
}

TEST_CASE("CheckpointFile: closing folds the log into the snapshot, and a killed one goes on") {
  const TempDir dir;
  const std::string killed = dir.File("killed");
  auto checkpoint = Open(dir.path());
  const uint64_t id = Add(*checkpoint, ExampleFile("/a"));
  AdvanceTo(*checkpoint, id, 5).value();
  CopyState(dir.path(), killed);
  checkpoint.reset();
  CHECK(dir.Read("checkpoint").find(" offset=5 ") != std::string::npos);
  CHECK(std::ranges::count(dir.Read("checkpoint.log"), '\n') == 1);
  CHECK(OnDisk(dir.path()) == "/a=5");

  checkpoint = Open(killed);
  AdvanceTo(*checkpoint, id, 6).value();
  CHECK(std::ranges::count(dir.Read("killed/checkpoint.log"), '\n') == 3);
  CHECK(OnDisk(killed) == "/a=6");
}

TEST_CASE("CheckpointFile: a last line that a kill tore is cut off before the next one") {
  const TempDir dir;
  const std::string killed = dir.File("killed");
  const auto checkpoint = Open(dir.path());
  const uint64_t id = Add(*checkpoint, ExampleFile("/a"));
  AdvanceTo(*checkpoint, id, 5).value();
  CopyState(dir.path(), killed);
  fs::resize_file(killed + "/checkpoint.log", fs::file_size(killed + "/checkpoint.log") - 1);
  CHECK(OnDisk(killed) == "/a=0");
  const auto resumed = Open(killed);
  AdvanceTo(*resumed, id, 6).value();
  CHECK(OnDisk(killed) == "/a=6");
}

TEST_CASE("CheckpointFile: an id is never used twice, also after the last one is forgotten") {
  const TempDir dir;
  uint64_t last = 0;
  for (int start = 0; start < 3; ++start) {
    const auto checkpoint = Open(dir.path());
    const uint64_t id = Add(*checkpoint, ExampleFile("/a"));
    CHECK(id > last);
    last = id;
    CHECK(checkpoint->Forget(id).has_value());
  }
  CHECK(OnDisk(dir.path()).empty());
}

TEST_CASE("CheckpointFile: a large log is folded while running") {
  const TempDir dir;
  const auto checkpoint = Open(dir.path());
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  const uint64_t b = Add(*checkpoint, ExampleFile("/b"));
  uint64_t largest = 0;
  for (uint64_t offset = 1; offset <= 30'000; ++offset) {
    REQUIRE(AdvanceTo(*checkpoint, offset % 2 == 0 ? a : b, offset).has_value());
    if (offset % 1000 == 0) largest = std::max(largest, fs::file_size(dir.File("checkpoint.log")));
  }
  CHECK(largest > 900'000);
  CHECK(largest < 1'100'000);
  CHECK(dir.Read("checkpoint").find(" offset=1 ") == std::string::npos);
  CHECK(OnDisk(dir.path()) == "/a=30000 /b=29999");
}

TEST_CASE("CheckpointFile: the second one to open a state hears who has it; a reader may look") {
  const TempDir dir;
  const auto checkpoint = Open(dir.path());
  std::vector<std::string> warnings;
  const auto second = CheckpointFile::Open(dir.path(), Access::kExclusive, &warnings);
  REQUIRE_FALSE(second.has_value());
  CHECK(
      second.error().message ==
      fmt::format("the state directory '{}' is in use by hctail (pid {})", dir.path(), ::getpid()));
  CHECK(Open(dir.path(), Access::kReadOnly)->files().empty());
}

TEST_CASE("CheckpointFile: a reader makes no directory and no file") {
  const TempDir dir;
  CHECK(Open(dir.File("none"), Access::kReadOnly)->files().empty());
  CHECK_FALSE(fs::exists(dir.File("none")));
  CHECK(Open(dir.path(), Access::kReadOnly)->files().empty());
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("CheckpointFile: a time in the future, after the clock was set back, is no obstacle") {
  const TempDir dir;
  {
    const auto checkpoint = Open(dir.path());
    const uint64_t id = Add(*checkpoint, ExampleFile("/a"));
    CHECK(checkpoint->Advance(id, {5}, INT64_MAX).has_value());
    CHECK(checkpoint->Advance(id, {6}, -5).has_value());
  }
  CHECK(Open(dir.path())->files().at(1).updated == -5);
}

// The kernel refuses to let any file grow beyond `bytes`, as a full disk does.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(uint64_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*const handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before_{};
};

TEST_CASE("CheckpointFile: where the kernel refuses to write more, positions wait in memory") {
  const TempDir dir;
  const auto checkpoint = Open(dir.path());
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  const uint64_t b = Add(*checkpoint, ExampleFile("/b"));
  const uint64_t length = fs::file_size(dir.File("checkpoint.log"));
  Status first, second, added;
  uint64_t c = 0;
  {
    const FileSizeLimit limit(length + 10);  // the kernel takes ten bytes of the line
    first = AdvanceTo(*checkpoint, a, 1000);
    second = AdvanceTo(*checkpoint, b, 234);
    c = checkpoint->Add(ExampleFile("/c"), &added);
  }
  REQUIRE_FALSE(first.has_value());
  CHECK(first.error().message ==
        "cannot write '" + dir.File("checkpoint.log") + "': file too large");
  CHECK(first.error().hint ==
        "Positions are kept in memory and written as soon as this works again; a restart before "
        "that sends 1,000 bytes of 1 file again.");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().hint ==
        "Positions are kept in memory and written as soon as this works again; a restart before "
        "that sends 1,234 bytes of 2 files again.");
  CHECK_FALSE(added.has_value());
  CHECK(c > b);
  CHECK_FALSE(checkpoint->all_saved());
  CHECK(fs::file_size(dir.File("checkpoint.log")) == length);
  CHECK(OnDisk(dir.path()) == "/a=0 /b=0");

  SUBCASE("the next change writes them all") {
    CHECK(checkpoint->Forget(b).has_value());
    CHECK(OnDisk(dir.path()) == "/a=1000 /c=0");
  }
  SUBCASE("a timer writes them all") {
    CHECK(checkpoint->WriteUnsaved().has_value());
    CHECK(OnDisk(dir.path()) == "/a=1000 /b=234 /c=0");
  }
  CHECK(checkpoint->all_saved());
}

TEST_CASE("CheckpointFile: what could not be written is written on close") {
  const TempDir dir;
  auto checkpoint = Open(dir.path());
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  {
    const FileSizeLimit limit(1);
    CHECK_FALSE(AdvanceTo(*checkpoint, a, 1000).has_value());
  }
  checkpoint.reset();
  CHECK(OnDisk(dir.path()) == "/a=1000");
}

TEST_CASE("CheckpointFile: a state directory that is removed while running is made again") {
  const TempDir dir;
  const std::string state = dir.File("state");
  const auto checkpoint = Open(state);
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  AdvanceTo(*checkpoint, a, 5).value();
  CHECK(checkpoint->all_saved());
  fs::remove_all(state);
  CHECK_FALSE(checkpoint->all_saved());
  CHECK(checkpoint->WriteUnsaved().has_value());
  CHECK(checkpoint->all_saved());
  CHECK(OnDisk(state) == "/a=5");
  CHECK(fs::status(state).permissions() == fs::perms::owner_all);
  CHECK(checkpoint->TakeMended() == "the state directory '" + state +
                                        "' was removed while hctail ran; made again, with all "
                                        "positions");
  CHECK(checkpoint->TakeMended() == "");
  std::vector<std::string> warnings;
  CHECK_FALSE(CheckpointFile::Open(state, Access::kExclusive, &warnings).has_value());  // locked
  CHECK(AdvanceTo(*checkpoint, a, 7).has_value());
  CHECK(OnDisk(state) == "/a=7");
}

TEST_CASE("CheckpointFile: a state directory that was moved away is made again at the end, too") {
  const TempDir dir;
  const std::string state = dir.File("state");
  auto checkpoint = Open(state);
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  AdvanceTo(*checkpoint, a, 5).value();
  fs::rename(state, dir.File("moved"));
  checkpoint.reset();
  CHECK(OnDisk(state) == "/a=5");
  checkpoint = Open(state);
  fs::remove_all(state);
  checkpoint.reset();  // though nothing has changed meanwhile
  CHECK(OnDisk(state) == "/a=5");
}

TEST_CASE("CheckpointFile: a log that was removed is written again") {
  const TempDir dir;
  const auto checkpoint = Open(dir.path());
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  AdvanceTo(*checkpoint, a, 5).value();
  fs::remove(dir.File("checkpoint.log"));
  CHECK(checkpoint->Sync().has_value());
  CHECK_FALSE(checkpoint->all_saved());
  CHECK(checkpoint->WriteUnsaved().has_value());
  CHECK(OnDisk(dir.path()) == "/a=5");
  CHECK(checkpoint->TakeMended() == "files of the state directory '" + dir.path() +
                                        "' were removed while hctail ran; made again, with all "
                                        "positions");
}

TEST_CASE("CheckpointFile: while a state directory cannot be made again positions are kept") {
  const TempDir dir;
  const std::string state = dir.File("state");
  const auto checkpoint = Open(state);
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  AdvanceTo(*checkpoint, a, 5).value();
  fs::remove_all(state);
  dir.Write("state", "");
  const Status written = checkpoint->WriteUnsaved();
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().message == "files of the state directory '" + state +
                                       "' were removed while hctail ran: the state directory '" +
                                       state + "' is not a directory");
  CHECK_FALSE(checkpoint->all_saved());
  CHECK_FALSE(AdvanceTo(*checkpoint, a, 6).has_value());
  fs::remove(state);
  CHECK(checkpoint->WriteUnsaved().has_value());
  CHECK(OnDisk(state) == "/a=6");
}

TEST_CASE("CheckpointFile: nothing is written once another has the lock of the directory") {
  const TempDir dir;
  auto checkpoint = Open(dir.path());
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  fs::remove(dir.File("lock"));
  const Fd other(::open(dir.File("lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(::flock(other.get(), LOCK_EX | LOCK_NB) == 0);
  REQUIRE(WriteFully(other.get(), "1\n") == 0);
  const Status written = checkpoint->WriteUnsaved();
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().message == "files of the state directory '" + dir.path() +
                                       "' were removed while hctail ran: the state directory '" +
                                       dir.path() + "' is in use by hctail (pid 1)");
  CHECK_FALSE(AdvanceTo(*checkpoint, a, 5).has_value());
  checkpoint.reset();
  CHECK(OnDisk(dir.path()) == "/a=0");
}

TEST_CASE("CheckpointFile: another thread may sync while positions advance and logs are folded") {
  const TempDir dir;
  const auto checkpoint = Open(dir.path());
  const uint64_t a = Add(*checkpoint, ExampleFile("/a"));
  std::thread syncer([&] {
    for (int i = 0; i < 20; ++i) CHECK(checkpoint->Sync().has_value());
  });
  for (uint64_t offset = 1; offset <= 15'000; ++offset) AdvanceTo(*checkpoint, a, offset).value();
  syncer.join();
  CHECK(checkpoint->Sync().has_value());
  CHECK(OnDisk(dir.path()) == "/a=15000");
}

}  // namespace
}  // namespace hctail
