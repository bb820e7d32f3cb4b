// SPDX-License-Identifier: Apache-2.0
#include "tail/saved_positions.h"

#include <algorithm>

#include "base/fingerprint.h"
#include "tail/tailed_file.h"

namespace hctail {
namespace {

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool SameInode(const FileStat& stat, const FileIdentity& identity) {
  return stat.device == identity.device && stat.inode == identity.inode;
}

// Many logs begin with the same short banner.
bool KnownByContent(const SavedFile& saved) {
  return saved.identity.head_length == kHeadLimit && saved.tail_length > 0;
}

}  // namespace

std::optional<SavedFile> SavedPositions::Claim(OpenFile& file, const FileIdentity& identity) {
  auto found = unclaimed_.end();
  for (auto it = unclaimed_.begin(); it != unclaimed_.end(); ++it) {
    if (it->identity.device == identity.device && it->identity.inode == identity.inode &&
        (found == unclaimed_.end() || it->id > found->id) && StillHolds(file, *it)) {
      found = it;
    }
  }
  if (found == unclaimed_.end() && identity.head_length == kHeadLimit) {
    found = std::ranges::find_if(unclaimed_, [&](const SavedFile& saved) {
      return KnownByContent(saved) && saved.identity.head_hash == identity.head_hash &&
             StillHolds(file, saved) && !StandsAtItsPath(saved);
    });
  }
  if (found == unclaimed_.end()) return std::nullopt;
  std::optional<SavedFile> claimed = std::move(*found);
  unclaimed_.erase(found);
  return claimed;
}

// If so, another file with this content is a copy.
bool SavedPositions::StandsAtItsPath(const SavedFile& saved) {
  const auto there = files_.Stat(saved.path);
  if (!there || !SameInode(*there, saved.identity)) return false;
  const auto opened = files_.Open(saved.path);
  return opened && StillHolds(**opened, saved);
}

std::optional<SavedPositions::Sibling> SavedPositions::OpenSibling(
    const SavedFile& saved, const std::function<bool(const FileStat&)>& known) {
  const std::string folder = ParentOf(saved.path);
  const auto [siblings, is_new] = siblings_.try_emplace(folder);
  if (is_new) siblings->second = List(folder);
  for (const bool by_inode : {true, false}) {
    if (!by_inode && !KnownByContent(saved)) break;
    for (const auto& [path, stat] : siblings->second) {
      if (stat.size < saved.offset || known(stat)) continue;
      if (by_inode && !SameInode(stat, saved.identity)) continue;
      auto opened = files_.Open(path);
      if (!opened || !StillHolds(**opened, saved)) continue;
      const auto now = (*opened)->Stat();
      if (now && !known(*now)) return Sibling{std::move(*opened), *now};
    }
  }
  return std::nullopt;
}

bool SavedPositions::SiblingsChanged() {
  bool changed = false;
  for (auto& [folder, before] : siblings_) {
    Listing now = List(folder);
    changed |= !std::ranges::equal(before, now, [](const auto& a, const auto& b) {
      return a.first == b.first && a.second.inode == b.second.inode;
    });
    before = std::move(now);
  }
  return changed;
}

SavedPositions::Listing SavedPositions::List(const std::string& folder) {
  Listing listing;
  for (std::string& path : files_.Glob(EscapeGlob(folder) + "/*")) {
    const auto stat = files_.Stat(path);
    if (!stat || stat->type != FileStat::Type::kRegular) continue;
    listing.emplace_back(std::move(path), *stat);
  }
  return listing;
}

}  // namespace hctail
