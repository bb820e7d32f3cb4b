// SPDX-License-Identifier: Apache-2.0
// All that is known about each file: its name, its format, its counts, what of it is settled, and
// what the checkpoint says.  The one place where reading, parsing and settling meet.
//
// The sum that always holds, for each file and in total (records):
//   read = sent + sampled_out + filtered + dead_lettered + in_flight
// `read` counts when a worker hands a batch over, the others when the sink has settled it.
//
// Thread-safe: the reader opens and closes files, workers look them up, the settling thread
// settles, main asks for counts.  One lock, taken per batch and never per record.
// Tested by file_table_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "base/wakeup.h"
#include "checkpoint/checkpoint_file.h"
#include "checkpoint/ledger.h"
#include "pipeline/counts.h"
#include "pipeline/lane.h"
#include "ship/batch.h"
#include "ship/sink.h"
#include "tail/source.h"

namespace hctail {

// What a worker needs to know of a file.  Lives as long as anyone holds it.
struct FileInfo {
  std::string path;
  std::string dataset;  // where its events go unless they name another
  bool present_at_start = false;
  bool live = false;
  std::shared_ptr<Lane> lane;  // it stays when the path changes
};

// The dataset a file's events go to by default: its name without folders, rotation suffixes and
// extension ("/var/log/app.log.1" -> "app"); for a container's log see ContainerDataset.
std::string DatasetOf(const std::string& path);

class FileTable final : public SourceListener {
 public:
  // `checkpoint` may be null: then no position is kept.  `dataset` empty: DatasetOf each file.
  // `dirty` is notified when the checkpoint has something to be synced.
  // `dead_letter_path` is for messages; empty: records that are malformed are not told of.
  // A backfill leaves alone, but for how far it has read, what other runs have saved: they go on
  // from it.
  enum class Purpose : uint8_t { kLasting, kBackfill };
  FileTable(CheckpointFile* checkpoint, std::string dataset, std::string dead_letter_path,
            const Clock& clock, Log& log, const Wakeup& dirty, Purpose purpose = Purpose::kLasting);

  void OnOpened(const Opened& opened) override;
  void OnIdentity(FileKey file, const std::string& path, const FileIdentity& identity) override;
  void OnClosed(FileKey file, Closing closing, uint64_t end) override;
  void OnWhole(FileKey file, int64_t modified) override;
  void OnGap(FileKey file, int64_t since) override;
  void OnFollowing(const std::string& pattern) override;
  void OnGone(const SavedFile& saved) override;
  void OnCopy(FileKey file, uint64_t read_to, const SavedFile& copy) override;
  void OnPacked(const SavedFile& saved, const std::string& path, const FileIdentity& identity,
                int64_t modified) override;
  void OnUnreadable(const std::string& path, const std::string& why) override;
  void OnAbandoned(FileKey file, uint64_t begin, uint64_t end, const std::string& why) override;

  uint64_t SavedIdOf(FileKey file) const override;
  bool Settled(FileKey file) const override;
  bool Holding(FileKey file) const override;

  // `file` must not have Ended.
  std::shared_ptr<FileInfo> Find(FileKey file) const;
  std::string PathOf(FileKey file) const;

  // A worker has made `batch`; it is in flight until Settle.
  void Launch(const Batch& batch);
  void AddFlaws(FileKey file, const Flaws& flaws);
  // The first ones of the run are kept for the summary.
  void AddUnmatched(FileKey file, std::vector<Unmatched> unmatched);
  // The workers are done with it: they have seen its last pause.
  void Ended(FileKey file);
  void Settle(const Settlement& settlement);

  // Brings the checkpoint onto the disk; also what a full disk held back, or somebody removed.
  void SyncCheckpoint();

  Summary Snapshot() const;
  // All that was read is settled, and nothing that was to be read could not be.
  bool AllSettled() const;
  // After a backfill that settled everything: of its positions those that backfills made are of no
  // more use.
  void ForgetAll();

 private:
  struct Entry {
    std::shared_ptr<FileInfo> info;
    Counts counts;
    std::shared_ptr<std::atomic<uint64_t>> committed;  // who wants to know, or null
    uint64_t saved_id = 0;                             // in the checkpoint, or 0
    uint64_t inode = 0;
    bool packed = false;
    int64_t whole = 0;     // see OnWhole
    uint64_t read_to = 0;  // the end of what workers have handed over, or where it was closed
    bool closed = false;
    bool ended = false;
    bool left = false;            // closed before the end of the run: once settled, retire it
    bool malformed_told = false;  // the first malformed record was reported
    // Packed copies, by where they end at most: kept once the file is settled to there.
    std::multimap<uint64_t, SavedFile> copies;
    // Where reading can begin again, settled but beyond a gap; by offset.
    std::map<uint64_t, CheckpointFile::Position> marks;
  };

  bool Resume(const Opened& opened, Entry& entry);
  void Advance(Entry& entry, uint64_t committed);
  void KeepCopies(Entry& entry, uint64_t committed);
  bool IsSettled(FileKey file, const Entry& entry) const;
  void RetireIfDone(FileKey file);
  void Report(const Status& status);
  void SaveUnsaved();

  CheckpointFile* const checkpoint_;
  const std::string dataset_;
  const std::string dead_letter_path_;
  const Clock& clock_;
  Log& log_;
  const Wakeup& dirty_;
  const Purpose purpose_;

  mutable std::mutex mutex_;
  // All below: guarded by mutex_.
  std::unordered_map<FileKey, Entry> files_;
  Ledger ledger_;
  std::vector<uint64_t> packed_;  // their ids in the checkpoint
  std::vector<Unmatched> unmatched_;
  Counts retired_;  // of files that were rotated away and are wholly settled
  uint64_t retired_files_ = 0;
  uint64_t unreadable_ = 0;  // files that were to be read and could not be opened
  // Bytes of files that were to be read to their end.
  uint64_t missed_ = 0;
  bool disk_fault_told_ = false;
};

}  // namespace hctail
