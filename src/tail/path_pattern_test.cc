// SPDX-License-Identifier: Apache-2.0
#include "tail/path_pattern.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/testing/fake_file_system.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("PathPattern: which paths match") {
  const struct {
    const char* pattern;
    const char* path;
    bool matches;
  } kCases[] = {
      {"/logs/app.log", "/logs/app.log", true},
      {"/logs/app.log", "/logs/app.log.1", false},
      {"/logs", "/logs/app.log", true},  // a folder, with or without a slash
      {"/logs/", "/logs/app.log", true},
      {"/logs", "/logs/deeper/app.log", false},
      {"/logs", "/logs/.hidden", false},
      {"/logs/*.log", "/logs/app.log", true},
      {"/logs/*.log", "/logs/deeper/app.log", false},
      {"/logs/**/*.log", "/logs/app.log", true},
      {"/logs/**/*.log", "/logs/a/b/app.log", true},
      {"/logs/**/*.log", "/logs/a/b/app.txt", false},
      {"/logs/**", "/logs/a/b/app.txt", true},
      {"/**/x/*.log", "/a/x/b.log", true},
      {"/**/x/*.log", "/a/y/b.log", false},
      {"**/*.log", "a/b.log", true},
      {"**/*.log", "/a/b.log", false},
      {"/logs/a**b/*.log", "/logs/axxb/x.log", true},  // no component of its own: two stars
      {"/logs/a**b/*.log", "/logs/ax/xb/x.log", false},
  };
  for (const auto& c : kCases) {
    CHECK_MESSAGE(PathPattern(c.pattern).Matches(c.path) == c.matches, c.pattern, " ", c.path);
  }
}

TEST_CASE("PathPattern: which files there are") {
  testing::FakeFileSystem files;
  files.MakeDirectory("/logs/a/b");
  for (const char* path : {"/logs/x.log", "/logs/.hidden.log", "/logs/a/y.log", "/logs/a/b/z.log",
                           "/logs/a/b/z.txt"}) {
    files.Append(path, "x");
  }
  const auto expand = [&](const char* pattern) { return PathPattern(pattern).Expand(files); };
  CHECK(expand("/logs/x.log") == Strings{"/logs/x.log"});
  CHECK(expand("/logs/none.log").empty());
  CHECK(expand("/logs") == Strings{"/logs/a", "/logs/x.log"});
  CHECK(expand("/logs/**/[yz].log") == Strings{"/logs/a/b/z.log", "/logs/a/y.log"});
  CHECK(expand("/logs/**/b/*.txt") == Strings{"/logs/a/b/z.txt"});
  for (const char* pattern : {"/logs/*.log", "/logs/**", "/logs/**/*.txt", "/*/x.log"}) {
    for (const std::string& path : expand(pattern)) {
      CHECK_MESSAGE(PathPattern(pattern).Matches(path), pattern, " ", path);
    }
  }
}

TEST_CASE("PathPattern: a folder below ** is not found through a link, so circles end") {
  testing::FakeFileSystem files;
  files.MakeDirectory("/logs/a");
  files.Symlink("/logs", "/logs/a/circle");
  files.Append("/logs/a/x.log", "x");
  CHECK(PathPattern("/logs/**/x.log").Expand(files) == Strings{"/logs/a/x.log"});
}

TEST_CASE("PathPattern: the folders to be watched are those in which a match can appear") {
  testing::FakeFileSystem files;
  files.MakeDirectory("/logs/a/b");
  files.MakeDirectory("/logs/c");
  files.Append("/logs/a/x.log", "x");
  const auto watched = [&](const char* pattern, bool expect_all) {
    bool all = true;
    Strings folders = PathPattern(pattern).Directories(files, &all);
    CHECK(all == expect_all);
    std::ranges::sort(folders);
    folders.erase(std::ranges::unique(folders).begin(), folders.end());
    return folders;
  };
  CHECK(watched("/logs/a/x.log", true) == Strings{"/logs/a"});
  CHECK(watched("/logs/*/x.log", true) == Strings{"/logs", "/logs/a", "/logs/c"});
  CHECK(watched("/logs/a", true) == Strings{"/logs", "/logs/a"});
  CHECK(watched("/logs/**/x.log", true) == Strings{"/logs", "/logs/a", "/logs/a/b", "/logs/c"});
  CHECK(watched("/none/x.log", false).empty());
}

TEST_CASE(
    "PathPattern: the folders of links on the way are watched: they may be pointed elsewhere") {
  const testing::TempDir dir;
  PosixFileSystem files;
  std::filesystem::create_directories(dir.File("web/1/logs"));
  std::filesystem::create_symlink("1", dir.File("web/now"));
  for (const char* pattern : {"web/now/logs/*.log", "*/now/logs/x"}) {
    bool all = true;
    const Strings folders = PathPattern(dir.File(pattern)).Directories(files, &all);
    CHECK(all);
    CHECK(std::ranges::count(folders, dir.File("web")) == 1);
    CHECK(std::ranges::count(folders, dir.File("web/now/logs")) == 1);
    CHECK(std::ranges::count(folders, dir.File("web/now")) == 0);
  }
}

}  // namespace
}  // namespace hctail
