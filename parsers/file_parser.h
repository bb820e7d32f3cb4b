// SPDX-License-Identifier: Apache-2.0
// A format that must see a file as a whole: its records span lines, or what a line means depends on
// lines before it (a CSV header, a PowerShell session, a stack trace).
//
// One instance per file (and generation of it), given every line in order, by one thread at a time.
// Like a Parser it has no threads, no clock, no I/O and no logging.
//
// Nothing is lost by a crash although lines are held back here: lines count as settled only once
// Complete() was called behind them and what was made of them is settled.  A restart reads again
// from the last such point, with a new instance to which Restore() gives what Save() said there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "event/event.h"

namespace hctail {

// One line, without its terminator.
struct FileLine {
  std::string_view text;  // followed by kRecordPadding readable bytes; only during the call
  uint64_t begin = 0;     // where it stands in the file (raw bytes)
  uint64_t end = 0;       // one past its terminator
  Timestamp read_time;    // when it was read
};

// What a parser may know of the file besides its lines.
struct FileFacts {
  std::string path;
  bool live = false;     // it is followed: lines come soon after they are written
  bool follows = false;  // another one was at its path before, whose last line may go on in it
};

// Takes what is made of the lines.  Between two Completes at most as many calls of Emit, Skip and
// Malformed count as there are bytes.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // A cleared event to fill; sent by Emit.  Its views must stay put until Emit returns.
  virtual Event* NewEvent() = 0;
  virtual void Emit() = 0;
  // A record with nothing to send, on purpose.
  virtual void Skip() = 0;
  // A record that is not this format: goes to the dead letters.  `why` is a literal.
  virtual void Malformed(std::string_view why, std::string_view record) = 0;
  // The time, if it is known besides its text, of the record that Malformed is called with next.
  virtual void NoteTime([[maybe_unused]] Timestamp time) {}
  // Every line before `end` (the begin or end of a line that was given) is dealt with.
  virtual void Complete(uint64_t end) = 0;
};

class FileParser {
 public:
  enum class Pause : uint8_t {
    kIdle,      // no line has come for some time; more may come
    kShutdown,  // hctail stops; after a restart the file goes on from the last Complete
    kEnd,       // no line will ever come: end of a backfill, rotated away, truncated, pipe closed
  };

  virtual ~FileParser() = default;

  // Before all else, if reading begins in the middle of the file without a saved state: a line of
  // the file's first ones.  Nothing is made of it.
  virtual void TakeHead([[maybe_unused]] std::string_view line) {}
  virtual void Take(const FileLine& line, RecordSink* sink) = 0;
  // `end`: of the last line given; `quiet`: for how long none has come.  kIdle comes again and
  // again while holding(), first after --flush-partial-after, each time after twice as long.
  virtual void OnPause(Pause pause, Duration quiet, uint64_t end, RecordSink* sink) = 0;
  // Lines were given that are not complete, or there is something to be sent later.
  virtual bool holding() const = 0;

  // What must be known to go on from the last Complete; "" if nothing.  Any bytes, at most a few
  // KiB: it stands in the checkpoint, and is written again each time it changes.
  virtual std::string Save() const { return {}; }
  virtual void Restore([[maybe_unused]] std::string_view state) {}
};

}  // namespace hctail
