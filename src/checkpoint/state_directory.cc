// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/state_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace hctail {
namespace {

constexpr std::string_view kChooseAnother =
    "Give another one with --state-dir; hctail needs to write in it.";

// `entry` is getpwuid_r or getgrgid_r; the name, or the number if it has none.
template <typename Entry, typename Id>
std::string NameOf(Id id, int (*entry)(Id, Entry*, char*, size_t, Entry**), char* Entry::* name) {
  Entry found{};
  Entry* result = nullptr;
  std::array<char, 4096> buffer;
  if (entry(id, &found, buffer.data(), buffer.size(), &result) != 0 || result == nullptr) {
    return std::to_string(id);
  }
  return result->*name;
}

std::string UserName(uid_t uid) { return NameOf(uid, &::getpwuid_r, &passwd::pw_name); }
std::string GroupName(gid_t gid) { return NameOf(gid, &::getgrgid_r, &group::gr_name); }

bool InGroup(gid_t gid) {
  if (::getegid() == gid) return true;
  std::vector<gid_t> groups(static_cast<size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int n = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<size_t>(std::max(0, n)));
  return std::ranges::find(groups, gid) != groups.end();
}

// "/a" of "/a/b", "." of "b".
std::string ParentOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(slash == 0 ? "/" : path.substr(0, slash));
}

std::string WithoutTrailingSlashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

Error NotADirectory(const std::string& directory) {
  return {fmt::format("the state directory '{}' is not a directory", directory),
          std::string(kChooseAnother)};
}

Error CannotCreate(const std::string& directory, const std::string& parent, int error_number) {
  std::string hint;
  if (error_number == EACCES || error_number == EPERM) hint = DescribePermissions(parent);
  if (!hint.empty()) hint += '\n';
  hint += kChooseAnother;
  const std::string reason = error_number == ENOTDIR
                                 ? fmt::format("'{}' is not a directory", parent)
                                 : ErrnoText(error_number);
  return {fmt::format("cannot create '{}': {}", directory, reason), hint};
}

// Makes `part` of the path to `directory`, and what is missing above it.
Status MakeWithParents(const std::string& directory, const std::string& part) {
  const std::string parent = ParentOf(part);
  int error = ::mkdir(part.c_str(), 0700) == 0 ? 0 : errno;
  if (error == ENOENT && parent != part && parent != ".") {
    if (Status made = MakeWithParents(directory, parent); !made) return made;
    error = ::mkdir(part.c_str(), 0700) == 0 ? 0 : errno;
  }
  if (error == 0 || error == EEXIST) return {};
  // Of "a/file/b/c" name the one that is no directory.
  std::string culprit = parent;
  struct stat info{};
  while (error == ENOTDIR && ::stat(culprit.c_str(), &info) != 0 && culprit.size() > 1) {
    culprit = ParentOf(culprit);
  }
  return std::unexpected(CannotCreate(directory, culprit, error));
}

// The pid in a lock file that someone else holds; empty if it is not written yet.
std::string PidIn(int fd) {
  std::array<char, 24> text;
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  const std::string_view all(text.data(), static_cast<size_t>(std::max<ssize_t>(n, 0)));
  return std::string(all.substr(0, all.find_first_not_of("0123456789")));
}

std::string HolderOf(int lock) {
  const std::string pid = PidIn(lock);
  return pid.empty() ? "another hctail" : fmt::format("hctail (pid {})", pid);
}

}  // namespace

std::string NameOfUser(uid_t uid) { return UserName(uid); }

