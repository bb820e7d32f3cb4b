// SPDX-License-Identifier: Apache-2.0
// One file generation being read: an open descriptor and the offset of the next line.
//
// No bytes are kept between reads: an unfinished last line stays in the file and is read again
// when it has grown, so a quiet file costs its descriptor and this object.  Owned and stepped by
// the Tailer.
//
// Offsets are those of the file as it stands, or, if it is packed, of what it unpacks to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/saved_file.h"
#include "base/span.h"
#include "base/time.h"
#include "tail/charset.h"
#include "tail/chunk.h"
#include "tail/file_system.h"
#include "tail/line_decoder.h"

namespace hctail {

class DecompressedFile;

// How lines are found; the same for all files.
struct LineOptions {
  size_t max_line = 1 << 20;
  bool lone_cr = false;
  std::optional<Charset> charset = {};  // none: each file's own is found
};

class TailedFile {
 public:
  enum class Progress {
    kAtEnd,      // nothing more for now; an unfinished line may be there
    kRoomSpent,  // more is there: call again with an emptier chunk
    kTruncated,  // the file is no longer what was read: Restart
    kFailed,     // cannot be read now; error() tells
  };

  // All before `offset` was read.  `options` must outlive it.
  TailedFile(FileKey key, std::string path, std::unique_ptr<OpenFile> file,
             const FileIdentity& identity, uint64_t offset, const LineOptions& options);

  // The line that the first offset is in was not handed over: it is to come whole.  Returns where
  // it begins.  Called first.
  uint64_t TakeLineWhole();
  // Whole lines from offset() on, as many as there is room for.  Lines longer than max_line come
  // as one kOverlong segment once their end is there.
  Progress ReadLines(Chunk* chunk);
  // What stands after the last line terminator, as a record of its own.  `final`: the file will not
  // grow any more.  If not, it is tentative, and comes again if it grows, or when it is final.
  // False if `chunk` lacks the room.  If it cannot be read, error() tells.
  bool TakeUnended(Chunk* chunk, bool final);
  // The file's first lines, for a file that is read from its middle; false if `chunk` lacks the
  // room.
  bool TakeHead(Chunk* chunk);
  // From 0 again, under a new key.
  void Restart(FileKey key);
  // Looks at the head again while it may still grow; true if the identity changed.
  bool RefreshIdentity();

  FileKey key() const { return key_; }
  const std::string& path() const { return path_; }
  const FileIdentity& identity() const { return identity_; }
  bool head_shrank() const { return head_shrank_; }  // RefreshIdentity is due
  uint64_t offset() const { return offset_; }
  // The largest size it was seen to have, without NULs at its end.
  uint64_t largest_seen() const { return largest_seen_; }
  // FileStat::modified when it was last seen to hold what was read; its copies are no older.
  int64_t modified_whole() const {
    return modified_whole_ != 0 ? modified_whole_ : modified_at_path;
  }
  // All before was handed over, an unfinished line too.
  uint64_t handed_to() const { return std::max(offset_, flushed_to_); }
  int error() const { return error_; }
  // What error() means, in words.
  std::string Why() const;
  bool packed() const { return packed_ != nullptr; }
  // Its packed data was read to the end, or ends in the middle.
  bool whole_packed() const;
  bool cut_off() const;
  // Reading goes on in a copy of what was read, which is that inode; returns the file as it was.
  std::unique_ptr<OpenFile> MoveTo(std::unique_ptr<OpenFile> copy, uint64_t device, uint64_t inode);
  OpenFile& file() { return *file_; }
  // Bytes after offset() that the last read saw and that were not handed over: an unfinished line.
  uint64_t unended() const { return offset_ + unended_ > flushed_to_ ? unended_ : 0; }
  void set_path(std::string path) { path_ = std::move(path); }
  // Where it would be resumed, and how it would be recognised.
  SavedFile Position() const;
  // `copy` holds only what was read of this one, and not all of that: it was made before the last
  // reads.
  bool IsBeginOf(OpenFile& copy, const FileIdentity& identity) const;

