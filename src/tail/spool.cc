// SPDX-License-Identifier: Apache-2.0
#include "tail/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/file.h"

namespace hctail {
namespace {

constexpr std::string_view kPrefix = "stdin.";
constexpr uint64_t kLargestSegment = uint64_t{16} << 20;
constexpr uint64_t kReserve = uint64_t{1} << 20;

// The offset in a segment's name.
std::optional<uint64_t> BeginIn(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  uint64_t begin = 0;
  const auto [stop, error] = std::from_chars(name.begin(), name.end(), begin);
  if (error != std::errc() || stop != name.end()) return std::nullopt;
  return begin;
}

bool IsUnsupported(int error) {
  return error == EOPNOTSUPP || error == ENOSYS || error == EINVAL || error == ENODEV;
}

}  // namespace

static_assert(Spool::kDropped == ESTALE);

int SpoolDisk::Reserve(int fd, uint64_t offset, uint64_t length) {
  while (::fallocate(fd, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                     static_cast<off_t>(length)) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

std::optional<SpoolDisk::Space> SpoolDisk::SpaceOf(const std::string& directory) {
  struct statvfs told = {};
  if (::statvfs(directory.c_str(), &told) != 0 || told.f_blocks == 0) return std::nullopt;
  return Space{.total = uint64_t{told.f_blocks} * told.f_frsize,
               .free = uint64_t{told.f_bavail} * told.f_frsize};
}

Spool::Spool(std::string directory, uint64_t max, SpoolDisk& disk)
    : directory_(std::move(directory)),
      max_(max),
      segment_size_(std::clamp<uint64_t>(max / 8, 4096, kLargestSegment)),
      disk_(disk) {}

Result<std::unique_ptr<Spool>> Spool::Open(std::string directory, uint64_t max, SpoolDisk& disk) {
  std::unique_ptr<Spool> spool(new Spool(std::move(directory), max, disk));
  if (Status found = spool->Find(); !found) return std::unexpected(std::move(found).error());
  return spool;
}

Status Spool::CheckDisk(uint64_t max_line, std::optional<Error>* warning) const {
  const auto space = disk_.SpaceOf(directory_);
  const uint64_t needed = Needs(max_line);
  if (!space || space->free + size_ >= needed) return {};
  const std::string why =
      fmt::format("It needs {} bytes: a line may have {} (--max-line).", needed, max_line);
  if (space->total < needed) {
    return Fail(fmt::format("the disk of the spool '{}' is too small: it has {} bytes in all",
                            directory_, space->total),
                why + " Give --spool a directory on a larger one, or --max-line a smaller size.");
  }
  *warning = Error{
      fmt::format("the disk of the spool '{}' has only {} bytes free", directory_, space->free),
      why + " Standard input waits when there is no room for what it brings."};
  return {};
}

std::string Spool::PathOf(uint64_t begin) const {
  return fmt::format("{}/{}{:020}", directory_, kPrefix, begin);
}

Status Spool::Find() {
  DIR* const listing = ::opendir(directory_.c_str());
  if (listing == nullptr) {
    return Fail(fmt::format("cannot read the spool '{}': {}", directory_, ErrnoText(errno)));
  }
  while (const dirent* const entry = ::readdir(listing)) {
    const auto begin = BeginIn(entry->d_name);
    struct stat info = {};
    if (!begin || ::stat(PathOf(*begin).c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    segments_[*begin] = static_cast<uint64_t>(info.st_size);
  }
  ::closedir(listing);
  if (segments_.empty()) return {};
  begin_ = segments_.begin()->first;
  for (auto it = segments_.begin(); it != segments_.end(); ++it) {
    const auto next = std::next(it);
    if (next != segments_.end()) it->second = std::min(it->second, next->first - it->first);
    size_ += it->second;
  }
  const auto& [last, length] = *segments_.rbegin();
  end_ = last + length;
  char byte = '\n';
  if (end_ > begin_ && ReadAt(end_ - 1, &byte, 1) != 1) {
    return Fail(fmt::format("cannot read the spool '{}'", PathOf(last)));
  }
  if (byte != '\n') ++end_;
  return {};
}

void Spool::StartAt(uint64_t offset) {
  end_ = std::max(end_, offset);
  DropBefore(offset, /*even_small=*/true);
  if (segments_.empty()) begin_ = end_;
}

bool Spool::OpenSegment() {
  const std::string path = PathOf(end_);
  constexpr int kFlags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  Fd fd(::open(path.c_str(), kFlags, 0600));
  if (!fd && errno == ENOENT && ::mkdir(directory_.c_str(), 0700) == 0) {
    made_again_ = true;
    fd.Reset(::open(path.c_str(), kFlags, 0600));
  }
  if (!fd) {
    error_ = errno;
    return false;
  }
  writing_ = std::move(fd);
  segments_[end_] = 0;
  reserved_ = 0;
  new_name_ = true;
  return true;
}

void Spool::CloseSegment() {
  if (!writing_) return;
  Sync();
  // Gives back what was reserved and not used.
  [[maybe_unused]] const int cut =
      ::ftruncate(writing_.get(), static_cast<off_t>(segments_.rbegin()->second));
  writing_.Reset();
}

size_t Spool::Room(size_t wanted) {
  error_ = 0;
  if (full()) return 0;
  if (writing_ && segments_.rbegin()->second >= segment_size_) CloseSegment();
  if (!writing_ && !OpenSegment()) return 0;
  const uint64_t used = segments_.rbegin()->second;
  const uint64_t want = std::min({uint64_t{wanted}, max_ - size_, segment_size_ - used});
  if (reserved_ >= used + want) return want;
  uint64_t more = std::max(want, std::min(kReserve, segment_size_));
  int error = disk_.Reserve(writing_.get(), used, more);
  if (error == ENOSPC && reserved_ <= used) {
    more = want;
    error = disk_.Reserve(writing_.get(), used, more);
  }
  if (error == 0) {
    reserved_ = used + more;
  } else if (IsUnsupported(error)) {
    reserved_ = UINT64_MAX;
  } else if (reserved_ > used) {
    return std::min<uint64_t>(want, reserved_ - used);
  } else {
    error_ = error;
    return 0;
  }
  return want;
}

void Spool::Appended(size_t bytes) {
  segments_.rbegin()->second += bytes;
  end_ += bytes;
  size_ += bytes;
  unsynced_ = true;
}

std::expected<size_t, int> Spool::Splice(int fd, size_t most) {
  HC_CHECK(writing_);
  off_t at = static_cast<off_t>(segments_.rbegin()->second);
  const ssize_t n = ::splice(fd, nullptr, writing_.get(), &at, most, SPLICE_F_NONBLOCK);
  if (n < 0) return std::unexpected(errno);
  if (n > 0) Appended(static_cast<size_t>(n));
  return static_cast<size_t>(n);
}

bool Spool::Append(std::string_view bytes) {
  HC_CHECK(writing_);
  const uint64_t length = segments_.rbegin()->second;
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::pwrite(writing_.get(), bytes.data() + done, bytes.size() - done,
                               static_cast<off_t>(length + done));
    if (n >= 0) {
      done += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      error_ = errno;
      [[maybe_unused]] const int cut = ::ftruncate(writing_.get(), static_cast<off_t>(length));
      return false;
    }
  }
  Appended(bytes.size());
  return true;
}

std::expected<size_t, int> Spool::ReadSegment(uint64_t begin, uint64_t size, uint64_t offset,
                                              char* out, size_t wanted) {
  if (!reading_ || reading_begin_ != begin) {
    // The one that is written is there even if it was removed.
    const bool is_last = writing_ && begin == segments_.rbegin()->first;
    reading_.Reset(is_last ? ::fcntl(writing_.get(), F_DUPFD_CLOEXEC, 0)
                           : ::open(PathOf(begin).c_str(), O_RDONLY | O_CLOEXEC));
    reading_begin_ = begin;
    if (!reading_) return std::unexpected(errno);
  }
  const uint64_t at = offset - begin;
  while (true) {
    const ssize_t n =
        ::pread(reading_.get(), out, std::min<uint64_t>(wanted, size - at), static_cast<off_t>(at));
    if (n > 0) return static_cast<size_t>(n);
    if (n == 0) return std::unexpected(EIO);  // somebody cut it
    if (errno != EINTR) return std::unexpected(errno);
  }
}

std::expected<size_t, int> Spool::ReadAt(uint64_t offset, char* out, size_t size) {
  if (offset < begin_) return std::unexpected(kDropped);
  if (offset >= end_ || size == 0) return 0;
  const auto next = segments_.upper_bound(offset);
  if (next != segments_.begin()) {
    const auto& [begin, length] = *std::prev(next);
    if (offset < begin + length) return ReadSegment(begin, length, offset, out, size);
  }
  // Between two segments, or behind the last one.
  const uint64_t hole_end = next == segments_.end() ? end_ : next->first;
  const auto filled = static_cast<size_t>(std::min<uint64_t>(size, hole_end - offset));
  std::memset(out, '\n', filled);
  return filled;
}

Spool::Removed Spool::GiveUpRemoved() {
  const auto it = segments_.find(reading_begin_);
  if (reading_ || it == segments_.end()) return {};
  const Removed removed{.begin = it->first, .end = it->first + it->second};
  size_ -= it->second;
  segments_.erase(it);
  return removed;
}

void Spool::DropBefore(uint64_t offset, bool even_small) {
  while (!segments_.empty()) {
    const auto [begin, length] = *segments_.begin();
    const bool is_last = segments_.size() == 1;
    if (begin + length > offset) break;
    const bool worth_it = even_small || length >= std::min(kReserve, segment_size_);
    if (is_last && !(offset >= end_ && worth_it)) break;
    if (is_last) writing_.Reset();
    if (reading_begin_ == begin) reading_.Reset();
    ::unlink(PathOf(begin).c_str());
    size_ -= length;
    segments_.erase(segments_.begin());
    begin_ = segments_.empty() ? end_ : segments_.begin()->first;
  }
}

void Spool::PunchBefore(uint64_t offset) {
  constexpr uint64_t kBlock = 4096;
  if (segments_.empty() || offset < begin_ + kBlock) return;
  const auto [begin, length] = *segments_.begin();
  const uint64_t freed = std::min(offset - begin, length) / kBlock * kBlock;
  const Fd fd(::open(PathOf(begin).c_str(), O_RDWR | O_CLOEXEC));
  if (!fd || freed == 0) return;
  // Where this is not supported the disk stays as it is.
  [[maybe_unused]] const int punched = ::fallocate(
      fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(freed));
}

void Spool::Sync() {
  if (!std::exchange(unsynced_, false) || !writing_) return;
  [[maybe_unused]] int synced = ::fdatasync(writing_.get());
  if (!std::exchange(new_name_, false)) return;
  const Fd folder(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) synced = ::fsync(folder.get());
}

}  // namespace hctail
