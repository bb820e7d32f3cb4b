// SPDX-License-Identifier: Apache-2.0
// Where each file would be resumed, kept on disk so that kill -9 costs nothing and a power loss
// costs at most what came after the last Sync.
//
// A state directory holds:
//   lock                flock'ed while a hctail runs; holds its pid
//   checkpoint          a snapshot, replaced atomically
//   checkpoint.log      what changed since, appended by one write() per change
//   checkpoint.old, checkpoint.log.old   the two before these, for when one of them is damaged
// All are text, a line a record, each with its XXH3 checksum (checkpoint_format.h).  Damaged lines
// are left out and the others count (checkpoint_loader.h); a kill between any two system calls
// leaves files that load (checkpoint_writer.h).
//
// Not thread-safe, except Sync.  Tested by checkpoint_file_test.cc and checkpoint_crash_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "base/saved_file.h"

namespace hctail {

class CheckpointWriter;
struct LoadedState;

class CheckpointFile {
 public:
  enum class Access { kReadOnly, kExclusive };
  static constexpr size_t kMostGone = 1000;

  // Loads `directory` (created with its parents if kExclusive and missing; mode 0700).
  // kExclusive takes the lock; an error names the directory, the pid that holds it and what to do.
  // kReadOnly takes no lock, writes nothing, and finds nothing in a directory that is missing.
  // What was found damaged is appended to `warnings`, in words.  State of a newer format is an
  // error, and is left as it is.
  static Result<std::unique_ptr<CheckpointFile>> Open(const std::string& directory, Access access,
                                                      std::vector<std::string>* warnings);
  // Saves what could not be written before and folds the log, if anything changed or was removed.
  ~CheckpointFile();
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;

  const std::string& directory() const { return directory_; }
  // All entries, by id.
  const std::map<uint64_t, SavedFile>& files() const { return files_; }

  // Each of these writes its change at once, without fsync, and nothing if nothing changed.  An id
  // that is not there is ignored.  Needs kExclusive.
  // On an error (disk full) the change is kept in memory and written, with all others, by the
  // next call that can; the files on disk stay valid all the while.
  uint64_t Add(SavedFile file, Status* written);  // returns the new id, also on a disk error
  Status SetIdentity(uint64_t id, const std::string& path, const FileIdentity& identity);
  // Where `id` would be resumed from now on.
  struct Position {
    uint64_t offset = 0;
    uint32_t tail_length = 0;
    uint64_t tail_hash = 0;
    std::string state = {};
  };
  Status Advance(uint64_t id, Position position, int64_t now);
  // Marks it as gone, or as there again.  Of the gone ones only the newest kMostGone are kept.
  Status SetGone(uint64_t id, bool gone, int64_t now);
  // See SavedFile::gap_since.
  Status SetGap(uint64_t id, int64_t since);
  // See SavedFile::whole.
  Status SetWhole(uint64_t id, int64_t modified);
  // See SavedFile::backfill: it is no longer that.
  Status Keep(uint64_t id);
  Status Forget(uint64_t id);

  // Tries again to write what an error kept in memory, and makes the directory, its lock and its
  // files again if they were removed or moved away; for a timer while nothing else changes.
  Status WriteUnsaved();
  // Everything is where the next start looks for it.
  bool all_saved() const;
  // What was made again since the last call, in words; empty: nothing.
  std::string TakeMended() { return std::exchange(mended_, {}); }

  // Writes everything anew, so that nothing of the files that were found is used any more.
  Status Rewrite();

  // fsync if anything was written since the last call.  May be called from another thread.
  Status Sync();

 private:
  CheckpointFile(std::string directory, Fd lock, LoadedState found, Access access);
  Status Save(uint64_t id, uint64_t saved_offset);
  Status SaveAll();
  Status ForgetOldestGone();
  Status Fold();
  bool InPlace() const;
  Status TakeBack(std::string* what);
  Status FoldIfLarge();
  Error KeptInMemory(Error error) const;

  const std::string directory_;
  Fd lock_;
  std::map<uint64_t, SavedFile> files_;
  uint64_t next_id_ = 1;
  std::unique_ptr<CheckpointWriter> writer_;  // null if kReadOnly
  std::string line_;                          // reused
  // Ids whose last change is not on disk, and the offset that is.
  std::map<uint64_t, uint64_t> unsaved_;
  bool changed_ = false;    // since the last fold
  uint64_t fold_at_ = 0;    // log length
  uint64_t fold_wait_ = 0;  // changes to let pass before a failed fold is tried again
  Error fold_error_;        // of that fold
  std::string mended_;      // see TakeMended
};

}  // namespace hctail
