// SPDX-License-Identifier: Apache-2.0
// How the Tailer finds files and recognises them.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "base/fingerprint.h"
#include "tail/identity.h"
#include "tail/tailer.h"

namespace hctail {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr Duration kScanInterval = std::chrono::seconds(10);
constexpr Duration kBlindScanInterval = std::chrono::seconds(1);
// A copy that did not change for so long is whole; and no file is waited for longer than the other.
constexpr Duration kUnchangedFor = std::chrono::milliseconds(200);
constexpr Duration kYoungFor = std::chrono::seconds(1);
// Of the reader's time, scanning takes at most one part in this many.
constexpr int kScanShare = 20;

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }
uint64_t FamilyKeyOf(const std::string& path) {
  return HashBytes(Beside(path, FamilyNameOf(NameOf(path))));
}

// It can be read, but never grows: each read of it would look like a truncation.
bool HasNoSize(OpenFile& file) {
  const auto stat = file.Stat();
  return stat && stat->size == 0;
}

}  // namespace

bool Tailer::Excluded(const std::string& path) const {
  return std::ranges::any_of(options_.exclude, [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
  });
}

// Positions of other files may be in the same checkpoint.
bool Tailer::Wanted(const std::string& path) const {
  return !Excluded(path) &&
         std::ranges::any_of(patterns_, [&](const auto& pattern) { return pattern.Matches(path); });
}

// Watches every directory in which a matching file could appear; false if one cannot be.
bool Tailer::WatchDirectories() {
  bool all = true;
  for (const PathPattern& pattern : patterns_) {
    for (const std::string& directory : pattern.Directories(files_, &all)) {
      all &= watcher_.WatchDirectory(directory);
    }
  }
  for (const std::string& link : links_) {
    for (const std::string& target : files_.TargetsOfLink(link)) {
      all &= watcher_.WatchDirectory(FolderOf(target));
    }
  }
  return all;
}

void Tailer::Scan(Instant now) {
  scan_due_ = false;
  ++scan_;
  // First the watches, then the look: a file that comes in between is seen by either.
  directories_watched_ = !options_.stop_at_end && WatchDirectories();
  // Older generations are known before newer ones, so that who is killed in between misses none.
  const bool first = !std::exchange(claimed_, claimed_ || !options_.stop_at_end);
  if (first && !options_.stop_at_end) ClaimRotatedWhileDown();
  for (const PathPattern& pattern : patterns_) ScanPattern(pattern);
  OrphanUnfound(now);
  if (first && !options_.stop_at_end) {
    ClaimRotatedWhileDown();  // what was renamed meanwhile
    newest_.clear();
    ReportGone();
  }
  CloseGaps(now);
  KeepUnpacking();
  scanned_ = true;
  const Instant end = clock_.Now();
  next_scan_ = end + (directories_watched_ ? kScanInterval : kBlindScanInterval);
  if (!young_.empty()) next_scan_ = end + kUnchangedFor;
  std::erase_if(young_, [&](const auto& young) { return end - young.second.seen > 2 * kYoungFor; });
  scan_not_before_ = end + (end - now) * kScanShare;
}

void Tailer::ScanPattern(const PathPattern& pattern) {
  Listing found;
  for (std::string& path : pattern.Expand(files_)) {
    if (Excluded(path)) continue;
    if (options_.own && options_.own(path)) {
      if (told_.insert(path).second) {
        log_.Info(fmt::format("skipping '{}': hctail writes it itself", path));
      }
      continue;
    }
    const auto stat = files_.Stat(path);
    if (!stat) NoteLink(path);
    if (!stat && stat.error() != ENOENT && stat.error() != ELOOP)
      TellUnreadable(path, ErrnoText(stat.error()));
    if (stat && stat->type != FileStat::Type::kDirectory)
      found.emplace_back(std::move(path), *stat);
  }
  if (found.empty() && !pattern.has_wildcard() && !options_.stop_at_end &&
      told_.insert(pattern.text()).second) {
    log_.Info(fmt::format("waiting for '{}' to appear", pattern.text()));
  }
  if (options_.stop_at_end) {
    std::ranges::stable_sort(found, {}, [](const auto& item) { return item.second.modified; });
  }
  for (const auto& [path, stat] : found) ScanPath(path, stat);
}

