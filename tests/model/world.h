// SPDX-License-Identifier: Apache-2.0
// The programs that write logs and rotate them, and the truth about what they wrote.
//
// Every line is unique, so that each one that arrives can be told.  A line that was written whole
// must arrive at least once, unless it is *excused*: what could not be read by anyone, and what
// hctail does not promise yet.  These are, each where it happens in world.cc or follower.cc:
//   - a file was truncated, or lost its last name while hctail did not run or was killed later:
//     its lines that were not settled by then (in flight, too: there is nothing to read again);
//   - a file was moved out of the patterns before hctail had opened it (two rotations within one
//     scan, several while hctail was down), or had noticed that it was truncated;
//   - a file was written to after it was closed, or while it was being closed: rotated away and
//     quiet for kOrphanGrace;
//   - a file lost its last name while it was not open, as hctail had more files than it may open,
//     also if it was packed; and what is written to a new one that gets the number of its inode;
//   - a file was moved to a folder where nobody looks, and hctail was killed later;
//   - hctail starts with --tail.read-from last, and no position of a pattern's files is saved: what
//     its files hold then.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/saved_file.h"
#include "tests/testing/fake_file_system.h"

namespace hctail::model {

struct Line {
  std::string text;          // with its newline
  bool written = false;      // whole
  bool matches = false;      // some pattern asked for its file when it was made
  bool settled = false;      // arrived, and need never be sent again
  bool committed = false;    // and the checkpoint says so
  bool excused = false;      // need not arrive
  bool may_repeat = false;   // it stands in two files, or was read while its file was truncated
  bool within_call = false;  // written while hctail was within a system call
  int read_in_life = -1;     // of hctail
};

// One inode from its making to its end.
struct File {
  uint64_t inode = 0;
  std::vector<Line*> lines;  // that it holds now, whole or not
  Line* unfinished = nullptr;
  size_t unfinished_left = 0;  // bytes of it that are still to be written
  bool seen = false;           // hctail has opened it, since it was last truncated
  bool away = false;           // in a folder where it is not looked for
  uint32_t known_head = 0;     // bytes by which hctail knows it
  bool known_tail = true;      // and there are some before what is settled
  bool packed = false;
  std::string text = {};  // that is packed
  // The file that holds what it held when it was packed.
  File* packed_as = nullptr;
  bool known_copy = false;  // the checkpoint knows that it is one
  bool recognised = true;   // by the position of the file that was packed
  bool excused = false;     // whatever is written to it from now on need not arrive
  bool may_repeat = false;
};

class World {
 public:
  World(uint64_t seed, std::vector<std::string> patterns, std::string* trace);

  // One thing that happens at random.
  void Act();
  // For what happens while hctail is within a system call.
  void ActWithinCall();
  // Every logger finishes its line, and every file can be read.
  void FinishLines();

  // hctail was killed, or has ended: what only it had open is gone.
  void OnHctailGone();
  // Files without a name that hctail followed and does not have open: nobody can read them.
  void ExcuseClosed(int life);
  // A line that only hctail could still read before it closed the file; null if there is none.
  const Line* ClosedBeforeRead(int life);
  void OnOpened(const FileIdentity& identity);
  void OnIdentity(const FileIdentity& identity);
  void OnCommitted(uint64_t inode, bool with_tail);
  void OnRotatedAway(uint64_t inode);
  // The checkpoint knows that this is a copy.
  void OnCopyKept(uint64_t inode);
  // hctail will begin at the end of what it does not know.
  void ExcuseFilesOf(const std::string& pattern);

  // The line of which `text` is the whole, or (if `prefix`) the beginning; null if there is none.
  Line* Find(std::string_view text, bool prefix);
  const std::deque<Line>& lines() const { return lines_; }
  void Trace(const std::string& what) {
    if (trace_ != nullptr) *trace_ += what + "\n";
  }

  testing::FakeFileSystem files;
  Random random;

 private:
  // A program with a descriptor; it follows its file until it opens its path again.
  struct Logger {
    std::string path;
    bool is_link = false;
    std::string target = {};  // of the link
    std::unique_ptr<testing::FakeFileSystem::Writer> writer = nullptr;
    File* file = nullptr;
  };

  // A file that is being packed, under its old name as long as that lasts.
  struct Packer {
    std::string from;
    std::string to;
    std::string bytes;  // that are still to be written
    std::vector<Line*> lines;
  };

  Logger& AnyLogger();
  void Reopen(Logger& logger);
  void Write(Logger& logger);
  void WriteSome(Logger& logger, size_t bytes);
  void Rotate(const std::string& path);
  void Dated(const std::string& path);
  void Delete(const std::string& path);
  void Truncate(const std::string& path);
  void CopyTruncate(const std::string& path);
  void MoveAway(const std::string& path);
  void Retarget(Logger& logger);
  void RotateTarget(Logger& logger);
  void ActOnLink(Logger& logger, uint32_t what);
  void Pack(const std::string& path);
  void PackOn();
  void Packed(const Packer& packer);
  void Break(const std::string& path);
  void Heal();
  void MoveTo(const std::string& from, const std::string& to);
  void Remove(const std::string& path);
  void Create(const std::string& path);
  void SetDeadAside();
  void Empty(File* file);
  bool IsRecognised(const File& file, const File& packed) const;
  void NotRecognised(File* file);
  void Excuse(File* file);
  void ExcuseUnread(File* file);
  bool Matches(const std::string& path) const;
  File* FileAt(const std::string& path);
  File* FileOf(uint64_t inode);

  const std::vector<std::string> patterns_;
  std::string* const trace_;
  std::deque<Line> lines_;
  std::deque<File> all_files_;
  std::map<uint64_t, File*> live_;  // by inode
  std::vector<File*> dead_;         // since hctail started
  std::set<uint64_t> followed_;     // inodes that hctail reads
  std::vector<Logger> loggers_;
  std::optional<Packer> packer_;
  std::vector<std::string> broken_;  // paths
  bool within_call_ = false;
  int life_ = 0;  // of hctail
  int dates_ = 0;
};

}  // namespace hctail::model
