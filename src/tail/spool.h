// SPDX-License-Identifier: Apache-2.0
// What was read from a pipe and may be needed again, on disk: one endless file, of which only the
// part that is not settled yet is there.
//
// A spool is a folder of segments, stdin.BEGIN, where BEGIN is the offset of its first byte in the
// endless file.  Bytes are appended by write(2), so that they survive a kill; Sync makes them
// survive a power loss.  Where bytes are missing between two segments (the end of one was lost
// with the power), and behind an unfinished line that a killed run left, line feeds are read: the
// rest of that line never comes.
//
// Room is reserved before anything is read from the pipe, so that a full disk stops the reading
// and loses nothing: much at once, or, if the disk has not so much, what is wanted just now.  Owned
// and stepped by one thread.  Tested by spool_test.cc.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "base/result.h"
#include "tail/file_system.h"

namespace hctail {

// The disk under a spool, so that a test can fill it.
class SpoolDisk {
 public:
  virtual ~SpoolDisk() = default;
  // Makes sure that `length` bytes at `offset` can be written; 0 or an errno.  The size stays.
  virtual int Reserve(int fd, uint64_t offset, uint64_t length);
  // Bytes of the disk that `directory` is on; nothing if it does not tell.
  struct Space {
    uint64_t total = 0;
    uint64_t free = 0;
  };
  virtual std::optional<Space> SpaceOf(const std::string& directory);
};

class Spool {
 public:
  // What can no longer be read (ReadAt): it was dropped.
  static constexpr int kDropped = 116;  // ESTALE

  // Finds what is in `directory`, which exists.  At most about `max` bytes are kept.
  // Error: "cannot read the spool 'DIR': REASON".
  static Result<std::unique_ptr<Spool>> Open(std::string directory, uint64_t max, SpoolDisk& disk);

  // Bytes of disk without which it may wait for ever: a line of `max_line` bytes, and what is read
  // at once.
  static constexpr uint64_t Needs(uint64_t max_line) { return max_line + (128 << 10); }
  // Whether its disk has them: an error if it never will, and `warning` if they are taken now.
  Status CheckDisk(uint64_t max_line, std::optional<Error>* warning) const;

  const std::string& directory() const { return directory_; }
  // The bytes from begin() to end() can be read.
  uint64_t begin() const { return begin_; }
  uint64_t end() const { return end_; }
  // Bytes that are on disk.
  uint64_t size() const { return size_; }
  bool full() const { return size_ >= max_; }

  // Nothing before `offset` is needed, and nothing is to be appended before it.  Call it once, at
  // the start.
  void StartAt(uint64_t offset);
  // How many bytes, at most `wanted`, may be appended now.  0: it is full(), or the disk is: then
  // error() tells.
  size_t Room(size_t wanted);
  int error() const { return error_; }  // why Room was 0, or the last Append failed; an errno
  // Moves at most `most` bytes, no more than Room allowed, from the pipe `fd` into the spool: in
  // one system call, so that a kill finds them in the one or in the other.  0: the pipe has ended.
  // EAGAIN: nothing is there.  EINVAL: `fd` is no pipe, or this file system cannot do it.
  std::expected<size_t, int> Splice(int fd, size_t most);
  // The same for bytes that are in memory, which a kill loses.  All of `bytes`, which are no more
  // than Room allowed, or nothing.
  bool Append(std::string_view bytes);
  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size);
  // After ReadAt said ENOENT: somebody removed that segment.  From now on it is a hole; its bytes.
  struct Removed {
    uint64_t begin = 0, end = 0;
  };
  Removed GiveUpRemoved();
  // True once after its folder had to be made again.
  bool TakeMadeAgain() { return std::exchange(made_again_, false); }
  // Deletes the segments that end at or before `offset`.  The last one too if that is end(), and it
  // is worth it or `even_small`.
  void DropBefore(uint64_t offset, bool even_small = false);
  // Frees the blocks before `offset` of a segment that is needed for what comes after it; for a
  // full disk.
  void PunchBefore(uint64_t offset);
  // Waits for the disk if anything was appended since the last call.
  void Sync();

 private:
  Spool(std::string directory, uint64_t max, SpoolDisk& disk);
  Status Find();
  std::string PathOf(uint64_t begin) const;
  void Appended(size_t bytes);
  bool OpenSegment();
  void CloseSegment();
  std::expected<size_t, int> ReadSegment(uint64_t begin, uint64_t size, uint64_t offset, char* out,
                                         size_t wanted);

  const std::string directory_;
  const uint64_t max_, segment_size_;
  SpoolDisk& disk_;
  std::map<uint64_t, uint64_t> segments_;  // begin -> bytes; none overlaps the next
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  uint64_t size_ = 0;
  Fd writing_;             // the last segment, or none
  uint64_t reserved_ = 0;  // of that segment
  Fd reading_;
  uint64_t reading_begin_ = 0;  // of the segment that reading_ is
  bool unsynced_ = false;
  bool new_name_ = false;  // the last segment's name is not synced yet
  bool made_again_ = false;
  int error_ = 0;
};

}  // namespace hctail
