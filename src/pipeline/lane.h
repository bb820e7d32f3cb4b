// SPDX-License-Identifier: Apache-2.0
// What workers share about one file: its format, and, where that must see the file as a whole, its
// FileParser and whose turn it is.
//
// Chunks leave the reader in order, and each segment knows its turn in its file.  A worker that
// holds a later one waits for the worker that holds the earlier; as chunks are taken in order and
// worked through in order, the one with the earliest never waits: there is no deadlock.
// Files of a format whose records stand alone take no turns once their format is known.
//
// Tested by lane_test.cc.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "parsers/parser.h"
#include "pipeline/format_watch.h"

namespace hctail {

// How the lines of a file are understood.
struct Format {
  const ParserSpec* parser = nullptr;
  Wrapper wrapper = Wrapper::kNone;
  bool guessed = false;    // no format fits: it is only how the lines are dealt with
  bool follows = false;    // another file was at its path before
  bool inherited = false;  // and had this format, which the lines themselves do not tell
};

// As it stands before what the FileParser itself saved, and back; nothing if there is no such
// format (any more).  Takes it off `*saved`.
std::string SavedFormat(const Format& format);
std::optional<Format> TakeSavedFormat(std::string_view* saved);

// What is saved where a restart could tell the format again: for the next file at its path.  To
// TakeSavedFormat it is none.
std::string NotedFormat(const Format& format);
// What either of them says.
std::optional<Format> ReadSavedFormat(std::string_view saved);

struct Lane {
  // Once chosen, if its records stand alone.
  std::atomic<const ParserSpec*> shared_format = nullptr;
  // Its FileParser holds lines back, or has something to send later.
  std::atomic<bool> holding = false;
  // The end of the last tentative line that was a whole record; at first, of what was read before a
  // restart.
  std::atomic<uint64_t> accepted_to = 0;

  // It is of another format from there on; set before shared_format is changed.
  std::atomic<uint64_t> changed_at = 0;
  // Its format is not the one that its first lines tell: a restart must be told.
  std::atomic<bool> changed = false;
  std::atomic<int> changes_told = 0;
  // `watch` is not what it is at the beginning.
  std::atomic<bool> watching = false;
  std::mutex watch_mutex;
  FormatWatch watch;  // guarded by watch_mutex

  // The checkpoint is to know its format, although its first lines tell it.  Set before
  // shared_format is.
  bool noted = false;

  // Those below are of whoever has the turn.
  Format format;                       // parser null: not chosen yet
  std::unique_ptr<FileParser> parser;  // null: its records stand alone
  std::string saved;                   // SavedFile::state, until the parser is made
  std::string head;                    // its first lines, if reading began in its middle
  std::string last_bytes;              // just before the next segment: at most 64
  uint64_t claimed = 0;                // bytes before it are in a batch
  uint64_t completed = 0;              // the parser's last Complete
  bool begun = false;                  // the two above are known

  uint64_t turn = 0;  // guarded by Turnstile
};

// Thread-safe.
class Turnstile {
 public:
  // Waits for the turn, or until the file takes none.  False after Abort.
  bool Enter(Lane& lane, uint64_t turn);
  void Leave(Lane& lane);
  // The run is over: nobody waits any more.
  void Abort();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool aborted_ = false;  // guarded by mutex_
};

}  // namespace hctail
