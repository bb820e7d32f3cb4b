// SPDX-License-Identifier: Apache-2.0
#include "tail/saved_positions.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/fingerprint.h"

namespace hctail {
namespace {

bool SameInode(const FileStat& stat, const FileIdentity& identity) {
  return stat.device == identity.device && stat.inode == identity.inode;
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Many logs begin with the same short banner.
bool KnownByContent(const SavedFile& saved) {
  return saved.identity.head_length == kHeadLimit && saved.tail_length > 0;
}

}  // namespace

SavedPositions::SavedPositions(FileSystem& files, std::vector<SavedFile> saved) : files_(files) {
  for (SavedFile& file : saved) AddEntry({std::move(file)});
}

void SavedPositions::AddEntry(Entry entry) {
  const FileIdentity& identity = entry.saved.identity;
  by_inode_.emplace(identity.inode, next_);
  if (identity.head_length == kHeadLimit) by_head_.emplace(identity.head_hash, next_);
  entries_.emplace(next_++, std::move(entry));
}

void SavedPositions::Erase(Entries::iterator it) {
  const FileIdentity& identity = it->second.saved.identity;
  const auto is_it = [&](const auto& item) { return item.second == it->first; };
  for (const auto& [index, value] :
       {std::pair(&by_inode_, identity.inode), std::pair(&by_head_, identity.head_hash)}) {
    const auto [begin, end] = index->equal_range(value);
    if (const auto found = std::find_if(begin, end, is_it); found != end) index->erase(found);
  }
  if (it->second.key != 0) --closed_;
  entries_.erase(it);
}

std::vector<SavedFile> SavedPositions::unclaimed() const {
  std::vector<SavedFile> saved;
  for (const auto& [number, entry] : entries_) {
    if (entry.key == 0 && !entry.saved.gone) saved.push_back(entry.saved);
  }
  return saved;
}

bool SavedPositions::AnyPath(const std::function<bool(const std::string&)>& test) const {
  return std::ranges::any_of(entries_,
                             [&](const auto& item) { return test(item.second.saved.path); });
}

void SavedPositions::AddClosed(SavedFile saved, FileKey key) {
  saved.gone = true;
  AddEntry({std::move(saved), key});
  if (++closed_ <= kMostClosed) return;
  Erase(std::ranges::find_if(entries_, [](const auto& item) { return item.second.key != 0; }));
}

// Those whose content the file may hold: by its head, or, if it is packed, any.
std::vector<SavedPositions::Entries::iterator> SavedPositions::Candidates(
    const OpenedLog& log, const FileIdentity& identity) {
  std::vector<Entries::iterator> found;
  if (log.packed) {
    for (auto it = entries_.begin(); it != entries_.end(); ++it) found.push_back(it);
    return found;
  }
  if (identity.head_length < kHeadLimit) return found;
  const auto [begin, end] = by_head_.equal_range(identity.head_hash);
  for (auto it = begin; it != end; ++it) found.push_back(entries_.find(it->second));
  return found;
}

SavedPositions::Claimed SavedPositions::Claim(OpenedLog& log, const FileIdentity& identity,
                                              const std::string& path,
                                              const std::function<bool(FileKey)>& settled) {
  if (log.packed && identity.head_length < kHeadLimit) {
    char next = 0;
    const auto n = log.file->ReadAt(identity.head_length, &next, 1);
    if (!n && n.error() == EAGAIN) return {Holds::kNotYet};
  }
  auto found = entries_.end();
  const auto [begin, end] = by_inode_.equal_range(log.stat.inode);
  for (auto at = begin; at != end; ++at) {
    const auto it = entries_.find(at->second);
    const SavedFile& saved = it->second.saved;
    if (SameInode(log.stat, saved.identity) &&
        (found == entries_.end() || saved.id >= found->second.saved.id) &&
        StillHolds(*log.file, saved) == Holds::kYes) {
      found = it;
    }
  }
  // Of an inode of which nothing was read the number says little.
  if (found == entries_.end() || found->second.saved.offset == 0) {
    for (const auto it : Candidates(log, identity)) {
      const SavedFile& saved = it->second.saved;
      const Holds holds = HoldsContentOf(saved, log, identity, path);
      if (holds == Holds::kNotYet) return {Holds::kNotYet};
      if (holds != Holds::kYes || (!saved.gone && StandsAtItsPath(saved))) continue;
      found = it;
      break;
    }
  }
  if (found == entries_.end()) return {};
  const FileKey key = found->second.key;
  if (key != 0 && !settled(key)) return {Holds::kNotYet};
  Claimed claimed = {Holds::kYes, found->second.saved, key};
  Erase(found);
  return claimed;
}

std::optional<SavedFile> SavedPositions::TakeWhole(const FileIdentity& identity, int64_t modified) {
  const auto [begin, end] = by_inode_.equal_range(identity.inode);
  for (auto at = begin; at != end; ++at) {
    SavedFile& saved = entries_.at(at->second).saved;
    if (saved.whole != modified || saved.identity != identity) continue;
    SavedFile found = saved;
    saved.gone = true;
    return found;
  }
  return std::nullopt;
}

uint64_t SavedPositions::FurthestOf(const FileIdentity& identity) const {
  uint64_t furthest = 0;
  if (identity.head_length < kHeadLimit) return furthest;
  const auto [begin, end] = by_head_.equal_range(identity.head_hash);
  for (auto at = begin; at != end; ++at) {
    furthest = std::max(furthest, entries_.at(at->second).saved.offset);
  }
  return furthest;
}

void SavedPositions::PutBack(Claimed claimed) {
  if (claimed.key != 0) ++closed_;
  AddEntry({std::move(claimed.saved), claimed.key});
}

// Short files are known by their content only if they were packed, whole, under a name of theirs.
Holds SavedPositions::HoldsContentOf(const SavedFile& saved, OpenedLog& log,
                                     const FileIdentity& identity, const std::string& path) {
  if (KnownByContent(saved) && saved.identity.head_hash != identity.head_hash) return Holds::kNo;
  bool family = false;
  bool beside = false;
  for (const std::string& own : PathsOf(files_, saved.path)) {
    if (!SameFamily(NameOf(own), NameOf(path))) continue;
    family = true;
    beside = beside || FolderOf(own) == FolderOf(path);
  }
  // Of a file that is still expected, any name will do; of one that is gone, another file that
  // begins alike is no rarity.
  if (KnownByContent(saved) && (family || !saved.gone)) return StillHolds(*log.file, saved);
  if (!log.packed || saved.offset == 0 || saved.identity.head_length == 0 || !beside) {
    return Holds::kNo;
  }
  const Holds holds = StillHolds(*log.file, saved);
  return holds == Holds::kYes ? EndsAt(*log.file, saved) : holds;
}

// If so, another file with this content is a copy.
bool SavedPositions::StandsAtItsPath(const SavedFile& saved) {
  const auto there = files_.Stat(saved.path);
  if (!there || !SameInode(*there, saved.identity)) return false;
  const auto opened = OpenLog(files_, saved.path);
  if (!opened) return false;
  if (!opened->packed) return StillHolds(*opened->file, saved) == Holds::kYes;
  FileIdentity identity;  // packed files are not written to in place
  HashHeadOf(*opened->file, kHeadLimit, &identity);
  return identity.head_hash == saved.identity.head_hash;
}

std::optional<SavedPositions::Sibling> SavedPositions::OpenSibling(
    const SavedFile& saved, const std::function<bool(const FileStat&)>& known) {
  // A rename to any other name is found by the inode; a copy by what it is called.
  Listing siblings;
  const std::vector<std::string> own_paths = PathsOf(files_, saved.path);
  for (const std::string& own : own_paths) {
    for (const std::string& name : files_.List(FolderOf(own))) {
      std::string path = Beside(own, name);
      const auto stat = files_.Stat(path);
      if (stat && stat->type == FileStat::Type::kRegular)
        siblings.emplace_back(std::move(path), *stat);
    }
  }
  const auto family = [&](const std::string& path) {
    return std::ranges::any_of(
        own_paths, [&](const std::string& own) { return SameFamily(NameOf(own), NameOf(path)); });
  };
  for (const bool by_inode : {true, false}) {
    for (const auto& [path, stat] : siblings) {
      if (known(stat) || by_inode != SameInode(stat, saved.identity)) continue;
      if (!by_inode && !family(path)) continue;
      auto opened = OpenLog(files_, path);
      if (!opened || known(opened->stat)) continue;
      FileIdentity identity;
      HashHeadOf(*opened->file, kHeadLimit, &identity);
      const Holds holds = by_inode ? StillHolds(*opened->file, saved)
                                   : HoldsContentOf(saved, *opened, identity, path);
      if (holds == Holds::kYes) return Sibling{path, std::move(*opened)};
    }
  }
  return std::nullopt;
}

void SavedPositions::MarkGoneIf(const std::function<bool(const SavedFile&)>& gone) {
  for (auto& [number, entry] : entries_) {
    if (entry.key == 0 && !entry.saved.gone) entry.saved.gone = gone(entry.saved);
  }
}

}  // namespace hctail
