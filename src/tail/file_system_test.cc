// SPDX-License-Identifier: Apache-2.0
#include "tail/file_system.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "tests/testing/fake_file_system.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;
using testing::FakeFileSystem;
using testing::TempDir;

TEST_CASE("PosixFileSystem: an open file is read at any offset, through rename and deletion") {
  const TempDir dir;
  PosixFileSystem files;
  const auto file = files.Open(dir.Write("a", "0123456789"));
  REQUIRE(file);
  fs::rename(dir.File("a"), dir.File("b"));
  fs::remove(dir.File("b"));
  char buffer[16] = {};
  CHECK((*file)->ReadAt(3, buffer, 4) == 4);
  CHECK(std::string(buffer) == "3456");
  CHECK((*file)->ReadAt(8, buffer, 16) == 2);
  CHECK((*file)->ReadAt(10, buffer, 16) == 0);
  CHECK((*file)->ReadAt(1000, buffer, 16) == 0);
  CHECK((*file)->Stat()->size == 10);
  CHECK((*file)->descriptor() >= 0);
}

TEST_CASE("PosixFileSystem: a file keeps its identity, and every write shows") {
  const TempDir dir;
  PosixFileSystem files;
  const std::string path = dir.Write("a", "");
  const FileStat before = *files.Stat(path);
  fs::rename(path, dir.File("b"));
  dir.Append("b", "line\n");
  const FileStat after = *files.Stat(dir.File("b"));
  CHECK(before.device == after.device);
  CHECK(before.inode == after.inode);
  CHECK(after.size == 5);
  CHECK(before.type == FileStat::Type::kRegular);
  fs::last_write_time(dir.File("b"), fs::file_time_type::clock::now() + std::chrono::seconds(1));
  CHECK(files.Stat(dir.File("b"))->modified > after.modified);
}

TEST_CASE("PosixFileSystem: errors are errno values, and a pipe does not hang") {
  const TempDir dir;
  PosixFileSystem files;
  CHECK(files.Open(dir.File("missing")).error() == ENOENT);
  CHECK(files.Stat(dir.File("missing")).error() == ENOENT);
  CHECK(files.Stat(dir.path())->type == FileStat::Type::kDirectory);
  const auto folder = files.Open(dir.path());
  char byte = 0;
  CHECK((*folder)->ReadAt(0, &byte, 1).error() == EISDIR);
  REQUIRE(::mkfifo(dir.File("fifo").c_str(), 0600) == 0);
  CHECK(files.Open(dir.File("fifo")).has_value());
  CHECK(files.Stat(dir.File("fifo"))->type == FileStat::Type::kOther);
}

TEST_CASE("PosixFileSystem: a folder that cannot be listed is told") {
  const TempDir dir;
  std::vector<std::pair<std::string, int>> told;
  PosixFileSystem files(
      [&](const std::string& folder, int error) { told.emplace_back(folder, error); });
  const std::string loop = dir.File("loop");
  fs::create_symlink("loop", loop);
  CHECK(files.List(loop).empty());
  CHECK(files.Glob(loop + "/*.log").empty());
  CHECK(told == std::vector<std::pair<std::string, int>>{{loop, ELOOP}, {loop, ELOOP}});
  files.List(dir.File("missing"));
  files.Glob(dir.File("missing/*"));
  files.List(dir.Write("file", ""));
  CHECK(told.size() == 2);
}

// The fake is as good as it agrees with the real one.
TEST_CASE("FileSystem: fake and real find the same paths") {
  const TempDir dir;
  FakeFileSystem fake;
  PosixFileSystem real;
  const std::string names[] = {"a.log",     "b.log",          ".hidden.log",   "a.log.1",
                               "sub/a.log", "sub/deep/a.log", "other/x[1].log"};
  fake.MakeDirectory(dir.path());
  for (const std::string& name : names) {
    dir.Write(name, "");
    fake.MakeDirectory(fs::path(dir.File(name)).parent_path());
    fake.Append(dir.File(name), "");
  }
  fs::create_symlink(dir.File("nowhere"), dir.File("dangling.log"));
  fake.Symlink(dir.File("nowhere"), dir.File("dangling.log"));
  fs::create_symlink(dir.File("sub"), dir.File("link"));
  fake.Symlink(dir.File("sub"), dir.File("link"));
  for (const char* pattern :
       {"*.log", "*", "a.log", "missing.log", "a.log*", "*/a.log", "*/*/a.log", "[ab].log", "?.log",
        "sub", "sub/*", "other/x[1].log", "other/x\\[1].*", "dangling.log", "link/a.log"}) {
    CAPTURE(pattern);
    auto expected = real.Glob(dir.File(pattern));
    // The fake does not look through links to directories for a wildcard.
    std::erase_if(expected, [&](const std::string& path) {
      return HasWildcard(pattern) && path.starts_with(dir.File("link/"));
    });
    CHECK(fake.Glob(dir.File(pattern)) == expected);
  }
}

TEST_CASE("FakeFileSystem: an inode number is used again after its last link and descriptor") {
  FakeFileSystem files;
  files.Append("/a", "one");
  const uint64_t inode = files.InodeOf("/a");
  files.Link("/a", "/b");
  files.Unlink("/a");
  auto open = files.Open("/b");
  files.Unlink("/b");
  files.Append("/c", "");
  CHECK(files.InodeOf("/c") != inode);
  char byte = 0;
  CHECK((*open)->ReadAt(2, &byte, 1) == 1);
  open->reset();
  files.Append("/d", "");
  CHECK(files.InodeOf("/d") == inode);
}

TEST_CASE("FakeFileSystem: a kill closes what was open") {
  FakeFileSystem files;
  files.Append("/a", "one");
  const uint64_t inode = files.InodeOf("/a");
  const auto open = files.Open("/a");
  files.Unlink("/a");
  files.DropOpenFiles();
  CHECK(files.open_files() == 0);
  char byte = 0;
  CHECK((*open)->ReadAt(0, &byte, 1).error() == EBADF);
  CHECK((*open)->Stat().error() == EBADF);
  files.Append("/b", "");
  CHECK(files.InodeOf("/b") == inode);
}

TEST_CASE("FakeFileSystem: directories are renamed with what is in them, links are followed") {
  FakeFileSystem files;
  files.MakeDirectory("/logs/a");
  files.Append("/logs/a/x", "one");
  files.Rename("/logs", "/old");
  CHECK_FALSE(files.Exists("/logs/a/x"));
  files.Symlink("/old/a", "/link");
  CHECK(files.Stat("/link/x")->size == 3);
  files.Symlink("/round", "/round");
  CHECK(files.Stat("/round").error() == ELOOP);
}

}  // namespace
}  // namespace hctail
