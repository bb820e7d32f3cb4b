// SPDX-License-Identifier: Apache-2.0
// Standard input as a source: there is no file to read again, so no position is kept.
//
// Its charset is found as that of a file (charset.h); what is not UTF-8 is decoded.
//
// Tested by stdin_source_test.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "tail/idle_pause.h"
#include "tail/line_decoder.h"
#include "tail/source.h"
#include "tail/tailed_file.h"

namespace hctail {

// Stepped by the reading thread; reads `fd` (not owned) only when poll(2) says that it will not
// block, so the descriptor's own flags stay as the shell set them.
class StdinSource final : public Source {
 public:
  // `idle_after`: when lines that are held back are sent though nothing came; 0: at the end.
  StdinSource(int fd, const LineOptions& lines, Duration idle_after, const Clock& clock,
              SourceListener& listener);

  void Read(Chunk* chunk) override;
  void Stop(Chunk* chunk) override { idle_.Stop(offset_, chunk); }
  bool ready() const override { return ready_; }
  bool done() const override { return closed_; }
  int poll_fd() const override { return ended_ ? -1 : fd_; }
  std::optional<Instant> next_wake() const override { return ended_ ? std::nullopt : idle_.due(); }

 private:
  // Bytes read; 0: none there now, or the end (then ended_ is set).
  size_t Fill(char* out, size_t size);
  // More into raw_; false: there is none now, or ever.
  bool FillRaw();
  // Finds the charset.  False if there is too little to tell.
  bool FindCharset();
  // These three return false if `chunk` has no more room.
  bool Begin(Chunk* chunk);
  bool ReadPlain(Chunk* chunk);
  bool ReadDecoded(Chunk* chunk);
  LineDecoder::Stop Decode(Chunk* chunk);
  // The end of a line that is too long; false if it is not there yet.
  bool EndOverlong(Chunk* chunk);
  // Hands over the whole lines among the `size` bytes at chunk->end(); the rest is kept.
  void TakeLines(Chunk* chunk, size_t size);
  void SkipOverlong(Chunk* chunk, size_t size);
  // The `size` bytes at chunk->end() stand for the `length` of a line that is too long.
  void AppendOverlong(Chunk* chunk, size_t size, uint64_t length);
  void Finish(Chunk* chunk);

  const int fd_;
  const LineOptions options_;
  const size_t max_line_;
  SourceListener& listener_;
  const FileKey key_;
  IdlePause idle_;

  std::string unended_;   // an unfinished line; of an overlong one its first max_line_ bytes
  uint64_t offset_ = 0;   // of unended_'s first byte
  uint64_t dropped_ = 0;  // bytes of an overlong line beyond unended_
  bool begun_ = false;    // the charset is known
  // Where that is not UTF-8, and before:
  std::unique_ptr<LineDecoder> decoder_;
  std::string raw_;  // from offset_ on
  bool overlong_ =
      false;           // unended_ is the beginning of a line; dropped_ counts what raw_ lost of it
  bool ready_ = true;  // ask at least once
  bool ended_ = false;
  bool closed_ = false;  // and all of it was handed over
};

}  // namespace hctail
