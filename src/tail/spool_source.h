// SPDX-License-Identifier: Apache-2.0
// Standard input by way of a spool: what was read from the pipe is settled or in the spool, so a
// pipe survives an outage of the API and a kill of hctail.  (Of an input that is no pipe, such as a
// socket, a kill may lose the last 64 KiB: they cannot go from one to the other in one step.)
//
// The pipe is emptied into the spool whenever there is something in it and room for it, also while
// nothing may be read for the workers; lines are read from the spool, whose endless file is the
// file that positions in the checkpoint are of.  Segments are dropped once they are settled.  When
// the spool or its disk is full the pipe is not read: its writer waits.
//
// Stepped by the reading thread.  Tested by spool_source_test.cc.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/time.h"
#include "tail/idle_pause.h"
#include "tail/source.h"
#include "tail/spool.h"
#include "tail/tailed_file.h"

namespace hctail {

class SpoolSource final : public Source {
 public:
  // What the checkpoint and the counts call the spool in `directory`.
  static std::string PathOf(const std::string& directory) { return directory + "/stdin"; }

  struct Options {
    LineOptions lines = {};    // without a charset it is UTF-8: its beginning may be gone
    Duration idle_after = {};  // see StdinSource
    // Of an earlier run, if it is known; nothing is sent again that it had settled.
    std::optional<SavedFile> saved = std::nullopt;
  };
  // Reads `fd` (not owned) only when poll(2) says that it will not block.  `spool` must outlive it.
  SpoolSource(int fd, Spool& spool, const Clock& clock, Log& log, SourceListener& listener,
              Options options);
  // Drops what is settled by then.
  ~SpoolSource() override;

  void Look() override;
  void Read(Chunk* chunk) override;
  void Stop(Chunk* chunk) override { idle_.Stop(file_->offset(), chunk); }
  bool ready() const override { return ready_; }
  bool done() const override { return closed_; }
  int poll_fd() const override { return ended_ || stuck_ ? -1 : fd_; }
  int look_fd() const override { return poll_fd(); }
  std::optional<Instant> next_wake() const override;

 private:
  void Fill();
  bool Take(size_t room, size_t* taken);
  bool TakeByReading(size_t room, size_t* taken);
  bool Store();
  void Stored();
  void Stick(int error);
  void End(int error);
  void Drop(bool even_small);
  void Tell(int error);
  bool TakeLast(Chunk* chunk);
  void Unreadable();

  const int fd_;
  Spool& spool_;
  const LineOptions lines_;
  const Clock& clock_;
  Log& log_;
  SourceListener& listener_;
  const FileKey key_;
  const std::shared_ptr<std::atomic<uint64_t>> committed_;
  std::unique_ptr<TailedFile> file_;
  IdlePause idle_;

  // What was read and could not be written: of an input that is no pipe, or on a file system that
  // does not splice.
  std::string pending_;
  bool splices_ = true;
  bool ready_ = true;    // ask at least once
  bool stuck_ = false;   // there is no room
  bool ended_ = false;   // the pipe was closed
  bool closed_ = false;  // and all of it was handed over
  int told_ = 0;         // the trouble with the disk that was reported
  bool full_told_ = false;
  bool unreadable_ = false;
  bool unsynced_ = false;
  Instant next_sync_ = {};
  Instant next_try_ = {};
  Instant next_tell_ = {};
};

}  // namespace hctail
