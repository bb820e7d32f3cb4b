// SPDX-License-Identifier: Apache-2.0
#include "pipeline/file_table.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>

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
                     const Clock& clock, Log& log, const Wakeup& dirty)
    : checkpoint_(checkpoint),
      dataset_(std::move(dataset)),
      dead_letter_path_(std::move(dead_letter_path)),
      clock_(clock),
      log_(log),
      dirty_(dirty) {}

void FileTable::OnOpened(const Opened& opened) {
  auto info = std::make_shared<FileInfo>();
  info->path = opened.path;
  info->dataset = dataset_.empty() ? DatasetOf(opened.path) : dataset_;
  info->present_at_start = opened.present_at_start;

  const std::lock_guard lock(mutex_);
  Entry& entry = files_[opened.file];
  entry.info = std::move(info);
  entry.committed = opened.committed;
  entry.inode = opened.identity.inode;
  entry.read_to = opened.offset;
  ledger_.Open(opened.file, opened.offset);
  if (checkpoint_ == nullptr || !opened.resumable) return;
  if (opened.saved_id != 0) {
    entry.saved_id = opened.saved_id;
    Report(checkpoint_->SetIdentity(opened.saved_id, opened.path, opened.identity));
    return;
  }
  SavedFile saved;
  saved.path = opened.path;
  saved.identity = opened.identity;
  saved.offset = opened.offset;
  saved.updated = clock_.Wall().seconds;
  Status written;
  entry.saved_id = checkpoint_->Add(std::move(saved), &written);
  Report(written);
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
    info->parser = entry.info->parser.load();
    entry.info = std::move(info);
  }
  if (entry.saved_id != 0) Report(checkpoint_->SetIdentity(entry.saved_id, path, identity));
}

void FileTable::OnClosed(FileKey file, Closing closing, uint64_t end) {
  const std::lock_guard lock(mutex_);
  Entry& entry = files_.at(file);
  entry.closed = true;
  entry.read_to = end;
  entry.forget = closing != Closing::kFinished;
  if (closing == Closing::kTruncated && entry.saved_id != 0) {
    Report(checkpoint_->Forget(entry.saved_id));
    entry.saved_id = 0;
  }
  RetireIfDone(file);
}

void FileTable::OnGone(const SavedFile& saved) {
  const std::lock_guard lock(mutex_);
  log_.Warn(fmt::format("the file that was at '{}' is gone; it was settled up to byte {}",
                        saved.path, saved.offset),
            "Whatever was written to it after that could not be read.");
  if (checkpoint_ != nullptr) Report(checkpoint_->Forget(saved.id));
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

void FileTable::CountInventedTimes(FileKey file, uint64_t records) {
  const std::lock_guard lock(mutex_);
  files_.at(file).counts.invented_times += records;
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
  for (const DeadLetter& letter : batch.dead_letters) {
    Entry& entry = files_.at(letter.file);
    if (std::exchange(entry.malformed_told, true)) continue;
    log_.Warn(fmt::format("'{}', byte {}: {}", entry.info->path, letter.offset, letter.reason),
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
    entry.tails[run.span.end] = {run.tail_length, run.tail_hash};
    if (const auto committed = ledger_.Settle(run.span)) {
      Advance(run.span.file, entry, *committed);
    }
    RetireIfDone(run.span.file);
  }
}

void FileTable::Advance(FileKey, Entry& entry, uint64_t committed) {
  const auto tail = entry.tails.find(committed);
  const Tail known = tail == entry.tails.end() ? Tail{} : tail->second;
  entry.tails.erase(entry.tails.begin(), entry.tails.upper_bound(committed));
  if (entry.saved_id != 0) {
    Report(checkpoint_->Advance(entry.saved_id, committed, known.length, known.hash,
                                clock_.Wall().seconds));
  }
  if (entry.committed != nullptr) *entry.committed = committed;
}

// A file that was rotated away needs no entry once all of it is settled.
void FileTable::RetireIfDone(FileKey file) {
  const auto it = files_.find(file);
  Entry& entry = it->second;
  if (!entry.closed || !entry.forget || entry.counts.in_flight != 0 ||
      ledger_.Committed(file) != entry.read_to) {
    return;
  }
  if (entry.saved_id != 0) Report(checkpoint_->Forget(entry.saved_id));
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
    if (::stat(file.path.c_str(), &st) == 0 && st.st_ino == entry.inode) {
      file.size = static_cast<uint64_t>(st.st_size);
      file.sized = true;
    }
    summary.files.push_back(std::move(file));
  }
  std::ranges::sort(summary.files, {}, &FileSummary::path);
  summary.retired = retired_;
  summary.retired_files = retired_files_;
  return summary;
}

bool FileTable::AllSettled() const {
  const std::lock_guard lock(mutex_);
  return unreadable_ == 0 && std::ranges::all_of(files_, [&](const auto& item) {
           return item.second.counts.in_flight == 0 && item.second.counts.abandoned_bytes == 0 &&
                  ledger_.Committed(item.first) >= item.second.read_to;
         });
}

void FileTable::ForgetAll() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, entry] : files_) {
    if (entry.saved_id != 0) Report(checkpoint_->Forget(std::exchange(entry.saved_id, 0)));
  }
}

}  // namespace hctail
