// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/checkpoint_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "checkpoint/checkpoint_format.h"
#include "checkpoint/checkpoint_loader.h"
#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/number_text.h"
#include "checkpoint/state_directory.h"

namespace hctail {
namespace {

// Large enough that folding, which waits for the disk, is rare: some 10,000 changes.
constexpr uint64_t kLeastFold = uint64_t{1} << 20;

// Unsaved files whose bytes are added up for an error text, which a full disk asks for often.
constexpr size_t kMostAddedUp = 100;

uint64_t FoldAt(size_t snapshot_length) {
  return std::max<uint64_t>(kLeastFold, uint64_t{4} * snapshot_length);
}

}  // namespace

Result<std::unique_ptr<CheckpointFile>> CheckpointFile::Open(const std::string& directory,
                                                             Access access,
                                                             std::vector<std::string>* warnings) {
  Fd lock;
  if (access == Access::kExclusive) {
    if (Status made = MakeStateDirectory(directory); !made) {
      return std::unexpected(std::move(made).error());
    }
    Result<Fd> locked = LockStateDirectory(directory);
    if (!locked) return std::unexpected(std::move(locked).error());
    lock = std::move(*locked);
  }
  Result<LoadedState> found = LoadState(directory, warnings);
  if (!found) return std::unexpected(std::move(found).error());
  return std::unique_ptr<CheckpointFile>(
      new CheckpointFile(directory, std::move(lock), std::move(*found), access));
}

CheckpointFile::CheckpointFile(std::string directory, Fd lock, LoadedState found, Access access)
    : directory_(std::move(directory)),
      lock_(std::move(lock)),
      files_(std::move(found.positions.files)),
      next_id_(found.positions.next_id),
      fold_at_(FoldAt(found.snapshot_length)) {
  if (access == Access::kExclusive) writer_ = std::make_unique<CheckpointWriter>(directory_, found);
}

CheckpointFile::~CheckpointFile() {
  if (!writer_ || (!changed_ && (files_.empty() || InPlace()))) return;
  fold_wait_ = 0;
  // If this fails, the log still holds all that could be written.
  [[maybe_unused]] const Status folded = Fold();
}

uint64_t CheckpointFile::Add(SavedFile file, Status* written) {
  const uint64_t id = next_id_++;
  file.id = id;
  line_.clear();
  AppendFile(file, &line_);
  const uint64_t offset = file.offset;
  files_.emplace(id, std::move(file));
  *written = Save(id, offset);
  return id;
}

Status CheckpointFile::SetIdentity(uint64_t id, const std::string& path,
                                   const FileIdentity& identity) {
  const auto it = files_.find(id);
  if (it == files_.end()) return {};
  SavedFile& file = it->second;
  if (file.path == path && file.identity == identity) return {};
  file.path = path;
  file.identity = identity;
  line_.clear();
  AppendFile(file, &line_);
  return Save(id, file.offset);
}

Status CheckpointFile::Advance(uint64_t id, Position position, int64_t now) {
  const auto it = files_.find(id);
  if (it == files_.end()) return {};
  SavedFile& file = it->second;
  const bool same_state = file.state == position.state;
  if (same_state && file.offset == position.offset && file.tail_length == position.tail_length &&
      file.tail_hash == position.tail_hash) {
    return {};
  }
  const uint64_t saved_offset = file.offset;
  file.offset = position.offset;
  file.tail_length = position.tail_length;
  file.tail_hash = position.tail_hash;
  file.updated = now;
  line_.clear();
  if (same_state) {
    AppendAdvance(file, &line_);
  } else {
    file.state = std::move(position.state);
    AppendFile(file, &line_);
  }
  return Save(id, saved_offset);
}

Status CheckpointFile::SetGone(uint64_t id, bool gone, int64_t now) {
  const auto it = files_.find(id);
  if (it == files_.end() || it->second.gone == gone) return {};
  it->second.gone = gone;
  it->second.updated = now;
  line_.clear();
  AppendFile(it->second, &line_);
  if (Status saved = Save(id, it->second.offset); !saved) return saved;
  return gone ? ForgetOldestGone() : Status();
}

Status CheckpointFile::SetGap(uint64_t id, int64_t since) {
  const auto it = files_.find(id);
  if (it == files_.end() || it->second.gap_since == since) return {};
  it->second.gap_since = since;
  line_.clear();
  AppendFile(it->second, &line_);
  return Save(id, it->second.offset);
}

Status CheckpointFile::SetWhole(uint64_t id, int64_t modified) {
  const auto it = files_.find(id);
  if (it == files_.end() || it->second.whole == modified) return {};
  it->second.whole = modified;
  line_.clear();
  AppendFile(it->second, &line_);
  return Save(id, it->second.offset);
}

Status CheckpointFile::Keep(uint64_t id) {
  const auto it = files_.find(id);
  if (it == files_.end() || !it->second.backfill) return {};
  it->second.backfill = false;
  line_.clear();
  AppendFile(it->second, &line_);
  return Save(id, it->second.offset);
}

Status CheckpointFile::ForgetOldestGone() {
  // A pattern that is followed has no inode, and stays.
  const auto is_gone = [](const auto& item) {
    return item.second.gone && item.second.identity.inode != 0;
  };
  if (std::cmp_less_equal(std::ranges::count_if(files_, is_gone), kMostGone)) return {};
  return Forget(std::ranges::find_if(files_, is_gone)->first);  // ids grow with time
}

Status CheckpointFile::Forget(uint64_t id) {
  const auto it = files_.find(id);
  if (it == files_.end()) return {};
  const uint64_t saved_offset = it->second.offset;
  files_.erase(it);
  line_.clear();
  AppendForget(id, &line_);
  return Save(id, saved_offset);
}

// Writes line_, the change of `id`, whose offset on disk is `saved_offset` if all is saved.
Status CheckpointFile::Save(uint64_t id, uint64_t saved_offset) {
  HC_CHECK(writer_ != nullptr);
  changed_ = true;
  if (!unsaved_.empty() || !writer_->can_append()) {
    unsaved_.emplace(id, saved_offset);
    return SaveAll();
  }
  if (const Status written = writer_->Append(line_); !written) {
    unsaved_.emplace(id, saved_offset);
    return std::unexpected(KeptInMemory(written.error()));
  }
  return FoldIfLarge();
}

// Writes the present state of every unsaved id, a line at a time, so that a full disk costs one
// failing write() a call and not one of everything.
Status CheckpointFile::SaveAll() {
  while (!unsaved_.empty()) {
    if (!writer_->can_append()) return Fold();
    const uint64_t id = unsaved_.begin()->first;
    const auto it = files_.find(id);
    line_.clear();
    if (it == files_.end()) {
      AppendForget(id, &line_);
    } else {
      AppendFile(it->second, &line_);
    }
    if (const Status written = writer_->Append(line_); !written) {
      return std::unexpected(KeptInMemory(written.error()));
    }
    unsaved_.erase(unsaved_.begin());
  }
  return FoldIfLarge();
}

Status CheckpointFile::WriteUnsaved() {
  fold_wait_ = 0;
  if (!InPlace()) return Fold();
  return unsaved_.empty() ? Status() : SaveAll();
}

bool CheckpointFile::all_saved() const { return unsaved_.empty() && InPlace(); }

bool CheckpointFile::InPlace() const {
  return writer_ == nullptr || (!writer_->log_lost() && HoldsLock(directory_, lock_));
}

// Makes a directory that was removed again, and locks it; `what` says what had been removed.
Status CheckpointFile::TakeBack(std::string* what) {
  const bool is_there = ::access(directory_.c_str(), F_OK) == 0;
  const bool locked = HoldsLock(directory_, lock_);
  const bool log_is_there = ::access((directory_ + "/checkpoint.log").c_str(), F_OK) == 0;
  if (locked && (log_is_there || !writer_->log_lost())) return {};
  *what = is_there ? fmt::format("files of the state directory '{}' were removed", directory_)
                   : fmt::format("the state directory '{}' was removed", directory_);
  if (locked) return {};
  writer_->Lose();  // whoever has the lock writes there now
  if (Status made = MakeStateDirectory(directory_); !made) return made;
  Result<Fd> lock = LockStateDirectory(directory_);
  if (!lock) return std::unexpected(std::move(lock).error());
  lock_ = std::move(*lock);
  return {};
}

// Twice, so that the files before this one are new as well.
Status CheckpointFile::Rewrite() {
  for (int i = 0; i < 2; ++i) {
    fold_wait_ = 0;
    if (Status folded = Fold(); !folded) return folded;
  }
  return {};
}

// Saves everything as a new snapshot.
Status CheckpointFile::Fold() {
  if (fold_wait_ > 0) {
    --fold_wait_;
    return std::unexpected(KeptInMemory(fold_error_));
  }
  std::string removed;
  std::string body;
  for (const auto& [id, file] : files_) AppendFile(file, &body);
  Status replaced = TakeBack(&removed);
  if (replaced) replaced = writer_->Replace(body, files_.size(), next_id_);
  if (!replaced) {
    if (!removed.empty()) {
      replaced.error().message =
          fmt::format("{} while hctail ran: {}", removed, replaced.error().message);
    }
    fold_wait_ = files_.size() / 64;  // bounds what each change costs while the disk stays full
    fold_error_ = replaced.error();
    return std::unexpected(KeptInMemory(fold_error_));
  }
  if (!removed.empty()) {
    mended_ = fmt::format("{} while hctail ran; made again, with all positions", removed);
  }
  unsaved_.clear();
  changed_ = false;
  fold_at_ = FoldAt(body.size());
  return {};
}

Status CheckpointFile::FoldIfLarge() {
  if (writer_->log_length() < fold_at_) return {};
  Status folded = Fold();
  if (folded) return {};
  fold_at_ = writer_->log_length() + kLeastFold;
  fold_wait_ = 0;
  folded.error().hint = fmt::format(
      "Positions are safe in '{}/checkpoint.log', which grows until this works again.", directory_);
  return folded;
}

Error CheckpointFile::KeptInMemory(Error error) const {
  if (!error.hint.empty()) error.hint += '\n';
  error.hint += "Positions are kept in memory and written as soon as this works again";
  if (unsaved_.size() > kMostAddedUp) {
    error.hint += fmt::format("; a restart before that sends the last of {} again.",
                              Counted(unsaved_.size(), "file"));
    return error;
  }
  uint64_t bytes = 0;
  uint64_t files = 0;
  for (const auto& [id, saved_offset] : unsaved_) {
    const auto it = files_.find(id);
    if (it == files_.end() || it->second.offset <= saved_offset) continue;
    bytes += it->second.offset - saved_offset;
    ++files;
  }
  if (bytes > 0) {
    error.hint += fmt::format("; a restart before that sends {} of {} again",
                              Counted(bytes, "byte"), Counted(files, "file"));
  }
  error.hint += '.';
  return error;
}

Status CheckpointFile::Sync() { return writer_ ? writer_->Sync() : Status(); }

}  // namespace hctail
