// SPDX-License-Identifier: Apache-2.0
// Positions of files that are not open: of an earlier run, and of files that were closed in this
// one; and how a file is recognised.
//
// The inode decides first, if the file still holds what it held; of several positions with it, the
// newest (an older one is of a generation that was truncated).  A file that moved to another inode
// (copied or packed by a rotation, restored from a backup) is known by its content, if that is
// enough not to be there by chance: a wrong guess loses lines, a missed one only sends them twice.
//
// Owned and stepped by the Tailer.  Tested by saved_positions_test.cc.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/saved_file.h"
#include "base/span.h"
#include "tail/file_system.h"
#include "tail/identity.h"
#include "tail/log_family.h"

namespace hctail {

class SavedPositions {
 public:
  static constexpr size_t kMostClosed = 1000;

  SavedPositions(FileSystem& files, std::vector<SavedFile> saved);

  // What was not claimed yet of an earlier run, but for what was gone by then.
  std::vector<SavedFile> unclaimed() const;
  // `test` is true for the path of one of them, or of one that is gone.
  bool AnyPath(const std::function<bool(const std::string&)>& test) const;

  // A file that was read as `key` is closed; of the oldest ones nothing is kept.
  void AddClosed(SavedFile saved, FileKey key);

  struct Claimed {
    Holds holds = Holds::kNo;
    SavedFile saved = {};  // kYes: the position of this file, which is then no longer here
    FileKey key = 0;       // if it was closed in this run
  };
  // `settled` tells whether all that was read of a closed file is settled: until then its position
  // is not to be had, and the answer is kNotYet.
  Claimed Claim(OpenedLog& log, const FileIdentity& identity, const std::string& path,
                const std::function<bool(FileKey)>& settled);

  // The position of a packed file that was read to its end and was changed last at `modified`.  It
  // stays here, as one that is gone.
  std::optional<SavedFile> TakeWhole(const FileIdentity& identity, int64_t modified);
  // The largest offset of those that begin with a full head like `identity`'s.
  uint64_t FurthestOf(const FileIdentity& identity) const;

  // As if it had not been claimed.
  void PutBack(Claimed claimed);

  // Opens what `saved` tells of, if it stands beside its old path by now: as the same inode or,
  // after a copytruncate, as the same content.  Files for which `known` is true are left out.
  struct Sibling {
    std::string path;
    OpenedLog log;
  };
  std::optional<Sibling> OpenSibling(const SavedFile& saved,
                                     const std::function<bool(const FileStat&)>& known);

  // Those of an earlier run for which `gone` is true are not expected any more.
  void MarkGoneIf(const std::function<bool(const SavedFile&)>& gone);

  // The inode of `saved` is at its path, and holds what it held.
  bool StandsAtItsPath(const SavedFile& saved);

 private:
  struct Entry {
    SavedFile saved;
    FileKey key = 0;  // of a file that was closed in this run
  };
  using Entries = std::map<uint64_t, Entry>;  // by when they came

  void AddEntry(Entry entry);
  void Erase(Entries::iterator it);
  std::vector<Entries::iterator> Candidates(const OpenedLog& log, const FileIdentity& identity);
  Holds HoldsContentOf(const SavedFile& saved, OpenedLog& log, const FileIdentity& identity,
                       const std::string& path);

  FileSystem& files_;
  Entries entries_;
  uint64_t next_ = 0;
  std::unordered_multimap<uint64_t, uint64_t> by_inode_;
  std::unordered_multimap<uint64_t, uint64_t> by_head_;  // of full heads
  size_t closed_ = 0;                                    // entries with a key
};

}  // namespace hctail