  // The Tailer's notes.
  uint64_t scan = 0;       // the last scan that found it under a path
  bool orphan = false;     // no path leads to it any more
  bool watched = false;    // inotify tells of changes
  bool ready = false;      // is in the ready queue
  bool last_look = false;  // a quiet orphan: closed unless this read finds something
  bool head_due = false;   // TakeHead is to be called before its first lines
  uint64_t size_seen = 0;  // when it was last polled
  int64_t modified_seen = 0;
  int64_t modified_at_path = 0;  // when its path last led to it
  // Its path before, until it is read at the new one: while it was not open its inode may have
  // become another file's.
  std::string came_from = {};
  Instant last_read = {};   // when bytes were last found
  Duration quiet_due = {};  // after which time without a read it is looked at next; 0: never
  bool fault_told = false;  // an error was reported and has not gone away
  bool missing = false;     // it could not be opened again; a scan tells whether it is gone
  bool written = false;     // to, since it was read
  bool watch_due = false;   // its watch may be gone

 private:
  // What stood before an offset once.
  struct Sample {
    uint64_t offset = 0;
    uint64_t tail_hash = 0;
  };
  // A line longer than max_line whose end has not been found yet.
  struct Overlong {
    bool active = false;
    uint64_t scanned = 0;  // up to here there is no terminator
    bool rest = false;     // its beginning was handed over before a restart: no record of its own
  };

  // Where the NULs that stand somewhere end.
  struct AfterNuls {
    uint64_t at = 0;
    bool found = false;  // what does not begin with NUL; else: `at` is the end of the file
    int error = 0;       // why no more than up to `at` could be read
  };

  // False if there is nothing to read yet.
  bool Begin(bool final);
  void AlignToLine();
  std::optional<uint64_t> BeginOfLine(uint64_t at);
  size_t EndOfLastLine(std::string_view raw) const;
  Progress ReadRaw(Chunk* chunk);
  Progress ReadDecoded(Chunk* chunk, bool final);
  bool WasRewritten(uint64_t read_to);
  Progress Failed(int error);
  AfterNuls FindAfterNuls(uint64_t from);
  Progress SkipNuls(Chunk* chunk, size_t nuls);
  bool wide() const;  // its characters are of two bytes or four
  void LeaveOutNuls(std::string_view rest);
  bool TakeNuls(Chunk* chunk, bool final);
  Progress FindOverlongEnd(Chunk* chunk);
  LineDecoder::End EndOfLine(std::string_view raw) const;
  Progress EmitOverlong(Chunk* chunk, uint64_t end);
  uint64_t CameTo() const;
  bool TakeRest(Chunk* chunk);
  void LoadTail();
  void RememberTail(const char* end, size_t available);
  void AddSample();
  size_t KeepEnd(Chunk* chunk, uint64_t end);

  FileKey key_;
  std::string path_;
  std::unique_ptr<OpenFile> file_;
  const DecompressedFile* packed_;  // file_, or null
  const LineOptions& options_;
  FileIdentity identity_;
  uint64_t offset_;          // of the next line
  uint64_t resumed_at_;      // all before was settled when it was opened
  uint64_t flushed_to_ = 0;  // up to here it was handed over although the line has no end
  uint64_t unended_ = 0;
  uint64_t largest_seen_ = 0;
  int64_t modified_whole_ = 0;
  bool begun_ = false;                    // the charset is known
  std::unique_ptr<LineDecoder> decoder_;  // null: lines are taken as they stand
  bool head_shrank_ = false;
  bool only_nuls_ = false;  // what is unended are NULs
  int error_ = 0;
  Overlong overlong_;
  // The last bytes before offset_ (before overlong_.scanned while that is active), to notice a file
  // that was rewritten in place.
  uint8_t tail_length_ = 0;
  char tail_[32] = {};
  std::vector<Sample> samples_;  // the older, the fewer
};

}  // namespace hctail