void Tailer::ScanPath(const std::string& path, const FileStat& stat) {
  if (stat.type == FileStat::Type::kOther) {
    if (told_.insert(path).second) {
      log_.Warn(fmt::format("skipping '{}': not a regular file", path),
                "To read a pipe, give it on standard input: hctail -f - < PIPE");
    }
    return;
  }
  const Inode inode(stat.device, stat.inode);
  if (const auto it = open_.find(inode); it != open_.end()) {
    FoundAgain(it->second.get(), path, stat);
    return;
  }
  if (IsKnown(stat)) return;
  done_.erase(inode);  // it has changed, or is another file
  copies_.erase(inode);
  if (options_.stop_at_end) {
    backlog_.push_back(path);
    return;
  }
  // What stood there before: between it and this one others may have come and gone.
  const auto [begin, end] = by_path_.equal_range(path);
  const auto before =
      std::find_if(begin, end, [](const auto& item) { return !item.second->orphan; });
  if (before != end) {
    NoteGap(path, before->second->modified_at_path);
    FolderNames folders(files_);
    CloseGap(path, gaps_.at(path), &folders);
  }
  Open(path);
}

void Tailer::FoundAgain(TailedFile* file, const std::string& path, const FileStat& stat) {
  if (file->orphan) {
    file->orphan = false;
    file->last_look = false;
    --orphans_;
  }
  // Of several paths to one file (hard links, overlapping patterns) the first one found counts.
  if (file->scan != scan_ && file->path() != path) {
    if (file->came_from.empty()) file->came_from = file->path();
    SetPath(file, path);
    listener_.OnIdentity(file->key(), path, file->identity());
  }
  if (file->scan != scan_) file->file().SetPath(path);
  file->scan = scan_;
  // What is written through a mapping is not announced.
  if (file->modified_at_path != stat.modified) MarkReady(file);
  file->modified_at_path = stat.modified;
  if (std::exchange(file->missing, false)) MarkReady(file);
}

// The number of an inode is soon given to another file.
bool Tailer::IsKnown(const FileStat& stat) const {
  const Inode inode(stat.device, stat.inode);
  if (open_.contains(inode)) return true;
  const auto done = done_.find(inode);
  if (done != done_.end() && (options_.stop_at_end || done->second == stat.modified)) return true;
  const auto copy = copies_.find(inode);
  return copy != copies_.end() && copy->second == std::pair(stat.size, stat.modified);
}

// What a link leads to is renamed and made in another folder.
void Tailer::NoteLink(const std::string& path) {
  if (options_.stop_at_end || files_.TargetsOfLink(path).empty()) return;
  if (links_.insert(path).second) scan_due_ = true;  // with its folders watched
}

void Tailer::Open(const std::string& path) {
  NoteLink(path);
  auto log = OpenLog(files_, path);
  if (!log && log.error() == EAGAIN && options_.stop_at_end) return;  // an empty packed file
  if (log) {
    if (log->stat.type != FileStat::Type::kRegular || IsKnown(log->stat)) return;
    // Without its content it cannot be recognised: not followed before it can be read.
    char first = 0;
    const auto n = log->file->ReadAt(0, &first, 1);
    if (n && *n > 0 && log->stat.size == 0 && !log->packed && HasNoSize(*log->file)) {
      TellUnreadable(path, "it has no size, as files in /proc");
      return;
    }
    if (n || n.error() == EAGAIN || (log->packed && options_.stop_at_end)) {
      told_.erase(path);
      Follow(*log, {.path = path, .found_at = path, .at_start = !scanned_});
      return;
    }
    log = std::unexpected(n.error());
  }
  if (options_.stop_at_end || (log.error() != ENOENT && log.error() != EAGAIN)) {
    TellUnreadable(path, ErrnoText(log.error()));
  }
}

void Tailer::TellUnreadable(const std::string& path, const std::string& why) {
  if (options_.stop_at_end) {
    listener_.OnUnreadable(path, why);
  } else if (told_.insert(path).second) {
    log_.Warn(fmt::format("cannot read '{}': {}", path, why), "It is tried again at every scan.");
  }
}

