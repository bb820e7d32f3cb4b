// SPDX-License-Identifier: Apache-2.0
#include "tail/log_family.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/testing/fake_file_system.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

TEST_CASE("log family: all its names have one name") {
  for (const char* const name : {"app.log", "app.log.1", "app.log-20240305.gz", "app-20240305.log",
                                 "app.1.log.zst", "app.log.2024-03-05_10"}) {
    CHECK(FamilyNameOf(name) == "app.log");
  }
  CHECK(FamilyNameOf("other.log.1") == "other.log");
}

TEST_CASE("IsRotationOf, SameFamily: what rotations make of a name, and nothing else") {
  for (const char* name :
       {"app.log", "app.log.1", "app.log.12", "app.log.2.gz", "app.log-20240305",
        "app.log.2024-03-05", "app-20240305.log", "app-20240305.log.zst", "app.1.log", "app.log.gz",
        "app.log-20240305-1709618400", "app.log_2024-03-05T06:07.xz"}) {
    CHECK_MESSAGE(IsRotationOf("app.log", name), name);
    for (const char* other : {"app.log", "app.log.7", "app-20240101.log.gz"}) {
      CHECK_MESSAGE(SameFamily(other, name), name);
      CHECK_MESSAGE(SameFamily(name, other), name);
    }
  }
  for (const char* name : {"app-error.log", "app.log.bak", "application.log", "app.log~",
                           "other.log", "app2.log", "app.log.swp", "app", ".app.log", "app.txt"}) {
    CHECK_FALSE_MESSAGE(IsRotationOf("app.log", name), name);
    CHECK_FALSE_MESSAGE(SameFamily("app.log", name), name);
  }
  CHECK_FALSE(IsRotationOf("server-1.log", "server-2.log"));
  CHECK(SameFamily("syslog", "syslog.1"));
  CHECK(SameFamily("access_log", "access_log-20240305"));
}

TEST_CASE("FamilyOf: files beside a log, of its family, whatever else is there") {
  testing::FakeFileSystem files;
  files.MakeDirectory("/logs/app.log.2");
  for (const char* name : {"a", "app", "app.log", "app.log.1", "app-2024.log", "apple.log", "b"}) {
    files.Append(std::string("/logs/") + name, "x");
  }
  FolderNames folders(files);
  const Listing family = FamilyOf(files, {"/logs/app.log"}, &folders);
  std::vector<std::string> paths;
  for (const auto& [path, stat] : family) paths.push_back(path);
  CHECK(paths ==
        std::vector<std::string>{"/logs/app-2024.log", "/logs/app.log", "/logs/app.log.1"});
}

TEST_CASE("FamilyOf: also beside what a symbolic link leads to") {
  const testing::TempDir dir;
  PosixFileSystem files;
  for (const char* name : {"pod/0.log.20240305-101010", "pod/1.log", "run/c.log", "run/c.log.1",
                           "run/d.log.1", "web.log"}) {
    dir.Write(name, "x");
  }
  std::filesystem::create_symlink("../run/c.log", dir.File("pod/0.log"));
  std::filesystem::create_symlink(dir.File("pod/0.log"), dir.File("web"));
  const std::vector<std::string> own = PathsOf(files, dir.File("web"));
  CHECK(own == std::vector{dir.File("web"), dir.File("pod/0.log"), dir.File("pod/../run/c.log")});
  FolderNames folders(files);
  std::vector<std::string> paths;
  for (const auto& [path, stat] : FamilyOf(files, own, &folders)) paths.push_back(path);
  CHECK(paths == std::vector{dir.File("web"), dir.File("pod/0.log"),
                             dir.File("pod/0.log.20240305-101010"), dir.File("pod/../run/c.log"),
                             dir.File("pod/../run/c.log.1")});
}

TEST_CASE("OpenLog: an empty file with a packed name may still become one") {
  testing::FakeFileSystem files;
  files.MakeDirectory("/logs");
  files.Append("/logs/app.log.1.gz", "");
  files.Append("/logs/app.log", "");
  CHECK(OpenLog(files, "/logs/app.log.1.gz").error() == EAGAIN);
  CHECK(OpenLog(files, "/logs/app.log").has_value());
  CHECK(OpenLog(files, "/logs/none").error() == ENOENT);
}

}  // namespace
}  // namespace hctail
