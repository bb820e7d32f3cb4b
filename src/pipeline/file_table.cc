// SPDX-License-Identifier: Apache-2.0
#include "pipeline/file_table.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

#include "base/excerpt.h"
#include "parsers/wrapper.h"
namespace hctail {
namespace {

bool AllDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// ".1", "-20240305", ".2024-03-05", ".gz": what rotation adds to a name.
bool IsRotationSuffix(std::string_view suffix) {
  if (suffix == "gz" || suffix == "zst" || suffix == "bz2" || suffix == "xz") return true;
  std::string digits(suffix);
  std::erase_if(digits, [](char c) { return c == '-' || c == '_' || c == 'T'; });
  return AllDigits(digits);
}

}  // namespace

std::string DatasetOf(const std::string& path) {
  if (const auto container = ContainerDataset(path)) return *container;
  std::string name = path.substr(path.rfind('/') + 1);
  while (true) {
    const size_t dot = name.rfind('.');
    if (dot == std::string::npos || dot == 0 || !IsRotationSuffix(name.substr(dot + 1))) break;
    name.resize(dot);
  }
  if (const size_t dash = name.rfind('-'); dash != std::string::npos && dash > 0 &&
                                           name.size() - dash >= 9 &&
                                           IsRotationSuffix(name.substr(dash + 1))) {
    name.resize(dash);
  }
  if (const size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0) name.resize(dot);
  return name.empty() ? "hctail" : name;
}

FileTable::FileTable(CheckpointFile* checkpoint, std::string dataset, std::string dead_letter_path,
                     const Clock& clock, Log& log, const Wakeup& dirty, Purpose purpose)
    : checkpoint_(checkpoint),
      dataset_(std::move(dataset)),
      dead_letter_path_(std::move(dead_letter_path)),
      clock_(clock),
      log_(log),
      dirty_(dirty),
      purpose_(purpose) {}

void FileTable::OnOpened(const Opened& opened) {
  auto info = std::make_shared<FileInfo>();
  info->path = opened.path;
  info->dataset = dataset_.empty() ? DatasetOf(opened.path) : dataset_;
  info->present_at_start = opened.present_at_start;
  info->live = opened.live;
  info->lane = std::make_shared<Lane>();
  info->lane->accepted_to = opened.offset;

  const std::lock_guard lock(mutex_);
  Entry& entry = files_[opened.file];
  entry.info = info;
  entry.committed = opened.committed;
  entry.inode = opened.identity.inode;
  entry.packed = opened.packed;
  entry.read_to = opened.offset;
  ledger_.Open(opened.file, opened.offset);
  if (checkpoint_ == nullptr || !opened.resumable) return;
  if (Resume(opened, entry)) return;
  SavedFile saved;
  saved.path = opened.path;
  saved.identity = opened.identity;
  saved.offset = opened.offset;
  saved.updated = opened.as_of != 0 ? opened.as_of : clock_.Wall().seconds;
  saved.gap_since = opened.gap_since;
  saved.backfill = purpose_ == Purpose::kBackfill;
  Status written;
  entry.saved_id = checkpoint_->Add(std::move(saved), &written);
  Report(written);
}

// Goes on with what is saved of it; false if nothing is (of those that are gone the oldest are
// forgotten, also after the reader has seen them).
bool FileTable::Resume(const Opened& opened, Entry& entry) {
  const auto found = checkpoint_->files().find(opened.saved_id);
  if (found == checkpoint_->files().end()) return false;
  const SavedFile& saved = found->second;
  const uint64_t id = entry.saved_id = opened.saved_id;
  entry.info->lane->saved = saved.state;
  Report(checkpoint_->SetIdentity(id, opened.path, opened.identity));
  Report(checkpoint_->SetWhole(id, 0));
  if (purpose_ == Purpose::kBackfill && !saved.backfill) return true;
  if (purpose_ == Purpose::kLasting) Report(checkpoint_->Keep(id));
  Report(checkpoint_->SetGone(id, false, clock_.Wall().seconds));
  Report(checkpoint_->SetGap(id, opened.gap_since));
  return true;
}

void FileTable::OnIdentity(FileKey file, const std::string& path, const FileIdentity& identity) {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  if (it == files_.end()) return;
  Entry& entry = it->second;
  if (entry.info->path != path) {
    auto info = std::make_shared<FileInfo>();
    info->path = path;
    info->dataset = entry.info->dataset;  // a renamed file keeps its dataset
    info->present_at_start = entry.info->present_at_start;
    info->live = entry.info->live;
    info->lane = entry.info->lane;
    entry.info = std::move(info);
  }
  entry.inode = identity.inode;
  if (entry.saved_id != 0) Report(checkpoint_->SetIdentity(entry.saved_id, path, identity));
}

void FileTable::OnClosed(FileKey file, Closing closing, uint64_t end) {
  const std::lock_guard lock(mutex_);
  Entry& entry = files_.at(file);
  entry.closed = true;
  entry.read_to = end;
  entry.left = closing != Closing::kFinished;
  RetireIfDone(file);
}

void FileTable::OnWhole(FileKey file, int64_t modified) {
  const std::lock_guard lock(mutex_);
  files_.at(file).whole = modified;
}

void FileTable::Ended(FileKey file) {
  const std::lock_guard lock(mutex_);
  files_.at(file).ended = true;
  RetireIfDone(file);
}

void FileTable::OnGap(FileKey file, int64_t since) {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  if (it == files_.end() || it->second.saved_id == 0) return;
  Report(checkpoint_->SetGap(it->second.saved_id, since));
}

// As an entry of a file that is gone: the pattern matches itself.
void FileTable::OnFollowing(const std::string& pattern) {
  const std::lock_guard lock(mutex_);
  if (checkpoint_ == nullptr) return;
  SavedFile saved;
  saved.path = pattern;
  saved.updated = clock_.Wall().seconds;
  saved.gone = true;
  Status written;
  checkpoint_->Add(std::move(saved), &written);
  Report(written);
}

void FileTable::OnGone(const SavedFile& saved) {
  const std::lock_guard lock(mutex_);
  log_.Warn(
      fmt::format("the file that was at '{}' is gone; it was settled up to byte {}", saved.path,
                  saved.offset),
      "What was written to it after that cannot be read, unless it stands in a file beside it "
      "that is read now.");
  if (checkpoint_ != nullptr) {
    Report(checkpoint_->SetGone(saved.id, true, clock_.Wall().seconds));
  }
}

void FileTable::OnCopy(FileKey file, uint64_t read_to, const SavedFile& copy) {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  if (checkpoint_ == nullptr || it == files_.end()) return;
  it->second.copies.emplace(read_to, copy)->second.updated = clock_.Wall().seconds;
  KeepCopies(it->second, ledger_.Committed(file));
}

void FileTable::OnPacked(const SavedFile& saved, const std::string& path,
                         const FileIdentity& identity, int64_t modified) {
  const std::lock_guard lock(mutex_);
  if (checkpoint_ == nullptr) return;
  packed_.push_back(saved.id);
  Report(checkpoint_->SetIdentity(saved.id, saved.path, identity));
  Report(checkpoint_->SetWhole(saved.id, modified));
  // Else it is the packed file itself, which an earlier run has read and which is still there.
  if (path == saved.path) return;
  Report(checkpoint_->SetGone(saved.id, true, clock_.Wall().seconds));
}

void FileTable::OnUnreadable(const std::string& path, const std::string& why) {
  const std::lock_guard lock(mutex_);
  log_.Fault({fmt::format("cannot read '{}': {}", path, why)});
  ++unreadable_;
}

void FileTable::OnAbandoned(FileKey file, uint64_t begin, uint64_t end, const std::string& why) {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  if (it == files_.end()) return;
  log_.Warn(fmt::format("'{}': bytes {} to {} are abandoned: {}", it->second.info->path, begin, end,
                        why));
  it->second.counts.abandoned_bytes += end - begin;
  if (!it->second.info->live) missed_ += end - begin;
}

uint64_t FileTable::SavedIdOf(FileKey file) const {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  return it == files_.end() ? 0 : it->second.saved_id;
}

bool FileTable::Settled(FileKey file) const {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  return it == files_.end() || IsSettled(it->first, it->second);
}

bool FileTable::Holding(FileKey file) const {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  return it != files_.end() && it->second.info->lane->holding;
}

std::shared_ptr<FileInfo> FileTable::Find(FileKey file) const {
  const std::lock_guard lock(mutex_);
  return files_.at(file).info;
}

std::string FileTable::PathOf(FileKey file) const {
  const std::lock_guard lock(mutex_);
  const auto it = files_.find(file);
  return it == files_.end() ? std::string() : it->second.info->path;
}

void FileTable::AddFlaws(FileKey file, const Flaws& flaws) {
  const std::lock_guard lock(mutex_);
  files_.at(file).counts.flaws += flaws;
}

void FileTable::AddUnmatched(FileKey file, std::vector<Unmatched> unmatched) {
  if (unmatched.empty()) return;
  const std::lock_guard lock(mutex_);
  for (Unmatched& first : unmatched) {
    if (unmatched_.size() == kUnmatchedShown) return;
    first.path = files_.at(file).info->path;
    unmatched_.push_back(std::move(first));
  }
}

void FileTable::Launch(const Batch& batch) {
  const std::lock_guard lock(mutex_);
  for (const Run& run : batch.runs) {
    Entry& entry = files_.at(run.span.file);
    const uint64_t records =
        uint64_t{run.events} + run.filtered + run.sampled_out + run.dead_letters;
    entry.counts.read += records;
    entry.counts.in_flight += records;
    entry.read_to = std::max(entry.read_to, run.span.end);
  }
  if (dead_letter_path_.empty()) return;
  for (const DeadLetter& letter : batch.dead_letters) {
    Entry& entry = files_.at(letter.file);
    if (std::exchange(entry.malformed_told, true)) continue;
    log_.Warn(fmt::format("'{}', byte {}: {}: {}", entry.info->path, letter.offset, letter.reason,
                          Excerpt(letter.record)),
              fmt::format("It goes to '{}', as will others of this file, which are only counted.",
                          dead_letter_path_));
  }
}

void FileTable::Settle(const Settlement& settlement) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < settlement.batch->runs.size(); ++i) {
    const Run& run = settlement.batch->runs[i];
    const Settlement::RunOutcome& outcome = settlement.runs[i];
    Entry& entry = files_.at(run.span.file);
    Counts& counts = entry.counts;
    counts.sent += outcome.accepted;
    counts.dead_lettered += outcome.refused + run.dead_letters;
    counts.filtered += run.filtered;
    counts.sampled_out += run.sampled_out;
    counts.in_flight -= uint64_t{outcome.accepted} + outcome.refused + run.dead_letters +
                        run.filtered + run.sampled_out;
    counts.settled_bytes += run.span.end - run.span.begin;
    if (run.resumable) {
      entry.marks[run.span.end] = {run.span.end, run.tail_length, run.tail_hash, run.state};
    }
    ledger_.Settle(run.span);
    const uint64_t committed = ledger_.Committed(run.span.file);
    Advance(entry, committed);
    KeepCopies(entry, committed);
    RetireIfDone(run.span.file);
  }
}

