// SPDX-License-Identifier: Apache-2.0
// Puts the lines of a checkpoint on disk.
//
// Each change is one write() to checkpoint.log, opened with O_APPEND and not synced: the page
// cache survives a kill.  Now and then the log is folded into a new snapshot of the next
// generation.  The order of its steps leaves, after each of them, files that load to the same
// positions:
//   1. checkpoint.new is written and synced              (nobody reads it)
//   2. checkpoint becomes checkpoint.old                 (old and its log count)
//   3. checkpoint.new becomes checkpoint                 (the log is of another generation now)
//   4. checkpoint.log becomes checkpoint.log.old, and a new log with its first line takes its place
//
// Owned by CheckpointFile.  Not thread-safe, except Sync.  Tested by checkpoint_crash_test.cc.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "checkpoint/checkpoint_loader.h"

namespace hctail {

class CheckpointWriter {
 public:
  // Goes on from what was found in `directory`; writes nothing yet.
  CheckpointWriter(std::string directory, const LoadedState& found);

  // False if there is no log to append to, or none to be trusted: then Replace is due.
  bool can_append() const { return log_length_.has_value() && !log_lost_; }
  // The log that there was cannot be trusted, or was removed: Replace is due even if nothing
  // changes.
  bool log_lost() const { return log_lost_; }
  // The directory is no longer ours: can_append() is false until Replace succeeds.
  void Lose() { log_lost_ = true; }
  uint64_t log_length() const { return log_length_.value_or(0); }

  // Appends whole lines to the log; can_append() must be true.  After an error nothing of `lines`
  // stands in the log, or can_append() is false.
  Status Append(std::string_view lines);

  // Starts the next generation with `body`: the lines of a snapshot between its first and last.
  // After an error the files say what they said before.
  Status Replace(std::string_view body, uint64_t files, uint64_t next_id);

  // fsyncs what was appended since the last call, and finds out whether the log is still there.
  // Thread-safe.
  Status Sync();

 private:
  Status OpenLog();
  void StartLog();

  const std::string directory_, snapshot_path_, log_path_;
  uint64_t generation_;
  bool whole_snapshot_;  // `checkpoint` is fit to be kept as checkpoint.old
  std::optional<uint64_t> log_length_;
  std::string text_;  // reused

  std::mutex mutex_;
  std::shared_ptr<const Fd> log_;  // replaced under mutex_; only the owner's thread replaces it
  std::atomic<bool> unsynced_ = false;
  std::atomic<bool> new_name_ = false;  // the log's name is not synced yet
  std::atomic<bool> log_lost_ = false;  // fsync failed or the log was deleted: do not go on with it
};

}  // namespace hctail
