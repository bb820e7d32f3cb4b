// SPDX-License-Identifier: Apache-2.0
// The dead-letter file: every record that will never be sent, with why, so that it can be looked
// into and sent again.
//
// One JSON object a line:
//   {"time":"2024-03-05T06:07:08Z","file":"/var/log/app.log","offset":1234,
//    "reason":"not a JSON object","record":"the line"}
// `time` is when it was written.  `status` (the API's) and `dataset` follow `reason` where there
// are any.  `record` is the line as a string, with U+FFFD for bytes that are not UTF-8, or, if the
// API refused an event, that event as the object that was sent.
//
// The file and its folder are made when the first letter comes (0600 and 0700: log lines may hold
// secrets).  It is opened for each write, so it may be moved away or deleted at any time.  At
// `cap` bytes it becomes FILE.1 and replaces the one before: at most twice `cap` is on disk.
//
// Several processes may write to one file (a replay beside the service): each takes flock on it for
// as long as a write takes.  In a process one writer a file; Sync may be called from another
// thread.  Tested by dead_letter_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "base/fd.h"
#include "base/log.h"
#include "base/result.h"
#include "base/span.h"
#include "base/time.h"
#include "ship/batch.h"

namespace hctail {

class DeadLetterFile {
 public:
  static constexpr uint64_t kDefaultCap = 100'000'000;

  // Where the record of a letter stood.  `instead`, if any, is written in its place: what is read
  // from a dead-letter file and fails again is again the letter that it was.
  struct Origin {
    std::string file;
    uint64_t offset = 0;
    std::optional<DeadLetter> instead = {};
  };
  using OriginOf = std::function<Origin(const DeadLetter&)>;

  DeadLetterFile(std::string path, uint64_t cap, OriginOf origin_of, const Clock& clock, Log& log);

  const std::string& path() const { return path_; }

  // Appends all letters, or, as far as the disk lets us, none.  When it returns they survive a
  // kill; Sync makes them survive a power loss.
  // Error: "cannot write dead letters to 'PATH': REASON".
  Status Write(std::span<const DeadLetter> letters);
  // Waits for the disk if something was written since the last Sync.  To be called before a
  // checkpoint that counts on these letters is synced.
  Status Sync();

 private:
  Result<Fd> Open() const;
  Result<Fd> OpenLocked() const;
  // These with mutex_ held.
  Status SyncLocked();
  Status Rotate();
  Status Append(const std::string& lines);
  std::unexpected<Error> Failed(int error_number) const;

  const std::string path_;
  const uint64_t cap_;
  const OriginOf origin_of_;
  const Clock& clock_;
  Log& log_;
  std::mutex mutex_;
  bool unsynced_ = false;  // guarded by mutex_
};

}  // namespace hctail
