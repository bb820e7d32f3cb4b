// SPDX-License-Identifier: Apache-2.0
// How the Tailer finds the generations of a log that came and went while it did not look.
#include <algorithm>
#include <cerrno>

#include "base/fingerprint.h"
#include "tail/identity.h"
#include "tail/tailer.h"

namespace hctail {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// The clock of the machine, and those of its file systems.
constexpr int64_t kClocksDiffer = 5 * kSecond;
// A path is looked at for so long after another file came to it: the old one may still be written
// to, long after it was closed.
constexpr Duration kGapGrace = std::chrono::hours(1);
// Gaps that come within so long are one.
constexpr Duration kNoteFor = std::chrono::minutes(5);
constexpr size_t kMostLeft = 10'000;
// While files are being renamed at that very moment.
constexpr int kMaxTries = 10;

std::vector<std::string> NamesBeside(FileSystem& files, const std::string& path) {
  std::vector<std::string> all;
  for (const std::string& own : PathsOf(files, path)) {
    std::ranges::move(files.List(FolderOf(own)), std::back_inserter(all));
  }
  return all;
}

}  // namespace

// Files that were rotated away while nobody looked are read to their end, the oldest first.
void Tailer::ClaimRotatedWhileDown() {
  if (!options_.stop_at_end) NoteSavedGaps();  // before the entries are claimed, which tell of them
  const auto known = [this](const FileStat& stat) { return IsKnown(stat); };
  for (const SavedFile& saved : saved_.unclaimed()) {
    if (!Wanted(saved.path) || saved_.StandsAtItsPath(saved)) continue;
    for (int tries = 0; tries < kMaxTries; ++tries) {
      const std::vector<std::string> before = NamesBeside(files_, saved.path);
      auto sibling = saved_.OpenSibling(saved, known);
      if (sibling) {
        // Under its old path, as if it had been rotated away while it was followed, if it now has
        // one that is not followed.
        const bool wanted = Wanted(sibling->path);
        Follow(sibling->log, {.path = wanted ? sibling->path : saved.path,
                              .found_at = sibling->path,
                              .orphan = !wanted,
                              .at_once = true,
                              .at_start = true});
      } else if (before != NamesBeside(files_, saved.path)) {
        continue;  // it may have been missed
      }
      break;
    }
  }
  if (!options_.stop_at_end) CloseGaps(clock_.Now());
}

// Another file stands where a saved one was, which was not found.
void Tailer::ReportGone() {
  saved_.MarkGoneIf([&](const SavedFile& saved) {
    const auto there = files_.Stat(saved.path);
    if (!there || !IsKnown(*there)) return false;
    listener_.OnGone(saved);
    return true;
  });
}

// What came and went while nobody looked, and what was not opened yet when hctail was killed.
void Tailer::NoteSavedGaps() {
  for (const SavedFile& newest : newest_) {
    if (!Wanted(newest.path)) continue;
    if (newest.gap_since != 0) NoteGap(newest.path, newest.gap_since * kSecond);
    if (newest.gone || !saved_.StandsAtItsPath(newest)) {
      NoteGap(newest.path, newest.updated * kSecond - kClocksDiffer);
    }
  }
}

void Tailer::NoteGap(const std::string& path, int64_t since) {
  const Instant until = clock_.Now() + kGapGrace;
  Gap& gap = gaps_[path];
  gap.decided = false;
  if (gap.notes.empty() || gap.notes.back().until < until) {
    gap.notes.push_back({since, until + kNoteFor});
  } else {
    gap.notes.back().since = std::min(gap.notes.back().since, since);
  }
  TellGap(path);
}

// In seconds; 0 if all generations of `path` are known.
int64_t Tailer::GapSince(const std::string& path) const {
  const auto gap = gaps_.find(path);
  if (gap == gaps_.end()) return 0;
  return std::max<int64_t>(gap->second.since() / kSecond, 1);
}

// A kill before the gap is closed must not hide it: the newest file of a path may have been opened
// before an older one, which was taken for a copy that is being made.
void Tailer::TellGap(const std::string& path) {
  const int64_t since = GapSince(path);
  const auto [begin, end] = by_path_.equal_range(path);
  for (auto it = begin; it != end; ++it) listener_.OnGap(it->second->key(), since);
}

bool Tailer::IsOver(const std::string& path, Gap& gap, Instant now) {
  if (!gap.decided || now <= gap.notes.front().until) return false;
  std::erase_if(gap.notes, [&](const Gap::Note& note) { return note.until < now; });
  if (gap.notes.empty()) return true;
  TellGap(path);
  return false;
}

