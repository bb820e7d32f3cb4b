// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/checkpoint_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "checkpoint/checkpoint_format.h"

namespace hctail {
namespace {

std::unexpected<Error> CannotWrite(const std::string& path, int error_number) {
  return Fail(fmt::format("cannot write '{}': {}", path, ErrnoText(error_number)));
}

// Errors that pass when something is deleted; the file itself is sound.
bool IsLackOfSpace(int error_number) {
  return error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
}

// As far as the file system can: some refuse to sync a directory.
void SyncDirectory(const std::string& directory) {
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) ::fsync(fd.get());
}

}  // namespace

CheckpointWriter::CheckpointWriter(std::string directory, const LoadedState& found)
    : directory_(std::move(directory)),
      snapshot_path_(directory_ + "/checkpoint"),
      log_path_(directory_ + "/checkpoint.log"),
      generation_(found.generation),
      whole_snapshot_(found.whole_snapshot),
      log_length_(found.log_length) {}

// Opens the log that was found and cuts off what a kill left of a last line.
Status CheckpointWriter::OpenLog() {
  Fd fd(::open(log_path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0 ||
      (static_cast<uint64_t>(info.st_size) != *log_length_ &&
       ::ftruncate(fd.get(), static_cast<off_t>(*log_length_)) != 0)) {
    const int error = errno;
    log_length_.reset();
    return CannotWrite(log_path_, error);
  }
  const std::lock_guard lock(mutex_);
  log_ = std::make_shared<const Fd>(std::move(fd));
  return {};
}

Status CheckpointWriter::Append(std::string_view lines) {
  HC_CHECK(log_length_.has_value());
  if (!log_) {
    if (Status opened = OpenLog(); !opened) return opened;
  }
  if (const int error = WriteFully(log_->get(), lines)) {
    const bool cut = ::ftruncate(log_->get(), static_cast<off_t>(*log_length_)) == 0;
    if (!cut || !IsLackOfSpace(error)) log_length_.reset();
    return CannotWrite(log_path_, error);
  }
  *log_length_ += lines.size();
  unsynced_ = true;
  return {};
}

Status CheckpointWriter::Replace(std::string_view body, uint64_t files, uint64_t next_id) {
  const std::string new_path = directory_ + "/checkpoint.new";
  text_.clear();
  AppendHeader(TextKind::kSnapshot, generation_ + 1, &text_);
  text_ += body;
  AppendEnd(files, next_id, &text_);
  if (Status written = WriteFileAtomically(new_path, text_, Fsync::kYes); !written) return written;
  if (whole_snapshot_ && ::rename(snapshot_path_.c_str(), (snapshot_path_ + ".old").c_str()) != 0 &&
      errno != ENOENT) {
    return CannotWrite(snapshot_path_ + ".old", errno);
  }
  if (::rename(new_path.c_str(), snapshot_path_.c_str()) != 0) {
    return CannotWrite(snapshot_path_, errno);
  }
  SyncDirectory(directory_);
  whole_snapshot_ = true;
  ++generation_;
  StartLog();
  return {};
}

// Without a new log, everything is saved all the same; the next change tries again.
void CheckpointWriter::StartLog() {
  log_length_.reset();
  const std::string new_path = log_path_ + ".new";
  text_.clear();
  AppendHeader(TextKind::kLog, generation_, &text_);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
  Fd fd(::open(new_path.c_str(), kFlags, 0600));
  if (!fd || WriteFully(fd.get(), text_) != 0) {
    ::unlink(new_path.c_str());
    return;
  }
  if (::rename(log_path_.c_str(), (log_path_ + ".old").c_str()) != 0 && errno != ENOENT) return;
  if (::rename(new_path.c_str(), log_path_.c_str()) != 0) return;
  log_length_ = text_.size();
  const std::lock_guard lock(mutex_);
  log_ = std::make_shared<const Fd>(std::move(fd));
  log_lost_ = false;
  new_name_ = true;
}

Status CheckpointWriter::Sync() {
  std::shared_ptr<const Fd> log;
  {
    const std::lock_guard lock(mutex_);
    if (!log_ || !unsynced_.exchange(false)) return {};
    log = log_;
  }
  if (::fsync(log->get()) != 0) {
    const int error = errno;
    log_lost_ = true;  // what the kernel dropped once, a second fsync would not tell
    return Fail(fmt::format("cannot sync '{}': {}", log_path_, ErrnoText(error)));
  }
  if (new_name_.exchange(false)) SyncDirectory(directory_);
  struct stat info{};
  if (::fstat(log->get(), &info) == 0 && info.st_nlink == 0) log_lost_ = true;
  return {};
}

}  // namespace hctail
