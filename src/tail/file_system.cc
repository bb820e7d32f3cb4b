// SPDX-License-Identifier: Apache-2.0
#include "tail/file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/fd.h"

namespace hctail {
namespace {

FileStat FromStat(const struct stat& st) {
  FileStat result;
  result.device = st.st_dev;
  result.inode = st.st_ino;
  result.size = static_cast<uint64_t>(st.st_size);
  result.links = st.st_nlink;
  result.modified = st.st_mtim.tv_sec * int64_t{1'000'000'000} + st.st_mtim.tv_nsec;
  result.type = S_ISREG(st.st_mode)   ? FileStat::Type::kRegular
                : S_ISDIR(st.st_mode) ? FileStat::Type::kDirectory
                                      : FileStat::Type::kOther;
  return result;
}

class PosixFile final : public OpenFile {
 public:
  explicit PosixFile(Fd fd) : fd_(std::move(fd)) {}

  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) override {
    while (true) {
      const ssize_t n = ::pread(fd_.get(), out, size, static_cast<off_t>(offset));
      if (n >= 0) return static_cast<size_t>(n);
      if (errno != EINTR) return std::unexpected(errno);
    }
  }

  std::expected<FileStat, int> Stat() override {
    struct stat st = {};
    if (::fstat(fd_.get(), &st) != 0) return std::unexpected(errno);
    return FromStat(st);
  }

  uint64_t AfterHole(uint64_t offset) override {
    const off_t data = ::lseek(fd_.get(), static_cast<off_t>(offset), SEEK_DATA);
    if (data >= 0) return static_cast<uint64_t>(data);
    const auto stat = errno == ENXIO ? Stat() : std::unexpected(errno);
    return stat ? std::max(offset, stat->size) : offset;
  }

  int descriptor() const override { return fd_.get(); }

 private:
  const Fd fd_;
};

}  // namespace

ReadSoFar ReadFully(OpenFile& file, uint64_t offset, char* out, size_t size) {
  ReadSoFar have;
  while (have.size < size) {
    const auto n = file.ReadAt(offset + have.size, out + have.size, size - have.size);
    if (!n) {
      have.error = n.error();
      break;
    }
    if (*n == 0) break;
    have.size += *n;
  }
  return have;
}

std::expected<std::unique_ptr<OpenFile>, int> PosixFileSystem::Open(const std::string& path) {
  // O_NONBLOCK: a FIFO that took the file's place must not hang the reader.
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return std::unexpected(errno);
  return std::make_unique<PosixFile>(std::move(fd));
}

std::expected<FileStat, int> PosixFileSystem::Stat(const std::string& path) {
  struct stat st = {};
  if (::stat(path.c_str(), &st) != 0) return std::unexpected(errno);
  return FromStat(st);
}

std::vector<std::string> PosixFileSystem::Glob(const std::string& pattern) {
  std::vector<std::string> paths;
  if (!HasWildcard(pattern)) {
    if (Stat(pattern)) paths.push_back(pattern);
    return paths;
  }
  // glob(3) gives its callback nothing to know us by.
  static thread_local const PosixFileSystem* globbing;
  globbing = this;
  const auto cannot_list = [](const char* folder, int error) {
    globbing->CannotListIt(folder, error);
    return 0;  // it goes on
  };
  glob_t found = {};
  if (::glob(pattern.c_str(), GLOB_PERIOD, cannot_list, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      // GLOB_PERIOD, for names like ".hidden.log", brings these too.
      const std::string_view path = found.gl_pathv[i];
      if (!path.ends_with("/.") && !path.ends_with("/..")) paths.emplace_back(path);
    }
  }
  ::globfree(&found);
  return paths;
}

std::vector<std::string> PosixFileSystem::List(const std::string& directory) {
  std::vector<std::string> names;
  DIR* const open = ::opendir(directory.c_str());
  if (open == nullptr) {
    CannotListIt(directory, errno);
    return names;
  }
  while (const dirent* entry = ::readdir(open)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ::closedir(open);
  std::ranges::sort(names);
  return names;
}

void PosixFileSystem::CannotListIt(const std::string& folder, int error) const {
  if (cannot_list_ && error != ENOENT && error != ENOTDIR) cannot_list_(folder, error);
}

bool PosixFileSystem::IsRealDirectory(const std::string& path) {
  struct stat st = {};
  return ::lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

std::vector<std::string> PosixFileSystem::TargetsOfLink(const std::string& path) {
  constexpr int kMostLinks = 40;  // as many as Linux follows
  std::vector<std::string> targets;
  std::string at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    char target[PATH_MAX];
    const ssize_t size = ::readlink(at.c_str(), target, sizeof target);
    if (size <= 0) break;
    const std::string_view to(target, static_cast<size_t>(size));
    const size_t slash = at.rfind('/');
    const std::string beside = slash == std::string::npos ? "" : at.substr(0, slash + 1);
    at = to.starts_with('/') ? std::string(to) : beside + std::string(to);
    targets.push_back(at);
  }
  return targets;
}

std::string EscapeGlob(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (std::strchr("*?[\\", c) != nullptr) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

bool HasWildcard(const std::string& pattern) {
  return pattern.find_first_of("*?[") != std::string::npos;
}

}  // namespace hctail
