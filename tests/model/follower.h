// SPDX-License-Identifier: Apache-2.0
// hctail without its threads: a Tailer, a Ledger and the positions that a checkpoint would hold,
// stepped as the pipeline steps them.  Settles what was read late, in any order, or not at all, and
// can be killed between any two steps.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/ledger.h"
#include "tail/bounded_files.h"
#include "tail/tailer.h"
#include "tests/model/world.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/recording_log.h"
#include "tests/testing/temp_dir.h"

namespace hctail::model {

class Follower final : private SourceListener {
 public:
  // If `on_disk`, the positions are also kept by a real CheckpointFile, and compared.  It has at
  // most `most_open` files open at once.
  Follower(World& world, TailOptions options, bool on_disk, size_t most_open);
  ~Follower() override;

  void Start();
  void Kill();
  void Stop();  // after all that was read is settled
  bool runs() const { return tailer_ != nullptr; }

  // What the reading thread does until it would wait.
  void Run();
  // Waits until it has to do something, or `time` has passed.
  void Wait(Duration time);
  // Its watches tell late, or have lost something.
  void DisturbWatches();
  void Calm() { watcher_->late = false; }
  // Some of what was read is settled; all of it if `all`.
  void Settle(bool all);
  // After all is settled: do the books balance?
  void CheckBalance();

  // The first thing that went wrong; empty if nothing.
  const std::string& failure() const { return failure_; }
  bool api_up = true;

 private:
  struct Tail {
    uint32_t length = 0;
    uint64_t hash = 0;
  };
  struct Entry {
    uint64_t inode = 0;
    uint64_t saved_id = 0;
    uint64_t begin = 0, read_to = 0;
    uint64_t settled = 0;    // bytes
    uint64_t in_flight = 0;  // lines
    bool closed = false;
    bool ended = false;  // its last pause was seen
    uint64_t end = 0;    // where it was closed
    int64_t whole = 0;
    std::multimap<uint64_t, SavedFile> copies;  // by where they end at most
    std::map<uint64_t, Tail> tails;             // by the end of what was settled
    std::map<uint64_t, Line*> settled_lines;    // by their end; not committed yet
  };
  struct Read {
    Span span;
    Line* line;  // null if it is only a part of one
    Tail tail;
  };

  void OnOpened(const Opened& opened) override;
  void OnIdentity(FileKey key, const std::string& path, const FileIdentity& identity) override;
  void OnClosed(FileKey key, Closing closing, uint64_t end) override;
  void OnWhole(FileKey key, int64_t modified) override { entries_.at(key).whole = modified; }
  void OnGap(FileKey key, int64_t since) override;
  void OnCopy(FileKey key, uint64_t read_to, const SavedFile& copy) override;
  void OnFollowing(const std::string& pattern) override;
  void OnGone(const SavedFile& saved) override;
  void OnPacked(const SavedFile& saved, const std::string& path, const FileIdentity& identity,
                int64_t modified) override;
  void OnUnreadable(const std::string& path, const std::string& why) override;
  void OnAbandoned(FileKey key, uint64_t begin, uint64_t end, const std::string& why) override;
  uint64_t SavedIdOf(FileKey key) const override;
  bool Settled(FileKey key) const override;
  bool Holding(FileKey) const override { return false; }

  void Take(const Chunk& chunk);
  void TakeLine(const Segment& segment, uint64_t offset, std::string_view text);
  void SettleOne(const Read& read);
  void KeepCopies(FileKey key);
  void RetireIfDone(FileKey key);
  void Gone();
  std::vector<SavedFile> Load();
  uint64_t AddSaved(SavedFile saved);
  void SetGone(uint64_t id, bool gone);
  void SetWhole(uint64_t id, int64_t modified);
  void Fail(const std::string& what) {
    if (failure_.empty()) failure_ = what;
  }

  World& world_;
  TailOptions options_;
  BoundedFiles files_;
  const bool bounded_;  // so few that it matters
  testing::FakeClock clock_;
  testing::RecordingLog log_;
  std::optional<testing::FakeWatcher> watcher_;
  std::unique_ptr<Tailer> tailer_;
  int life_ = 0;
  int interferences_left_ = 0;  // or each would cause a scan, and each scan another one
  bool interfered_ = false;

  std::map<FileKey, Entry> entries_;
  Ledger ledger_;
  std::vector<Read> in_flight_;
  std::map<uint64_t, SavedFile> saved_;  // the checkpoint
  uint64_t next_id_ = 1;
  std::unique_ptr<testing::TempDir> directory_;
  std::unique_ptr<CheckpointFile> checkpoint_;  // may be null
  std::string failure_;
};

}  // namespace hctail::model
