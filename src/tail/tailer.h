// SPDX-License-Identifier: Apache-2.0
// Follows all files of some patterns through growth, rotation and truncation.
//
// Identity: a file is its device and inode, and its content.  Paths are only where files are found:
// each scan asks which file every path leads to.  A file that no path leads to any more (rotated
// away, deleted) stays open and is read to its end, until it has been quiet for kOrphanGrace.
//
// Owned and stepped by the reading thread; never waits.  Tested by tailer_test.cc.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/saved_file.h"
#include "tail/file_system.h"
#include "tail/saved_positions.h"
#include "tail/source.h"
#include "tail/tailed_file.h"
#include "tail/watcher.h"

namespace hctail {

enum class ReadFrom : uint8_t { kBeginning, kEnd, kLast };

struct TailOptions {
  std::vector<std::string> patterns = {};
  // fnmatch patterns, compared with the path as it is expanded.
  std::vector<std::string> exclude = {};
  ReadFrom read_from = ReadFrom::kLast;
  bool stop_at_end = false;  // read what is there, then be done
  size_t max_line = 1 << 20;
  std::vector<SavedFile> saved = {};  // from the checkpoint
};

class Tailer final : public Source {
 public:
  // How long a file that no path leads to any more must be quiet before it is closed: writers may
  // hold it open and go on writing.
  static constexpr Duration kOrphanGrace = std::chrono::seconds(60);
  static constexpr Duration kPollInterval = std::chrono::milliseconds(250);

  Tailer(FileSystem& files, Watcher& watcher, const Clock& clock, Log& log,
         SourceListener& listener, TailOptions options);

  void Look() override;
  void Read(Chunk* chunk) override;
  bool ready() const override { return !ready_.empty() || !backlog_.empty(); }
  bool done() const override { return options_.stop_at_end && claimed_ && !ready(); }
  int poll_fd() const override { return watcher_.fd(); }
  std::optional<Instant> next_wake() const override;

 private:
  using Inode = std::pair<uint64_t, uint64_t>;  // device, inode

  void TakeChanges();
  void PollUnwatched(Instant now);
  void LookAtQuietOrphans(Instant now);
  void Scan(Instant now);
  bool WatchDirectories();
  bool Excluded(const std::string& path) const;
  void ScanPath(const std::string& path);
  void Open(const std::string& path);
  void Follow(const std::string& path, std::unique_ptr<OpenFile> file, const FileStat& stat,
              bool orphan);
  void ClaimRotatedWhileDown();
  uint64_t StartOffset(OpenFile& file, const std::string& path, uint64_t size) const;
  void MarkReady(TailedFile* file);
  bool Wanted(const std::string& path) const;
  // False if the room of `chunk` is spent.
  bool ReadOne(TailedFile* file, Chunk* chunk, Instant now);
  void Restart(TailedFile* file);
  void Fault(TailedFile* file);
  void Recovered(TailedFile* file);
  // False if `chunk` had no room for the unfinished last line.
  bool Close(TailedFile* file, Chunk* chunk, SourceListener::Closing closing);

  FileSystem& files_;
  Watcher& watcher_;
  const Clock& clock_;
  Log& log_;
  SourceListener& listener_;
  TailOptions options_;
  SavedPositions saved_;

  std::map<Inode, std::unique_ptr<TailedFile>> open_;
  std::unordered_map<FileKey, TailedFile*> by_key_;
  std::deque<TailedFile*> ready_;      // may have bytes to read; each once
  std::deque<std::string> backlog_;    // stop_at_end: paths still to be opened, one after another
  std::set<Inode> finished_;           // stop_at_end: read to the end
  std::set<std::string> told_;         // paths whose fault was reported
  std::vector<std::string> followed_;  // patterns of which files were followed in an earlier run

  uint64_t scan_ = 0;
  bool scanned_ = false;
  bool claimed_ = false;  // ClaimRotatedWhileDown has run
  bool scan_due_ = true;
  bool directories_watched_ = false;
  size_t unwatched_ = 0;  // open files that have to be polled
  size_t orphans_ = 0;
  Instant next_scan_ = {};
  Instant scan_not_before_ = {};
  Instant next_poll_ = {};
};

}  // namespace hctail
