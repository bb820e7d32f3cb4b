// SPDX-License-Identifier: Apache-2.0
// Where each file would be resumed, kept on disk so that kill -9 costs nothing and a power loss
// costs at most the last second.
//
// A state directory holds:
//   lock            flock'ed while a hctail runs; holds its pid
//   checkpoint      a snapshot, replaced atomically
//   checkpoint.log  what changed since, appended by one write() per change, never rewritten
// Both files are text, a line a record, each with its XXH3 checksum; the first line names the
// format version and the snapshot the log belongs to.  A torn, corrupt or foreign line ends the
// log; what stands before it counts.  An unreadable snapshot falls back to the one before
// (checkpoint.old) and the caller is told what that may resend.
//
// Not thread-safe, except Sync.  Tested by checkpoint_file_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace hctail {

// Who a file is (design: device and inode, and content).
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint32_t head_length = 0;  // how many first bytes head_hash covers, at most 1024
  uint64_t head_hash = 0;    // XXH3_64bits of them

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// One saved position.
struct SavedFile {
  uint64_t id = 0;  // this entry's number in the checkpoint, assigned by Add
  std::string path;
  FileIdentity identity;
  uint64_t offset = 0;       // everything before it is settled
  uint32_t tail_length = 0;  // bytes before `offset` that tail_hash covers, at most 64
  uint64_t tail_hash = 0;    // XXH3_64bits of them
  int64_t updated = 0;       // Unix seconds of the last change
};

class CheckpointFile {
 public:
  enum class Access { kReadOnly, kExclusive };

  // Loads `directory` (created with its parents if kExclusive and missing; mode 0700).
  // kExclusive takes the lock; an error names the directory, the pid that holds it and what to do.
  // What was found damaged is appended to `warnings`, in words.
  static Result<std::unique_ptr<CheckpointFile>> Open(const std::string& directory, Access access,
                                                      std::vector<std::string>* warnings);
  ~CheckpointFile();
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;

  // All entries, by id.
  const std::map<uint64_t, SavedFile>& files() const { return files_; }

  // Each of these writes its change at once, without fsync, and nothing if nothing changed.
  // On an error (disk full) the change is kept in memory and written, with all others, by the
  // next call that can; the file on disk stays valid all the while.
  uint64_t Add(SavedFile file, Status* written);  // returns the new id, also on a disk error
  Status SetIdentity(uint64_t id, const std::string& path, const FileIdentity& identity);
  Status Advance(uint64_t id, uint64_t offset, uint32_t tail_length, uint64_t tail_hash,
                 int64_t now);
  Status Forget(uint64_t id);

  // fsync if anything was written since the last call.  May be called from another thread.
  Status Sync();

 private:
  CheckpointFile();
  struct Rep;
  std::unique_ptr<Rep> rep_;
  std::map<uint64_t, SavedFile> files_;
};

}  // namespace hctail
