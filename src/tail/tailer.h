// SPDX-License-Identifier: Apache-2.0
// Follows all files of some patterns through growth, rotation and truncation.
//
// Identity: a file is its device and inode, and its content.  Paths are only where files are found:
// each scan asks which file every path leads to.
//   - A file that no path leads to any more (rotated away, deleted) stays open and is read to its
//     end, until it has been quiet for kOrphanGrace.
//   - When a path leads to another file than before, others may have come and gone in between:
//     files of its family (log_family.h) that are newer and not known are read, too.
//   - A truncated file's last bytes may stand in a copy (copytruncate): it is found by content, and
//     reading goes on there, while the truncated file is read from its beginning.
//   - A packed file is read once, unless its content is known; then only what was not read of it.
//
// Owned and stepped by the reading thread; never waits.  tailer.cc reads, tailer_scan.cc finds,
// tailer_gaps.cc finds what was missed, tailer_packed.cc looks into packed files. Tested by
// tailer_test.cc, tailer_*_test.cc and tests/model.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
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
#include "tail/path_pattern.h"
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
  bool stop_at_end = false;  // read what is there, the oldest first, then be done
  LineOptions lines = {};
  // An unfinished line is handed over once nothing was added to it for so long; 0: never.
  Duration flush_partial_after = std::chrono::seconds(5);
  // When parsers that hold lines back hear first that nothing came; 0: never.
  Duration idle_after = std::chrono::seconds(5);
  std::vector<SavedFile> saved = {};  // from the checkpoint
  // Of `patterns`: those of which there was no file when hctail started.  All that comes is news.
  std::vector<std::string> expected = {};
  // How much is unpacked at once to find out what a packed file is.
  uint64_t unpack_step = 1 << 20;
  // Whether a path is of a file that hctail writes itself: never followed.
  std::function<bool(const std::string&)> own = {};
  // With stop_at_end: whether nothing more of a file is wanted, asked before each read.
  std::function<bool(FileKey)> enough = {};
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
  void Stop(Chunk* chunk) override;
  bool ready() const override {
    return !ready_.empty() || !backlog_.empty() || lacks_room_ ||
           (unpacking_ && !unpacking_->waits);
  }
  bool done() const override { return options_.stop_at_end && claimed_ && !ready(); }
  int poll_fd() const override { return watcher_.fd(); }
  std::optional<Instant> next_wake() const override;

 private:
  using Inode = std::pair<uint64_t, uint64_t>;  // device, inode
  // Generations of a path may have come and gone unseen.
  struct Gap {
    struct Note {
      int64_t since = 0;   // FileStat::modified: those that are as new
      Instant until = {};  // looked for as long
    };
    std::vector<Note> notes;  // of each few seconds; never empty
    bool decided = false;     // when it was looked at last, each was known
    int64_t since() const { return std::ranges::min(notes, {}, &Note::since).since; }
  };
  // A file that may be a copy, and not be whole yet.
  struct Young {
    uint64_t size = 0;
    int64_t modified = 0;
    Instant seen = {};     // first
    Instant changed = {};  // last
  };
  struct Copied {
    TailedFile* from = nullptr;
    bool whole = true;  // false: it is packed and still being written, and may turn out to be one
  };
  // Where and how a file begins to be read.
  struct Begin {
    std::string path;      // its name for people
    std::string found_at;  // where it stands
    bool orphan = false;
    bool from_start = false;  // if nothing is saved of it: it is news
    bool at_once = false;     // it is looked for only now
    bool at_start = false;    // by the first scan
  };
  // A packed file that may hold what is known, and is unpacked as far as that goes before it is
  // decided what it is: a step at each Read, so that others need not wait.
  struct Unpacking {
    OpenedLog log;
    Begin begin;
    uint64_t next = 0;    // all before is unpacked
    uint64_t target = 0;  // and all before this is to be
    bool waits = false;   // until more is there, or is settled: tried again after the next scan
    bool found = false;   // by this scan, again
    bool others = false;  // there are more that have to be unpacked
  };

  // --- tailer_gaps.cc ---
  void ClaimRotatedWhileDown();
  void ReportGone();
  void NoteSavedGaps();
  void NoteGap(const std::string& path, int64_t since);
  int64_t GapSince(const std::string& path) const;
  void TellGap(const std::string& path);
  bool IsOver(const std::string& path, Gap& gap, Instant now);
  void CloseGaps(Instant now);
  bool CloseGap(const std::string& path, const Gap& gap, FolderNames* folders);
  void TellCopy(const OpenedLog& log, const FileIdentity& identity, const TailedFile& source,
                const std::string& path);
  std::optional<SavedPositions::Sibling> FindCopyOf(const TailedFile& file);

  // --- tailer_packed.cc ---
  bool IsWhole(const OpenedLog& log, const FileIdentity& identity);
  bool UnpackAhead(OpenedLog& log, const FileIdentity& identity, const Begin& begin);
  void KeepUnpacking();
  void UnpackOn();

  // --- tailer_scan.cc ---
  void Scan(Instant now);
  bool WatchDirectories();
  bool Excluded(const std::string& path) const;
  bool Wanted(const std::string& path) const;
  void ScanPattern(const PathPattern& pattern);
  void ScanPath(const std::string& path, const FileStat& stat);
  bool IsKnown(const FileStat& stat) const;
  void FoundAgain(TailedFile* file, const std::string& path, const FileStat& stat);
  void NoteLink(const std::string& path);
  void Open(const std::string& path);
  void TellUnreadable(const std::string& path, const std::string& why);
  void Follow(OpenedLog& log, const Begin& begin);
  Copied CopiedFrom(OpenedLog& log, const FileIdentity& identity, const Begin& begin);
  bool IsMore(OpenedLog& log, TailedFile& source);
  bool MayBecomeCopy(const OpenedLog& log, const Begin& begin);
  void Add(std::unique_ptr<TailedFile> file, const Begin& begin, uint64_t saved_id, uint64_t offset,
           int64_t as_of = 0);
  void SetPath(TailedFile* file, const std::string& path);
  void EnterPath(TailedFile* file);
  void ErasePath(TailedFile* file);
  std::vector<TailedFile*> PossibleOriginals(const Begin& there, bool packed) const;
  void OrphanUnfound(Instant now);
  bool IsNews(const Begin& begin) const;

  // --- tailer.cc ---
  void TakeChanges();
  void PollUnwatched(Instant now);
  void LookAtQuietOrphans(Instant now);
  void MarkReady(TailedFile* file);
  void Rewatch(TailedFile* file);
  // False if the room of `chunk` is spent, or the file begins anew.
  bool ReadOne(TailedFile* file, Chunk* chunk, Instant now);
  bool AtEnd(TailedFile* file, Chunk* chunk);
  bool TakeQuiet(Chunk* chunk, Instant now);
  void Truncated(TailedFile* file, Chunk* chunk);
  void ReadOnFromCopy(TailedFile* file, SavedPositions::Sibling copy);
  std::unique_ptr<OpenFile> Move(TailedFile* file, OpenedLog copy);
  void Restart(TailedFile* file, Chunk* chunk);
  void GiveUp(TailedFile* file, Chunk* chunk);
  void Fault(TailedFile* file, Chunk* chunk);
  void Missing(TailedFile* file, Chunk* chunk);
  void Recovered(TailedFile* file);
  // False if `chunk` had no room for the unfinished last line.
  bool Close(TailedFile* file, Chunk* chunk, SourceListener::Closing closing);
  void Leave(TailedFile* file, Chunk* chunk, SourceListener::Closing closing);
  void Remember(const TailedFile& file);

  FileSystem& files_;
  Watcher& watcher_;
  const Clock& clock_;
  Log& log_;
  SourceListener& listener_;
  TailOptions options_;
  std::vector<PathPattern> patterns_;
  SavedPositions saved_;
  std::vector<SavedFile>
      newest_;  // of each path the entry that was made last; until they are claimed

  std::map<Inode, std::unique_ptr<TailedFile>> open_;
  std::unordered_map<FileKey, TailedFile*> by_key_;
  // Orphans, too, by where they were found last.
  std::unordered_multimap<std::string, TailedFile*> by_path_;
  std::unordered_multimap<uint64_t, TailedFile*> by_family_;  // the same, by FamilyKeyOf
  std::deque<TailedFile*> ready_;                             // may have bytes to read; each once
  std::deque<std::string> backlog_;  // stop_at_end: paths still to be opened, one after another
  std::map<Inode, int64_t> done_;    // read once, and when it was modified: stop_at_end, packed
  // Copies of what open files hold, by size and when they were modified; not read unless these are
  // truncated.
  std::map<Inode, std::pair<uint64_t, int64_t>> copies_;
  std::map<Inode, Young> young_;
  std::optional<Unpacking> unpacking_;
  std::set<std::string> links_;               // paths that are symbolic links
  std::set<std::string> told_;                // paths whose fault was reported
  std::vector<const PathPattern*> followed_;  // of which files were followed in an earlier run
  std::map<std::string, Gap> gaps_;           // by path
  std::map<Inode, int64_t> left_;  // orphans that were closed, and when they were modified
  std::set<std::pair<Instant, FileKey>> quiet_;  // when to look whether a file is still quiet
  bool lacks_room_ = false;                      // the last chunk did, for one of these

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
