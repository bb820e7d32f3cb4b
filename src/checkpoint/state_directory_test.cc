// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/state_directory.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::TempDir;
namespace fs = std::filesystem;

constexpr char kChooseAnother[] = "Give another one with --state-dir; hctail needs to write in it.";

// Root may write anywhere; so where tests run as root, this acts as user and group 65534.
class AsOrdinaryUser {
 public:
  AsOrdinaryUser() {
    if (!root_) return;
    const bool dropped =
        ::setgroups(0, nullptr) == 0 && ::setegid(65534) == 0 && ::seteuid(65534) == 0;
    REQUIRE(dropped);
  }
  ~AsOrdinaryUser() {
    if (!root_) return;
    const bool restored = ::seteuid(0) == 0 && ::setegid(0) == 0;
    CHECK(restored);
  }

 private:
  const bool root_ = ::geteuid() == 0;
};

TEST_CASE("MakeStateDirectory: makes the directory and its parents for us alone") {
  const TempDir dir;
  const std::string path = dir.File("a/b/c");
  REQUIRE(MakeStateDirectory(path).has_value());
  for (const char* each : {"a", "a/b", "a/b/c"}) {
    CHECK((fs::status(dir.File(each)).permissions() & fs::perms::mask) == fs::perms::owner_all);
  }
  CHECK(MakeStateDirectory(path).has_value());
  CHECK(MakeStateDirectory(dir.File("with/slash/")).has_value());
  CHECK(fs::is_directory(dir.File("with/slash")));
}

TEST_CASE("MakeStateDirectory: a file in the way is named") {
  const TempDir dir;
  const std::string file = dir.Write("f", "");
  const Status taken = MakeStateDirectory(file);
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().message == "the state directory '" + file + "' is not a directory");
  CHECK(taken.error().hint == kChooseAnother);
  for (const char* below : {"/x", "/x/y/z"}) {
    const Status status = MakeStateDirectory(file + below);
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error().message ==
          fmt::format("cannot create '{0}{1}': '{0}' is not a directory", file, below));
    CHECK(status.error().hint == kChooseAnother);
  }
}

TEST_CASE("MakeStateDirectory: without permission it says whose directory it is and who we are") {
  const TempDir dir;
  fs::create_directory(dir.File("x"));
  const std::string parent = dir.File("x");
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(parent.c_str(), 0555) == 0);
  std::string permissions;
  std::optional<Status> made, used, locked;
  {
    const AsOrdinaryUser user;
    permissions = DescribePermissions(parent);
    made = MakeStateDirectory(parent + "/y/z");
    used = MakeStateDirectory(parent);
    const Result<Fd> lock = LockStateDirectory(parent);
    locked = lock ? Status() : Status(std::unexpected(lock.error()));
  }
  CHECK(permissions.find(", mode 0555; hctail runs as '") != std::string::npos);
  REQUIRE_FALSE(made->has_value());
  CHECK(made->error().message == "cannot create '" + parent + "/y/z': permission denied");
  CHECK(made->error().hint == permissions + "\n" + kChooseAnother);
  REQUIRE_FALSE(used->has_value());
  CHECK(used->error().message ==
        "cannot write in the state directory '" + parent + "': permission denied");
  CHECK(used->error().hint == permissions + "\n" + kChooseAnother);
  REQUIRE_FALSE(locked->has_value());
  CHECK(locked->error().message == used->error().message);
}

TEST_CASE("LockStateDirectory: the lock file of another user says whose it is") {
  const TempDir dir;
  const std::string lock = dir.Write("lock", "1\n");
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(lock.c_str(), 0400) == 0);
  const AsOrdinaryUser user;
  const Result<Fd> locked = LockStateDirectory(dir.path());
  REQUIRE_FALSE(locked.has_value());
  CHECK(locked.error().message == "cannot open '" + lock + "': permission denied");
  CHECK(locked.error().hint == DescribePermissions(lock) + "\n" + kChooseAnother);
}

TEST_CASE("DescribePermissions: names owner, group, mode and who we are") {
  if (::geteuid() != 0) return;  // only root may give files away
  const TempDir dir;
  const std::string file = dir.Write("f", "");
  REQUIRE(::chown(file.c_str(), 0, 4) == 0);
  REQUIRE(::chmod(file.c_str(), 0660) == 0);
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  const struct group* const four = ::getgrgid(4);
  const std::string group = four == nullptr ? "4" : four->gr_name;
  CHECK(DescribePermissions(file) ==
        "The file is root:" + group + ", mode 0660; hctail runs as 'root' (uid 0).");
  const AsOrdinaryUser user;
  CHECK(DescribePermissions(file) == "The file is root:" + group +
                                         ", mode 0660; hctail runs as 'nobody' (uid 65534), "
                                         "which is not in group " +
                                         group + ".");
  CHECK(DescribePermissions(file + "-none").empty());
}

TEST_CASE("CannotWriteIn: a read-only file system and a full one are told as such") {
  CHECK(CannotWriteIn("/x", EROFS).message ==
        "cannot write in the state directory '/x': read-only file system");
  CHECK(CannotWriteIn("/x", EROFS).hint == kChooseAnother);
  CHECK(CannotWriteIn("/x", ENOSPC).message ==
        "cannot write in the state directory '/x': no space left on device");
}

TEST_CASE("LockStateDirectory: the second one hears who holds it, until that one lets go") {
  const TempDir dir;
  Result<Fd> first = LockStateDirectory(dir.path());
  REQUIRE(first.has_value());
  CHECK(dir.Read("lock") == fmt::format("{}\n", ::getpid()));
  const Result<Fd> second = LockStateDirectory(dir.path());
  REQUIRE_FALSE(second.has_value());
  CHECK(
      second.error().message ==
      fmt::format("the state directory '{}' is in use by hctail (pid {})", dir.path(), ::getpid()));
  CHECK(second.error().hint ==
        "Two cannot share one: stop that one, or give this one another with --state-dir.");
  first->Reset();
  CHECK(LockStateDirectory(dir.path()).has_value());
}

TEST_CASE("LockStateDirectory: a holder that has not written its pid yet is told without") {
  const TempDir dir;
  const Result<Fd> first = LockStateDirectory(dir.path());
  REQUIRE(first.has_value());
  REQUIRE(::truncate(dir.File("lock").c_str(), 0) == 0);
  CHECK(LockStateDirectory(dir.path()).error().message ==
        "the state directory '" + dir.path() + "' is in use by another hctail");
}

TEST_CASE(
    "LockStateDirectory: a lock file that is left over, even a garbled one, locks nobody out") {
  const TempDir dir;
  dir.Write("lock", "999999999\ngarbage that is longer than a pid");
  CHECK(LockStateDirectory(dir.path()).has_value());
  CHECK(dir.Read("lock") == fmt::format("{}\n", ::getpid()));
}

}  // namespace
}  // namespace hctail
