// SPDX-License-Identifier: Apache-2.0
// Kills and failing disks.  The linker routes the system calls of this room through the functions
// below (--wrap in CMakeLists.txt), so that the code under test is the code that ships: writes
// arrive on disk byte by byte, the state is looked at after every byte and every call, and any
// call can be made to fail.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>

#include "base/random.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/example_positions.h"
#include "tests/testing/temp_dir.h"

namespace {

// What happens to system calls while `on`.
struct Disk {
  bool on = false;
  std::function<void()> after_each = [] {};  // byte written, or call
  std::vector<std::string> calls;            // that were made: "write f", "rename f g"
  size_t fail_from = SIZE_MAX;               // the first call to fail, counted from 0
  size_t fail_until = SIZE_MAX;              // and the first to work again
  size_t bytes_that_fit = 0;                 // of a write that fails
  int error = 0;
};
Disk disk;

// Looks at the state without being looked at.
void Look() {
  disk.on = false;
  disk.after_each();
  disk.on = true;
}

std::string NameOf(int fd) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), ignored).filename();
}

// True if this call is to fail; errno is set.
bool Fails(std::string call) {
  const size_t number = disk.calls.size();
  disk.calls.push_back(std::move(call));
  if (number < disk.fail_from || number >= disk.fail_until) return false;
  errno = disk.error;
  return true;
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names.
extern "C" {

ssize_t __real_write(int fd, const void* data, size_t size);
ssize_t __wrap_write(int fd, const void* data, size_t size) {
  if (!disk.on) return __real_write(fd, data, size);
  const bool fails = Fails("write " + NameOf(fd));
  const size_t fits = fails ? std::min(size, disk.bytes_that_fit) : size;
  for (size_t i = 0; i < fits; ++i) {
    if (__real_write(fd, static_cast<const char*>(data) + i, 1) != 1) return -1;
    Look();
  }
  if (fits > 0) return static_cast<ssize_t>(fits);
  errno = disk.error;
  return -1;
}

int __real_rename(const char* from, const char* to);
int __wrap_rename(const char* from, const char* to) {
  if (!disk.on) return __real_rename(from, to);
  const std::filesystem::path from_path(from), to_path(to);
  if (Fails("rename " + from_path.filename().string() + " " + to_path.filename().string())) {
    return -1;
  }
  const int result = __real_rename(from, to);
  const int error = errno;
  Look();
  errno = error;
  return result;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd) {
  if (!disk.on) return __real_fsync(fd);
  return Fails("fsync " + NameOf(fd)) ? -1 : 0;
}

int __real_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length) {
  if (!disk.on) return __real_ftruncate(fd, length);
  if (Fails("ftruncate " + NameOf(fd))) return -1;
  const int result = __real_ftruncate(fd, length);
  Look();
  return result;
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)

namespace hctail {
namespace {

using Access = CheckpointFile::Access;
using testing::TempDir;

constexpr char kKept[] = "Positions are kept in memory and written as soon as this works again";

// Lets system calls through to the real ones again.
class DiskGuard {
 public:
  DiskGuard() { disk = Disk(); }
  ~DiskGuard() { disk = Disk(); }
};

std::unique_ptr<CheckpointFile> Open(const std::string& directory, Access access) {
  std::vector<std::string> warnings;
  auto opened = CheckpointFile::Open(directory, access, &warnings);
  if (!opened) FAIL(opened.error().message);
  for (const std::string& warning : warnings) FAIL_CHECK(warning);
  return std::move(*opened);
}

std::string OnDisk(const std::string& directory) {
  return InFull(Open(directory, Access::kReadOnly)->files());
}

// A random change; `random` decides which.
Status Change(CheckpointFile& checkpoint, Random& random) {
  Status written;
  std::vector<uint64_t> ids;
  for (const auto& [id, file] : checkpoint.files()) ids.push_back(id);
  const uint32_t choice = random.Below(10);
  if (ids.empty() || choice == 0) {
    checkpoint.Add(ExampleFile(random.Below(2) == 0 ? "/a" : "/b\nc"), &written);
    return written;
  }
  const uint64_t id = ids[random.Below(static_cast<uint32_t>(ids.size()))];
  if (choice == 1) return checkpoint.Forget(id);
  if (choice == 2) {
    FileIdentity identity = checkpoint.files().at(id).identity;
    ++identity.head_hash;
    return checkpoint.SetIdentity(id, "/renamed", identity);
  }
  return AdvanceTo(checkpoint, id, checkpoint.files().at(id).offset + 1 + random.Below(1000));
}

TEST_CASE("CheckpointFile: a kill after any byte of any call loses at most the change under way") {
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    CAPTURE(seed);
    const DiskGuard guard;
    const TempDir dir;
    Random random(seed);
    std::string state = dir.File("0");
    auto checkpoint = Open(state, Access::kExclusive);
    for (int step = 1; step <= 25; ++step) {
      CAPTURE(step);
      const std::string before = InFull(checkpoint->files());
      const std::string crashed = dir.File(std::to_string(step));
      uint32_t until_crash = random.Below(400);  // bytes and calls; most steps end before
      disk.after_each = [&] {
        const std::string now = OnDisk(state);
        const bool at_most_one_behind = now == before || now == InFull(checkpoint->files());
        CHECK(at_most_one_behind);
        if (until_crash-- == 0) CopyState(state, crashed);
      };
      disk.on = true;
      const bool closes = random.Below(8) == 0;
      if (closes) {
        // The destructor folds; positions stay what they were.
        const auto files = std::make_unique<std::string>(before);
        disk.after_each = [&] {
          CHECK(OnDisk(state) == *files);
          if (until_crash-- == 0) CopyState(state, crashed);
        };
        checkpoint.reset();
      } else {
        CHECK(Change(*checkpoint, random).has_value());
      }
      disk.on = false;
      if (checkpoint) CHECK(OnDisk(state) == InFull(checkpoint->files()));
      if (std::filesystem::exists(crashed)) {
        checkpoint.reset();
        state = crashed;
      }
      if (!checkpoint) checkpoint = Open(state, Access::kExclusive);
    }
  }
}

TEST_CASE("CheckpointFile: a snapshot is synced before it takes the place of the one before") {
  const DiskGuard guard;
  const TempDir dir;
  auto checkpoint = Open(dir.path(), Access::kExclusive);
  const std::string folder = std::filesystem::path(dir.path()).filename();
  Status written;
  checkpoint->Add(ExampleFile("/a"), &written);
  disk.on = true;
  CHECK(AdvanceTo(*checkpoint, 1, 5).has_value());
  CHECK(disk.calls == std::vector<std::string>{"write checkpoint.log"});
  disk.calls.clear();
  CHECK(checkpoint->Sync().has_value());
  CHECK(disk.calls == std::vector<std::string>{"fsync checkpoint.log", "fsync " + folder});
  disk.calls.clear();
  CHECK(checkpoint->Sync().has_value());
  CHECK(disk.calls.empty());
  checkpoint.reset();
  CHECK(disk.calls == std::vector<std::string>{
                          "write checkpoint.new.tmp",
                          "fsync checkpoint.new.tmp",
                          "rename checkpoint.new.tmp checkpoint.new",
                          "fsync " + folder,
                          "rename checkpoint checkpoint.old",
                          "rename checkpoint.new checkpoint",
                          "fsync " + folder,
                          "write checkpoint.log.new",
                          "rename checkpoint.log checkpoint.log.old",
                          "rename checkpoint.log.new checkpoint.log",
                      });
}

TEST_CASE("CheckpointFile: a disk that fills up within a line leaves no trace of that line") {
  for (size_t fits = 0; fits < 70; fits += 3) {
    CAPTURE(fits);
    const DiskGuard guard;
    const TempDir dir;
    auto checkpoint = Open(dir.path(), Access::kExclusive);
    Status written;
    checkpoint->Add(ExampleFile("/a"), &written);
    checkpoint->Add(ExampleFile("/b"), &written);
    const std::string log = dir.Read("checkpoint.log");
    disk.error = ENOSPC;
    disk.bytes_that_fit = fits;
    disk.fail_from = 0;
    disk.fail_until = fits > 0 ? 2 : 1;  // a short write is tried again
    disk.on = true;
    // The write after the short one fits nothing.
    disk.after_each = [left = fits]() mutable {
      --left;
      if (left == 0) disk.bytes_that_fit = 0;
    };
    const Status advanced = AdvanceTo(*checkpoint, 1, 1000);
    disk.on = false;
    REQUIRE_FALSE(advanced.has_value());
    CHECK(advanced.error().message ==
          "cannot write '" + dir.File("checkpoint.log") + "': no space left on device");
    CHECK(advanced.error().hint ==
          std::string(kKept) + "; a restart before that sends 1,000 bytes of 1 file again.");
    CHECK(dir.Read("checkpoint.log") == log);
    CHECK(AdvanceTo(*checkpoint, 2, 5).has_value());
    CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
  }
}

TEST_CASE("CheckpointFile: a log that fails otherwise is given up for a new snapshot") {
  const DiskGuard guard;
  const TempDir dir;
  auto checkpoint = Open(dir.path(), Access::kExclusive);
  Status written;
  checkpoint->Add(ExampleFile("/a"), &written);
  disk.fail_from = 0;
  SUBCASE("write fails") {
    disk.error = EIO;
    disk.fail_until = 1;
  }
  SUBCASE("what was written of a line cannot be cut off") {
    disk.error = ENOSPC;
    disk.fail_until = 2;
  }
  disk.on = true;
  CHECK_FALSE(AdvanceTo(*checkpoint, 1, 1000).has_value());
  disk.calls.clear();
  disk.fail_from = SIZE_MAX;
  CHECK(AdvanceTo(*checkpoint, 1, 1001).has_value());
  disk.on = false;
  CHECK(disk.calls.at(0) == "write checkpoint.new.tmp");
  CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
}

TEST_CASE("CheckpointFile: whichever step of a fold fails, the next change finds its way") {
  for (size_t step = 0; step <= 10; ++step) {
    CAPTURE(step);
    const DiskGuard guard;
    const TempDir dir;
    auto checkpoint = Open(dir.path(), Access::kExclusive);
    Status written;
    checkpoint->Add(ExampleFile("/a"), &written);
    AdvanceTo(*checkpoint, 1, 5).value();
    disk.error = EIO;
    disk.fail_from = 0;
    disk.fail_until = 1;
    disk.on = true;
    CHECK_FALSE(AdvanceTo(*checkpoint, 1, 6).has_value());  // the log is given up
    disk.calls.clear();
    disk.fail_from = step;
    disk.fail_until = step + 1;
    const Status folded = AdvanceTo(*checkpoint, 1, 7);
    disk.on = false;
    CHECK(checkpoint->all_saved() == folded.has_value());
    if (folded) CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
    disk.fail_from = SIZE_MAX;
    for (const uint64_t offset : {8u, 9u}) {
      CHECK(AdvanceTo(*checkpoint, 1, offset).has_value());
      CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
    }
  }
}

TEST_CASE(
    "CheckpointFile: with many files, not every change tries a whole snapshot on a full disk") {
  const DiskGuard guard;
  const TempDir dir;
  auto checkpoint = Open(dir.path(), Access::kExclusive);
  disk.error = ENOSPC;
  disk.fail_from = 0;
  disk.on = true;
  Status written;
  for (int i = 0; i < 640; ++i) checkpoint->Add(ExampleFile("/a"), &written);
  disk.calls.clear();
  for (uint64_t offset = 1; offset <= 110; ++offset) {
    const Status advanced = AdvanceTo(*checkpoint, 1, offset);
    REQUIRE_FALSE(advanced.has_value());
    CHECK(advanced.error().message ==
          "cannot write '" + dir.File("checkpoint.new") + "': no space left on device");
    CHECK(advanced.error().hint ==
          std::string(kKept) + "; a restart before that sends the last of 640 files again.");
  }
  CHECK(disk.calls.size() == 10);
  disk.fail_from = SIZE_MAX;
  disk.on = false;
  CHECK(checkpoint->WriteUnsaved().has_value());
  CHECK(checkpoint->all_saved());
  CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
}

TEST_CASE("CheckpointFile: after an fsync that failed nothing in that log is trusted") {
  const DiskGuard guard;
  const TempDir dir;
  auto checkpoint = Open(dir.path(), Access::kExclusive);
  Status written;
  checkpoint->Add(ExampleFile("/a"), &written);
  AdvanceTo(*checkpoint, 1, 1000).value();
  disk.error = EIO;
  disk.fail_from = 0;
  disk.on = true;
  const Status synced = checkpoint->Sync();
  REQUIRE_FALSE(synced.has_value());
  CHECK(synced.error().message ==
        "cannot sync '" + dir.File("checkpoint.log") + "': input/output error");
  disk.fail_from = SIZE_MAX;
  disk.calls.clear();
  CHECK_FALSE(checkpoint->all_saved());
  CHECK(AdvanceTo(*checkpoint, 1, 1001).has_value());
  CHECK(disk.calls.at(0) == "write checkpoint.new.tmp");
  disk.on = false;
  CHECK(checkpoint->TakeMended() == "");  // nobody removed anything
}

// Advances "/a", the one file, until the log is folded, with disk.fail_from set meanwhile; returns
// what the folding call returned.
Status AdvanceUntilFold(CheckpointFile& checkpoint, size_t fail_from, uint64_t* offset) {
  while (*offset < 12'000) AdvanceTo(checkpoint, 1, ++*offset).value();
  disk.fail_from = fail_from;
  Status advanced;
  do {
    disk.calls.clear();
    disk.on = true;
    advanced = AdvanceTo(checkpoint, 1, ++*offset);
    disk.on = false;
  } while (advanced.has_value() && disk.calls.size() == 1);
  disk.fail_from = SIZE_MAX;
  return advanced;
}

TEST_CASE("CheckpointFile: a fold that cannot be done is said, and costs no position") {
  const DiskGuard guard;
  const TempDir dir;
  auto checkpoint = Open(dir.path(), Access::kExclusive);
  Status written;
  checkpoint->Add(ExampleFile("/a"), &written);
  uint64_t offset = 0;
  disk.error = ENOSPC;
  const Status advanced = AdvanceUntilFold(*checkpoint, 1, &offset);  // the line is written
  REQUIRE_FALSE(advanced.has_value());
  CHECK(advanced.error().message ==
        "cannot write '" + dir.File("checkpoint.new") + "': no space left on device");
  CHECK(advanced.error().hint == "Positions are safe in '" + dir.File("checkpoint.log") +
                                     "', which grows until this works again.");
  CHECK(checkpoint->all_saved());
  CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
  CHECK(AdvanceTo(*checkpoint, 1, ++offset).has_value());
  CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
}

TEST_CASE("CheckpointFile: a fold that gets no new log saves all, and the old log is not used") {
  for (const size_t step : {8u, 9u, 10u}) {
    CAPTURE(step);
    const DiskGuard guard;
    const TempDir dir;
    auto checkpoint = Open(dir.path(), Access::kExclusive);
    Status written;
    checkpoint->Add(ExampleFile("/a"), &written);
    uint64_t offset = 0;
    disk.error = ENOSPC;
    CHECK(AdvanceUntilFold(*checkpoint, step, &offset).has_value());
    CHECK(disk.calls.size() == step + 1);
    CHECK(checkpoint->all_saved());
    CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
    CHECK(AdvanceTo(*checkpoint, 1, ++offset).has_value());
    CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
  }
}

// Every state that an entry was ever in, as a line; what is on disk must be among them.
class History {
 public:
  void Note(const std::map<uint64_t, SavedFile>& files) {
    for (const auto& [id, file] : files) seen_.insert(InFull({{id, file}}));
  }
  bool Holds(const std::map<uint64_t, SavedFile>& files) const {
    for (const auto& [id, file] : files) {
      if (!seen_.contains(InFull({{id, file}}))) return false;
    }
    return true;
  }

 private:
  std::set<std::string> seen_;
};

TEST_CASE("CheckpointFile: whichever calls fail, the disk is never ahead and catches up") {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    const DiskGuard guard;
    const TempDir dir;
    Random random(seed);
    History history;
    std::unique_ptr<CheckpointFile> checkpoint = Open(dir.path(), Access::kExclusive);
    const auto look = [&] {
      const auto reader = Open(dir.path(), Access::kReadOnly);
      CHECK(history.Holds(reader->files()));
    };
    disk.error = random.Below(2) == 0 ? ENOSPC : EIO;
    disk.bytes_that_fit = random.Below(3) == 0 ? random.Below(100) : 0;
    disk.fail_from = random.Below(40);
    disk.fail_until = disk.fail_from + 1 + random.Below(20);
    for (int step = 0; step < 30; ++step) {
      disk.on = true;
      [[maybe_unused]] const Status changed = Change(*checkpoint, random);
      if (random.Below(5) == 0) [[maybe_unused]]
        const Status synced = checkpoint->Sync();
      disk.on = false;
      history.Note(checkpoint->files());
      look();
      if (checkpoint->all_saved()) CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
      if (random.Below(10) != 0) continue;
      const std::string files = InFull(checkpoint->files());
      const bool saved = checkpoint->all_saved();
      disk.on = true;
      checkpoint.reset();
      disk.on = false;
      if (saved) CHECK(OnDisk(dir.path()) == files);
      checkpoint = Open(dir.path(), Access::kExclusive);
    }
    CHECK(checkpoint->WriteUnsaved().has_value());
    CHECK(OnDisk(dir.path()) == InFull(checkpoint->files()));
  }
}

}  // namespace
}  // namespace hctail
