// SPDX-License-Identifier: Apache-2.0
// One file generation being read: an open descriptor and the offset of the next line.
//
// No bytes are kept between reads: an unfinished last line stays in the file and is read again
// when it has grown, so a quiet file costs its descriptor and this object.  Owned and stepped by
// the Tailer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/saved_file.h"
#include "base/span.h"
#include "base/time.h"
#include "tail/chunk.h"
#include "tail/file_system.h"

namespace hctail {

// Hashes of a file's first `limit` bytes as many as there are and can be read.  0, or an errno if
// these are no more than `identity` covers; then it is left as it was.
int HashHeadOf(OpenFile& file, uint32_t limit, FileIdentity* identity);

// Does the file hold, before `saved.offset`, what it held when that was saved?
bool StillHolds(OpenFile& file, const SavedFile& saved);

class TailedFile {
 public:
  enum class Progress {
    kAtEnd,      // nothing more for now; an unfinished line may be there
    kRoomSpent,  // more is there: call again with an emptier chunk
    kTruncated,  // the file is no longer what was read: Restart
    kFailed,     // cannot be read now; error() tells
  };

  TailedFile(FileKey key, std::string path, std::unique_ptr<OpenFile> file,
             const FileIdentity& identity, uint64_t offset);

  // Whole lines from offset() on, as many as there is room for.  Lines longer than `max_line`
  // come as one kOverlong segment once their end is there.
  Progress ReadLines(Chunk* chunk, size_t max_line);
  // What stood after the last line terminator, as a record of its own: for a file that will not
  // grow any more.  False if `chunk` lacks the room.  If it cannot be read, unended() is still > 0
  // afterwards, and error() tells.
  bool TakeUnended(Chunk* chunk, size_t max_line);
  // From 0 again, under a new key.
  void Restart(FileKey key);
  // Looks at the head again while it may still grow; true if the identity changed.
  bool RefreshIdentity();

  FileKey key() const { return key_; }
  const std::string& path() const { return path_; }
  const FileIdentity& identity() const { return identity_; }
  bool head_shrank() const { return head_shrank_; }  // RefreshIdentity is due
  uint64_t offset() const { return offset_; }
  int error() const { return error_; }
  OpenFile& file() { return *file_; }
  // Bytes after offset() that the last read saw: an unfinished line.
  uint64_t unended() const { return unended_; }
  void set_path(std::string path) { path_ = std::move(path); }

  // The Tailer's notes.
  uint64_t scan = 0;       // the last scan that found it under a path
  bool orphan = false;     // no path leads to it any more
  bool watched = false;    // inotify tells of changes
  bool ready = false;      // is in the ready queue
  bool last_look = false;  // a quiet orphan: closed unless this read finds something
  uint64_t size_seen = 0;  // when it was last polled
  int64_t modified_seen = 0;
  Instant last_read = {};   // when bytes were last found
  bool fault_told = false;  // an error was reported and has not gone away

 private:
  // A line longer than --max-line whose end has not been found yet.
  struct Overlong {
    bool active = false;
    uint64_t scanned = 0;  // up to here there is no terminator
  };

  bool WasRewritten(uint64_t read_to);
  Progress Failed(int error);
  Progress FindOverlongEnd(Chunk* chunk, size_t max_line);
  Progress EmitOverlong(Chunk* chunk, size_t max_line, uint64_t end);
  void LoadTail();
  void RememberTail(const char* end, size_t available);

  FileKey key_;
  std::string path_;
  std::unique_ptr<OpenFile> file_;
  FileIdentity identity_;
  uint64_t offset_;
  uint64_t unended_ = 0;
  bool head_shrank_ = false;
  int error_ = 0;
  Overlong overlong_;
  // The last bytes before offset_ (before overlong_.scanned while that is active), to notice a file
  // that was rewritten in place.
  uint8_t tail_length_ = 0;
  char tail_[32] = {};
};

}  // namespace hctail