// Takes log.file if it is to be read.
void Tailer::Follow(OpenedLog& log, const Begin& begin) {
  FileIdentity identity{.device = log.stat.device, .inode = log.stat.inode};
  HashHeadOf(*log.file, kHeadLimit, &identity);
  if (log.packed && (IsWhole(log, identity) || UnpackAhead(log, identity, begin))) return;
  const Inode inode(identity.device, identity.inode);
  SavedPositions::Claimed claimed =
      saved_.Claim(log, identity, begin.found_at,
                   [this](FileKey key) { return options_.stop_at_end || listener_.Settled(key); });
  if (claimed.holds == Holds::kNotYet && !options_.stop_at_end) return;  // at the next scan
  // That of an inode of which nothing was read says less than an open file with this content.
  if (log.packed && claimed.holds == Holds::kYes && claimed.saved.offset == 0) {
    const auto [source, whole] = CopiedFrom(log, identity, begin);
    if (source != nullptr || !whole) saved_.PutBack(std::exchange(claimed, {}));
  }
  uint64_t offset = claimed.saved.offset;
  bool at_last_line = false;
  if (claimed.holds != Holds::kYes) {
    const auto [source, whole] = CopiedFrom(log, identity, begin);
    if (source == nullptr && (!whole || MayBecomeCopy(log, begin))) return;
    if (source == nullptr) {
      at_last_line = !log.packed && !IsNews(begin);
      offset = at_last_line ? log.stat.size : 0;
      if (log.packed && !IsNews(begin)) {  // it has ended before hctail came
        done_[inode] = log.stat.modified;
        return;
      }
    } else if (!IsMore(log, *source)) {
      copies_[inode] = {log.stat.size, log.stat.modified};
      if (log.packed) TellCopy(log, identity, *source, begin.found_at);
      return;
    } else if (source->path() == begin.found_at) {
      Move(source, std::move(log));  // it was saved by an editor
      return;
    } else if (!listener_.Settled(source->key())) {
      return;  // at the next scan
    } else {
      offset = source->offset();
    }
  } else if (begin.orphan && begin.from_start && claimed.saved.gone && !log.packed &&
             log.stat.size <= claimed.saved.offset) {
    left_[inode] = log.stat.modified;  // it was read, and nothing was written to it since
    saved_.PutBack(std::move(claimed));
    return;
  } else if (log.packed && EndsAt(*log.file, claimed.saved) == Holds::kYes) {
    log_.Info(
        fmt::format("'{}' holds what was read from '{}'", begin.found_at, claimed.saved.path));
    listener_.OnPacked(claimed.saved, begin.found_at, identity, log.stat.modified);
    done_[inode] = log.stat.modified;
    claimed.saved.identity = identity;  // gzip sets its time last of all
    claimed.saved.gone = true;
    saved_.PutBack(std::move(claimed));
    return;
  }
  // While a closed file is not settled its entry is still its own.
  const uint64_t saved_id = options_.stop_at_end && claimed.key != 0 ? 0 : claimed.saved.id;
  auto file = std::make_unique<TailedFile>(NewFileKey(), begin.path, std::move(log.file), identity,
                                           offset, options_.lines);
  if (at_last_line) offset = file->TakeLineWhole();
  file->modified_at_path = log.stat.modified;
  Add(std::move(file), begin, saved_id, offset, begin.orphan ? log.stat.modified / kSecond : 0);
}

void Tailer::SetPath(TailedFile* file, const std::string& path) {
  ErasePath(file);
  file->set_path(path);
  EnterPath(file);
  listener_.OnGap(file->key(), GapSince(path));
}

void Tailer::EnterPath(TailedFile* file) {
  by_path_.emplace(file->path(), file);
  by_family_.emplace(FamilyKeyOf(file->path()), file);
}

void Tailer::ErasePath(TailedFile* file) {
  const auto erase_from = [&](auto& index, const auto& key) {
    const auto [begin, end] = index.equal_range(key);
    const auto found =
        std::find_if(begin, end, [&](const auto& item) { return item.second == file; });
    if (found != end) index.erase(found);
  };
  erase_from(by_path_, file->path());
  erase_from(by_family_, FamilyKeyOf(file->path()));
}

void Tailer::Add(std::unique_ptr<TailedFile> owned, const Begin& begin, uint64_t saved_id,
                 uint64_t offset, int64_t as_of) {
  TailedFile* const file = owned.get();
  file->scan = scan_;
  file->orphan = begin.orphan;
  file->last_read = clock_.Now();
  file->head_due = offset > 0;
  if (begin.orphan) ++orphans_;
  EnterPath(file);
  open_.emplace(Inode(file->identity().device, file->identity().inode), std::move(owned));
  by_key_[file->key()] = file;
  listener_.OnOpened({.file = file->key(),
                      .path = file->path(),
                      .identity = file->identity(),
                      .offset = offset,
                      .saved_id = saved_id,
                      .as_of = as_of,
                      .gap_since = GapSince(file->path()),
                      .packed = file->packed(),
                      .live = !options_.stop_at_end,
                      .present_at_start = options_.stop_at_end || begin.at_start});
  if (!options_.stop_at_end) {
    file->watched = watcher_.WatchFile(file->key(), file->file().descriptor());
    if (!file->watched) ++unwatched_;
  }
  MarkReady(file);
}

