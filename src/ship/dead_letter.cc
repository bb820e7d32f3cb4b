// SPDX-License-Identifier: Apache-2.0
#include "ship/dead_letter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "base/time_format.h"
#include "event/encode_json.h"

namespace hctail {
namespace {

// Makes the folders above `path`, each 0700; 0 or an errno.
int MakeFolders(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string folder = path.substr(0, at);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return errno;
  }
  return 0;
}

void AppendLetter(const DeadLetter& told, std::string_view time,
                  const DeadLetterFile::Origin& origin, std::string* out) {
  const DeadLetter& letter = origin.instead ? *origin.instead : told;
  fmt::format_to(std::back_inserter(*out), R"({{"time":"{}","file":)", time);
  AppendJsonString(origin.file, out);
  fmt::format_to(std::back_inserter(*out), R"(,"offset":{},"reason":)", origin.offset);
  AppendJsonString(letter.reason, out);
  if (letter.status != 0) {
    fmt::format_to(std::back_inserter(*out), R"(,"status":{})", letter.status);
  }
  if (!letter.dataset.empty()) {
    out->append(R"(,"dataset":)");
    AppendJsonString(letter.dataset, out);
  }
  out->append(R"(,"record":)");
  if (letter.is_event) {
    const size_t begin = out->size();
    out->append(letter.record);
    // In valid JSON a line break can only be white space between tokens.
    std::replace(out->begin() + static_cast<ptrdiff_t>(begin), out->end(), '\n', ' ');
  } else {
    AppendJsonString(letter.record, out);
  }
  out->append("}\n");
}

}  // namespace

DeadLetterFile::DeadLetterFile(std::string path, uint64_t cap, OriginOf origin_of,
                               const Clock& clock, Log& log)
    : path_(std::move(path)),
      cap_(cap),
      origin_of_(std::move(origin_of)),
      clock_(clock),
      log_(log) {}

Status DeadLetterFile::Write(std::span<const DeadLetter> letters) {
  if (letters.empty()) return {};
  char time[kRfc3339Size];
  const std::string_view now(time, FormatRfc3339(clock_.Wall(), time));
  std::string lines;
  for (const DeadLetter& letter : letters) {
    AppendLetter(letter, now, origin_of_(letter), &lines);
  }
  const std::lock_guard lock(mutex_);
  return Append(lines);
}

Status DeadLetterFile::Sync() {
  const std::lock_guard lock(mutex_);
  return SyncLocked();
}

Status DeadLetterFile::SyncLocked() {
  if (!unsynced_) return {};
  const Fd fd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
  // Moved away by somebody: what is in it is no longer ours to keep.
  if (!fd && errno != ENOENT) return Failed(errno);
  // What cannot be synced (/dev/null) says EINVAL.
  if (fd && ::fdatasync(fd.get()) != 0 && errno != EINVAL) return Failed(errno);
  unsynced_ = false;
  return {};
}

Result<Fd> DeadLetterFile::Open() const {
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC;
  Fd fd(::open(path_.c_str(), kFlags, 0600));
  if (!fd && errno == ENOENT) {
    if (const int error = MakeFolders(path_)) return Failed(error);
    fd.Reset(::open(path_.c_str(), kFlags, 0600));
  }
  if (!fd) return Failed(errno);
  return fd;
}

// As long as the descriptor is open nobody else appends, and the file is not moved away to be
// replayed.
Result<Fd> DeadLetterFile::OpenLocked() const {
  while (true) {
    Result<Fd> fd = Open();
    struct stat opened{};
    if (!fd || ::fstat(fd->get(), &opened) != 0 || !S_ISREG(opened.st_mode)) return fd;
    while (::flock(fd->get(), LOCK_EX) != 0) {
      if (errno != EINTR) return fd;  // a file system without locks
    }
    struct stat there{};
    if (::stat(path_.c_str(), &there) == 0 && there.st_dev == opened.st_dev &&
        there.st_ino == opened.st_ino) {
      return fd;
    }
  }
}

Status DeadLetterFile::Rotate() {
  if (const Status synced = SyncLocked(); !synced) return synced;
  const std::string old = path_ + ".1";
  struct stat ignored{};
  const bool replaces = ::stat(old.c_str(), &ignored) == 0;
  if (std::rename(path_.c_str(), old.c_str()) != 0) return Failed(errno);
  if (replaces) {
    log_.Warn(fmt::format("'{}' reached {} bytes; the dead letters in '{}' were replaced", path_,
                          cap_, old));
  }
  return {};
}

Status DeadLetterFile::Append(const std::string& lines) {
  Result<Fd> fd = OpenLocked();
  if (!fd) return std::unexpected(fd.error());
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0) return Failed(errno);
  auto size = static_cast<uint64_t>(info.st_size);
  if (S_ISREG(info.st_mode) && size != 0 && size + lines.size() > cap_) {
    if (const Status rotated = Rotate(); !rotated) return rotated;
    fd = OpenLocked();
    if (!fd) return std::unexpected(fd.error());
    size = 0;
  }
  unsynced_ = true;
  // A line that a crash cut short must not swallow the next one.
  char last = '\n';
  if (size != 0 && ::pread(fd->get(), &last, 1, static_cast<off_t>(size - 1)) == 1 &&
      last != '\n' && WriteFully(fd->get(), "\n") != 0) {
    return Failed(errno);
  }
  if (const int error = WriteFully(fd->get(), lines)) {
    // All or nothing: on a full disk the same letters are written again later.
    [[maybe_unused]] const int result = ::ftruncate(fd->get(), static_cast<off_t>(size));
    return Failed(error);
  }
  return {};
}

std::unexpected<Error> DeadLetterFile::Failed(int error_number) const {
  return Fail(
      fmt::format("cannot write dead letters to '{}': {}", path_, ErrnoText(error_number)),
      "It is tried again, and what they belong to waits; --dead-letter names another file.");
}

}  // namespace hctail