std::string LockHolder(const std::string& directory) {
  const Fd fd(
      ::open((directory + "/lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) return {};
  return HolderOf(fd.get());
}

bool HoldsLock(const std::string& directory, const Fd& lock) {
  const std::string path = directory + "/lock";
  struct stat held{};
  struct stat there{};
  if (::fstat(lock.get(), &held) != 0 || held.st_nlink == 0) return false;
  if (::lstat(path.c_str(), &there) != 0) return errno != ENOENT && errno != ENOTDIR;
  if (held.st_dev == there.st_dev && held.st_ino == there.st_ino) return true;
  // Some file systems number a file anew each time they are asked.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  return fd && PidIn(fd.get()) == std::to_string(::getpid());
}

Status ActAsOwner(const std::string& directory) {
  struct stat info{};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &info) != 0 || info.st_uid == 0) return {};
  if (::setgroups(0, nullptr) == 0 && ::setegid(info.st_gid) == 0 && ::seteuid(info.st_uid) == 0) {
    return {};
  }
  return Fail(fmt::format("cannot act as '{}', the owner of '{}': {}", UserName(info.st_uid),
                          directory, ErrnoText(errno)));
}

std::string DescribePermissions(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return {};
  const std::string owner = UserName(info.st_uid);
  const std::string owning_group = GroupName(info.st_gid);
  std::string text = fmt::format("The {} is {}:{}, mode {:04o}; hctail runs as '{}' (uid {})",
                                 S_ISDIR(info.st_mode) ? "directory" : "file", owner, owning_group,
                                 info.st_mode & 07777u, UserName(::geteuid()), ::geteuid());
  const bool group_may_write = (info.st_mode & S_IWGRP) != 0;
  if (group_may_write && info.st_uid != ::geteuid() && !InGroup(info.st_gid)) {
    text += fmt::format(", which is not in group {}", owning_group);
  }
  return text + ".";
}

Error CannotWriteIn(const std::string& directory, int error_number) {
  std::string hint;
  if (error_number == EACCES || error_number == EPERM) hint = DescribePermissions(directory);
  if (!hint.empty()) hint += '\n';
  hint += kChooseAnother;
  return {fmt::format("cannot write in the state directory '{}': {}", directory,
                      ErrnoText(error_number)),
          hint};
}

Status MakeStateDirectory(const std::string& directory) {
  struct stat info{};
  if (::stat(directory.c_str(), &info) != 0) {
    if (errno == EACCES) {
      return std::unexpected(CannotCreate(directory, ParentOf(directory), EACCES));
    }
    const std::string path = WithoutTrailingSlashes(directory);
    if (Status made = MakeWithParents(directory, path); !made) return made;
    if (::stat(directory.c_str(), &info) != 0) {
      return std::unexpected(CannotWriteIn(directory, errno));
    }
  }
  if (!S_ISDIR(info.st_mode)) return std::unexpected(NotADirectory(directory));
  if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return std::unexpected(CannotWriteIn(directory, errno));
  }
  return {};
}

Result<Fd> LockStateDirectory(const std::string& directory) {
  const std::string path = directory + "/lock";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!fd) {
    const int error = errno;
    if (error == EACCES && ::access(path.c_str(), F_OK) == 0) {
      return Fail(fmt::format("cannot open '{}': {}", path, ErrnoText(error)),
                  fmt::format("{}\n{}", DescribePermissions(path), kChooseAnother));
    }
    return std::unexpected(CannotWriteIn(directory, error));
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Fail(fmt::format("cannot lock '{}': not a regular file", path),
                "Remove it while no hctail runs, or give another directory with --state-dir.");
  }
  int locked = -1;
  while ((locked = ::flock(fd.get(), LOCK_EX | LOCK_NB)) != 0 && errno == EINTR) {
  }
  if (locked != 0 && errno == EWOULDBLOCK) {
    return Fail(
        fmt::format("the state directory '{}' is in use by {}", directory, HolderOf(fd.get())),
        "Two cannot share one: stop that one, or give this one another with --state-dir.");
  }
  if (locked != 0) {
    return Fail(fmt::format("cannot lock '{}': {}", path, ErrnoText(errno)),
                std::string(kChooseAnother));
  }
  // The pid only serves the message above, so a full disk is no reason to stop here.
  if (::ftruncate(fd.get(), 0) == 0) WriteFully(fd.get(), fmt::format("{}\n", ::getpid()));
  return fd;
}

}  // namespace hctail