void Tailer::CloseGaps(Instant now) {
  FolderNames folders(files_);
  for (auto it = gaps_.begin(); it != gaps_.end();) {
    const std::string path = it->first;
    Gap& gap = it->second;
    if (IsOver(path, gap, now)) {
      it = gaps_.erase(it);
      TellGap(path);
      continue;
    }
    gap.decided = CloseGap(path, gap, &folders);
    ++it;
  }
  if (gaps_.empty() || left_.size() > kMostLeft) left_.clear();
}

// The oldest first.  False if one of them may still turn out to be a generation to be read.
bool Tailer::CloseGap(const std::string& path, const Gap& gap, FolderNames* folders) {
  const std::vector<std::string> own = PathsOf(files_, path);
  Listing family = FamilyOf(files_, own, folders);
  const int64_t since = gap.since();
  std::erase_if(family, [&](const auto& item) {
    const auto& [name, stat] = item;
    const auto left = left_.find(Inode(stat.device, stat.inode));
    return std::ranges::find(own, name) != own.end() || stat.modified < since || IsKnown(stat) ||
           Wanted(name) || (left != left_.end() && left->second == stat.modified);
  });
  std::ranges::stable_sort(family, {}, [](const auto& item) { return item.second.modified; });
  bool decided = true;
  for (const auto& [sibling, stat] : family) {
    auto log = OpenLog(files_, sibling);
    decided &= log || log.error() != EAGAIN;
    if (!log || IsKnown(log->stat)) continue;
    const FileStat opened = log->stat;
    Follow(*log, {.path = path,
                  .found_at = sibling,
                  .orphan = true,
                  .from_start = true,
                  .at_start = !scanned_});
    decided &= IsKnown(opened) || left_.contains(Inode(opened.device, opened.inode));
  }
  return decided;
}

// Lines may be read of the file that the copy was made of which that has not; then nothing tells
// after a restart that it is a copy.
void Tailer::TellCopy(const OpenedLog& log, const FileIdentity& identity, const TailedFile& source,
                      const std::string& path) {
  if (options_.stop_at_end) return;
  char next = 0;
  const auto more = log.file->ReadAt(source.offset(), &next, 1);
  if (!more || *more > 0) return;  // it may be needed for what was not read
  SavedFile copy;
  copy.path = path;
  copy.identity = identity;
  copy.gone = true;
  if (log.packed) {
    copy.whole = log.stat.modified;
  } else {
    char tail[kTailLimit];
    const size_t length = std::min<uint64_t>(sizeof tail, log.stat.size);
    copy.offset = log.stat.size;
    copy.tail_length =
        static_cast<uint32_t>(ReadFully(*log.file, copy.offset - length, tail, length).size);
    copy.tail_hash = HashBytes({tail, copy.tail_length});
  }
  listener_.OnCopy(source.key(), source.offset(), copy);
}

// Of a file that was truncated: where what it held stands now.  Copies that hold nothing that was
// not read are never read.
std::optional<SavedPositions::Sibling> Tailer::FindCopyOf(const TailedFile& file) {
  const SavedFile position = file.Position();
  std::optional<SavedPositions::Sibling> found;
  if (position.identity.head_length == 0) return found;  // any file would be its copy
  std::vector<std::string> own = PathsOf(files_, file.path());
  if (!file.came_from.empty())
    std::ranges::move(PathsOf(files_, file.came_from), std::back_inserter(own));
  FolderNames folders(files_);
  for (const auto& [path, stat] : FamilyOf(files_, own, &folders)) {
    const Inode inode(stat.device, stat.inode);
    if (open_.contains(inode) || done_.contains(inode)) continue;
    // A short head says little: then it has to be as new as the last that was seen of the file.
    if (position.identity.head_length < kHeadLimit && stat.modified < file.modified_whole()) {
      continue;
    }
    auto log = OpenLog(files_, path);
    if (!log) continue;
    FileIdentity identity;
    HashHeadOf(*log->file, kHeadLimit, &identity);
    if (!found && StillHolds(*log->file, position) == Holds::kYes) {
      found = SavedPositions::Sibling{path, std::move(*log)};
    } else if (file.IsBeginOf(*log->file, identity)) {
      done_[inode] = stat.modified;
      TellCopy(*log, identity, file, path);
    }
  }
  return found;
}

}  // namespace hctail