// Open files of which a rotation could have made a copy there, or that stand there.  A `packed` one
// is made after the files were renamed, perhaps since the last look.
std::vector<TailedFile*> Tailer::PossibleOriginals(const Begin& there, bool packed) const {
  std::vector<TailedFile*> originals;
  const auto add = [&](const auto& index, const auto& key) {
    const auto [begin, end] = index.equal_range(key);
    for (auto it = begin; it != end; ++it) {
      if (std::ranges::find(originals, it->second) == originals.end()) {
        originals.push_back(it->second);
      }
    }
  };
  // Behind a symbolic link it is not called as that is.
  for (const std::string& path : {there.found_at, there.path}) {
    if (packed) {
      add(by_family_, FamilyKeyOf(path));
      continue;
    }
    for (const std::string& name : OriginalsOf(NameOf(path))) add(by_path_, Beside(path, name));
  }
  return originals;
}

// The open file of which this one holds all that was read: a rotation that will truncate that one
// is under way, or an editor has saved it, or somebody copied it.
Tailer::Copied Tailer::CopiedFrom(OpenedLog& log, const FileIdentity& identity,
                                  const Begin& begin) {
  bool whole = true;
  for (TailedFile* const file : PossibleOriginals(begin, log.packed)) {
    const SavedFile position = file->Position();
    const FileIdentity& own = position.identity;
    const bool long_head = own.head_length == kHeadLimit;
    if (own.head_length == 0 || (long_head && own.head_hash != identity.head_hash)) continue;
    if (position.offset == 0) {
      whole &= !log.packed || !long_head;  // seen once something is read of the file
      continue;
    }
    if (long_head && file->IsBeginOf(*log.file, identity)) return {file};
    const Holds holds = StillHolds(*log.file, position);
    whole &= holds != Holds::kNotYet;
    if (holds != Holds::kYes) continue;
    if (long_head) return {file};
    // A short head says little: then it has to end where that file does, or to replace it.
    const auto stat = file->file().Stat();
    const bool replaced = file->path() == begin.found_at && stat && stat->links == 0;
    if (replaced || EndsAt(*log.file, position) == Holds::kYes) return {file};
  }
  return {nullptr, whole};
}

// It has just been made, by a name that a copy of an open file would have: whether it is one is
// seen when it is whole, or has not changed for a while.
bool Tailer::MayBecomeCopy(const OpenedLog& log, const Begin& begin) {
  if (options_.stop_at_end || begin.at_start) return false;
  const FileStat& stat = log.stat;
  const std::vector<TailedFile*> originals = PossibleOriginals(begin, log.packed);
  if (std::ranges::all_of(originals,
                          [&](TailedFile* file) { return file->path() == begin.found_at; })) {
    return false;
  }
  const Inode inode(stat.device, stat.inode);
  const Instant now = clock_.Now();
  const auto [it, is_new] = young_.try_emplace(inode, stat.size, stat.modified, now, now);
  Young& young = it->second;
  if (young.size != stat.size || young.modified != stat.modified) {
    young.size = stat.size;
    young.modified = stat.modified;
    young.changed = now;
  }
  if (now - young.changed < kUnchangedFor && now - young.seen < kYoungFor) return true;
  young_.erase(it);
  return false;
}

// Than a copy of `source`.  Whoever packs a file removes it: all else that is written to it is in
// `source`.
bool Tailer::IsMore(OpenedLog& log, TailedFile& source) {
  if (log.packed && !source.packed()) return false;
  const auto stat = source.file().Stat();
  if (!stat || stat->links == 0 || log.packed) return stat && stat->links == 0;
  return log.stat.size > stat->size && stat->size >= source.offset();
}

void Tailer::OrphanUnfound(Instant now) {
  for (const auto& [inode, file] : open_) {
    if (file->scan == scan_ || file->orphan) continue;
    file->orphan = true;
    file->last_read = now;
    ++orphans_;
    MarkReady(file.get());
    if (!options_.stop_at_end) {
      NoteGap(file->path(), file->modified_at_path);
    }
  }
}

// All that is in it is to be read.
bool Tailer::IsNews(const Begin& begin) const {
  if (begin.from_start || options_.read_from == ReadFrom::kBeginning || options_.stop_at_end ||
      !begin.at_start) {
    return true;
  }
  // Another file took a path that was followed before, or a new one joined a known pattern: it came
  // while hctail was down.
  return options_.read_from == ReadFrom::kLast &&
         std::ranges::any_of(
             followed_, [&](const PathPattern* pattern) { return pattern->Matches(begin.path); });
}

}  // namespace hctail