// To the last place in what is settled where reading can begin again.
void FileTable::Advance(Entry& entry, uint64_t committed) {
  const auto beyond = entry.marks.upper_bound(committed);
  if (beyond == entry.marks.begin()) return;
  CheckpointFile::Position position = std::move(std::prev(beyond)->second);
  entry.marks.erase(entry.marks.begin(), beyond);
  const uint64_t offset = position.offset;
  if (entry.saved_id != 0) {
    Report(checkpoint_->Advance(entry.saved_id, std::move(position), clock_.Wall().seconds));
  }
  if (entry.committed != nullptr) *entry.committed = offset;
}

// After a restart a copy is not taken for a file of its own.
void FileTable::KeepCopies(Entry& entry, uint64_t committed) {
  while (!entry.copies.empty() && entry.copies.begin()->first <= committed) {
    Status written;
    checkpoint_->Add(std::move(entry.copies.begin()->second), &written);
    Report(written);
    entry.copies.erase(entry.copies.begin());
  }
}

bool FileTable::IsSettled(FileKey file, const Entry& entry) const {
  return entry.counts.in_flight == 0 && ledger_.Committed(file) >= entry.read_to &&
         entry.ended == entry.closed;
}

// A file that was rotated away takes no memory once all of it is settled.
void FileTable::RetireIfDone(FileKey file) {
  const auto it = files_.find(file);
  Entry& entry = it->second;
  if (!entry.ended || !IsSettled(file, entry)) return;
  if (entry.saved_id != 0 && entry.whole != 0) {
    Report(checkpoint_->SetWhole(entry.saved_id, entry.whole));
  }
  if (!entry.left) return;
  if (entry.saved_id != 0) {
    Report(checkpoint_->SetGone(entry.saved_id, true, clock_.Wall().seconds));
  }
  retired_ += entry.counts;
  ++retired_files_;
  ledger_.Close(file);
  files_.erase(it);
}

