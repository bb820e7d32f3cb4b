// SPDX-License-Identifier: Apache-2.0
// The positions of an earlier run for which no file was found yet, and how a file is recognised.
//
// The inode decides first, if the file still holds what it held; of several positions with it, the
// newest (an older one is of a generation that was truncated).  A file that moved to another inode
// (copied by a rotation, restored from a backup) is known by its content, if that is enough not to
// be there by chance: a wrong guess loses lines, a missed one only sends them twice.
//
// Owned and stepped by the Tailer.  Tested by saved_positions_test.cc.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/saved_file.h"
#include "tail/file_system.h"

namespace hctail {

class SavedPositions {
 public:
  SavedPositions(FileSystem& files, std::vector<SavedFile> saved)
      : files_(files), unclaimed_(std::move(saved)) {}

  const std::vector<SavedFile>& unclaimed() const { return unclaimed_; }

  // The position of this file, which is then no longer unclaimed.
  std::optional<SavedFile> Claim(OpenFile& file, const FileIdentity& identity);

  // Opens what `saved` tells of, if it stands beside its old path by now: as the same inode or,
  // after a copytruncate, as the same content.  Files for which `known` is true are left out.
  struct Sibling {
    std::unique_ptr<OpenFile> file;
    FileStat stat;
  };
  std::optional<Sibling> OpenSibling(const SavedFile& saved,
                                     const std::function<bool(const FileStat&)>& known);

  // Something was renamed beside them since the first OpenSibling, which may have missed it: ask
  // again.
  bool SiblingsChanged();

  // Removes the unclaimed positions for which `gone` is true.
  void EraseIf(const std::function<bool(const SavedFile&)>& gone) {
    std::erase_if(unclaimed_, gone);
  }

 private:
  bool StandsAtItsPath(const SavedFile& saved);
  // What is in a folder: path and stat.
  using Listing = std::vector<std::pair<std::string, FileStat>>;
  Listing List(const std::string& folder);

  FileSystem& files_;
  std::vector<SavedFile> unclaimed_;
  std::map<std::string, Listing> siblings_;  // by folder
};

}  // namespace hctail
