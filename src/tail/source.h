// SPDX-License-Identifier: Apache-2.0
// Where lines come from, and who hears about it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/saved_file.h"
#include "base/span.h"
#include "base/time.h"
#include "tail/chunk.h"

namespace hctail {

// Hears what happens to the files.  Called on the reading thread, always before a chunk that
// depends on it is handed over.
class SourceListener {
 public:
  virtual ~SourceListener() = default;
  struct Opened {
    FileKey file = 0;
    std::string path;
    FileIdentity identity;
    uint64_t offset = 0;            // where reading begins
    uint64_t saved_id = 0;          // the checkpoint entry it resumes, or 0
    bool resumable = true;          // false: stdin
    int64_t as_of = 0;              // Unix seconds: older files of its path are known; 0: now
    int64_t gap_since = 0;          // see OnGap
    bool packed = false;            // offsets are of what it unpacks to
    bool live = false;              // it is followed: not only read to its end
    bool present_at_start = false;  // false: it appeared later
    // If given, where to put each advance of what is settled, once the checkpoint knows of it.
    std::shared_ptr<std::atomic<uint64_t>> committed = nullptr;
  };
  virtual void OnOpened(const Opened& opened) = 0;
  // Its path changed, or its head hash covers more.
  virtual void OnIdentity(FileKey file, const std::string& path, const FileIdentity& identity) = 0;
  enum class Closing : uint8_t {
    kFinished,     // read to its end, which was all that was asked
    kRotatedAway,  // no path leads to it and it has been quiet for long
    kTruncated,    // what was read is no longer there to be read again, unless a copy holds it
  };
  // Nothing more will be read from it; all before `end` was.  A pause of kind kEnd is in a chunk
  // that follows or was handed over.
  virtual void OnClosed(FileKey file, Closing closing, uint64_t end) = 0;
  // Before that: it is packed, was read to its end, and was changed last at `modified`.
  virtual void OnWhole(FileKey file, int64_t modified) = 0;
  // Of the generations of its path, some that were changed since then (Unix seconds) may not be
  // known, and are to be looked for after a restart; 0: all are known.
  virtual void OnGap(FileKey file, int64_t since) = 0;
  // Files of this pattern are followed from now on: whatever comes is news, also after a restart.
  virtual void OnFollowing(const std::string& pattern) = 0;
  // A saved file was not found again, and another one stands at its path.
  virtual void OnGone(const SavedFile& saved) = 0;
  // A packed copy of `file` holds nothing beyond `read_to`, which was read.
  virtual void OnCopy(FileKey file, uint64_t read_to, const SavedFile& copy) = 0;
  // What was saved is packed as `path` by now, a file that holds no more and was changed last at
  // `modified`.
  virtual void OnPacked(const SavedFile& saved, const std::string& path,
                        const FileIdentity& identity, int64_t modified) = 0;
  // It was to be read to its end (stop_at_end, or standard input) and cannot be.
  virtual void OnUnreadable(const std::string& path, const std::string& why) = 0;
  // Bytes that were there and can never be read.
  virtual void OnAbandoned(FileKey file, uint64_t begin, uint64_t end, const std::string& why) = 0;

  // What became of it meanwhile.
  // The checkpoint's entry of it, or 0.
  virtual uint64_t SavedIdOf(FileKey file) const = 0;
  // Everything that was read of it is settled, up to its end if it is closed.
  virtual bool Settled(FileKey file) const = 0;
  // Lines of it are held back to be joined with others, or something is to be sent at a pause.
  virtual bool Holding(FileKey file) const = 0;
};

// Stepped by one thread.
class Source {
 public:
  virtual ~Source() = default;
  // Notices what has changed without reading.  For when nothing may be read for long: a file that
  // is rotated away meanwhile can be read later only if it was opened while it had a path.
  virtual void Look() {}
  // Looks, and adds what can be read now to `chunk`, as far as it has room.
  virtual void Read(Chunk* chunk) = 0;
  // hctail stops: tells so, in `chunk`, of the files that hold something back.
  virtual void Stop([[maybe_unused]] Chunk* chunk) {}
  // More is known to be there: call Read again (with an emptier chunk).
  virtual bool ready() const = 0;
  // It has ended: nothing will ever be read again.
  virtual bool done() const = 0;
  // A descriptor that becomes readable when Read may find something, or -1.
  virtual int poll_fd() const = 0;
  // As poll_fd, for Look: when there is something to be done even if nothing may be read.
  virtual int look_fd() const { return -1; }
  // When Read should be called even if poll_fd stays quiet; none: never.
  virtual std::optional<Instant> next_wake() const = 0;
};

// Process-wide: a key is never used twice.
FileKey NewFileKey();

}  // namespace hctail