void FileTable::Report(const Status& status) {
  dirty_.Notify();
  if (status) {
    disk_fault_told_ = false;
  } else if (!std::exchange(disk_fault_told_, true)) {
    log_.Fault(status.error());
  }
}

void FileTable::SyncCheckpoint() {
  if (checkpoint_ == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    if (!checkpoint_->all_saved()) Report(checkpoint_->WriteUnsaved());
  }
  // Without the lock: the disk may take its time.
  if (const Status synced = checkpoint_->Sync(); !synced) {
    const std::lock_guard lock(mutex_);
    Report(synced);
  }
}

Summary FileTable::Snapshot() const {
  const std::lock_guard lock(mutex_);
  Summary summary;
  for (const auto& [key, entry] : files_) {
    FileSummary file;
    file.path = entry.info->path;
    file.counts = entry.counts;
    file.committed = ledger_.Committed(key);
    struct stat st = {};
    // Another file may have taken the path.
    if (!entry.packed && ::stat(file.path.c_str(), &st) == 0 && st.st_ino == entry.inode) {
      file.size = static_cast<uint64_t>(st.st_size);
      file.sized = true;
    }
    summary.files.push_back(std::move(file));
  }
  std::ranges::sort(summary.files, {}, &FileSummary::path);
  summary.unmatched = unmatched_;
  summary.retired = retired_;
  summary.retired_files = retired_files_;
  summary.unreadable_files = unreadable_;
  return summary;
}

bool FileTable::AllSettled() const {
  const std::lock_guard lock(mutex_);
  return unreadable_ == 0 && missed_ == 0 && retired_.Balanced() &&
         std::ranges::all_of(files_, [&](const auto& item) {
           const Counts& counts = item.second.counts;
           return IsSettled(item.first, item.second) && counts.abandoned_bytes == 0 &&
                  counts.Balanced();
         });
}

void FileTable::ForgetAll() {
  const std::lock_guard lock(mutex_);
  std::vector<uint64_t> ids = std::exchange(packed_, {});
  for (auto& [key, entry] : files_) {
    if (entry.saved_id != 0) ids.push_back(std::exchange(entry.saved_id, 0));
  }
  for (const uint64_t id : ids) {
    const auto saved = checkpoint_->files().find(id);
    if (saved == checkpoint_->files().end() || !saved->second.backfill) continue;
    Report(checkpoint_->Forget(id));
  }
}

}  // namespace hctail
