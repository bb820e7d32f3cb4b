// SPDX-License-Identifier: Apache-2.0
// Reads a transcript: blocks and lines in, events out.
//
//   no session -header-> open -footer-> closed -header-> open ...
//
// In an open session one Unit collects lines: a command from its prompt on, or output that belongs
// to none.  The next prompt or block ends it: it is sent, and everything before is Complete.  A
// header of the process that the session is of begins no session but a runspace inside the command
// at hand; the commands of that are sent as its children, while it waits in outer_.
//
// When no line has come for long, or hctail stops, what there is is sent, the session's own event
// too; lines that come later are sent as more output, and commands as usual.
//
// Tested by reader_test.cc and tests/golden/transcript_restart_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parsers/file_parser.h"
#include "parsers/transcript/blocks.h"
#include "parsers/transcript/events.h"
#include "parsers/transcript/session.h"
#include "parsers/transcript/settings.h"
#include "parsers/transcript/unit.h"

namespace hctail::transcript {

class Reader final : public FileParser {
 public:
  Reader(Settings settings, FileFacts file);

  void TakeHead(std::string_view line) override;
  void Take(const FileLine& line, RecordSink* sink) override;
  void OnPause(Pause pause, Duration quiet, uint64_t end, RecordSink* sink) override;
  bool holding() const override;
  std::string Save() const override;
  void Restore(std::string_view state) override;

 private:
  void OnPiece(const Piece& piece);
  void OnHeader(const Piece& piece);
  void OnShort(const Piece& piece);
  void OnInvocation(const Piece& piece);
  bool IsFooter(const Piece& piece) const;
  void OpenSession(const Piece& piece);
  void OpenWithoutHeader(const FileLine& line);
  void CloseSession(EndReason reason, std::optional<Timestamp> end);

  void OnText(const FileLine& line);
  void OnStray(const FileLine& line);
  void OnFirstLine(const FileLine& line);
  void SettleUnknown();
  bool OnLineAfterException(const FileLine& line);
  bool OnPrompt(const FileLine& line, size_t size);
  void OnBarePrompt(const FileLine& line, std::string_view prompt);
  void OnElement(std::string_view prompt, Element element, const FileLine& line);
  void OnMore(const FileLine& line);
  bool ReadStatus(std::string_view text);

  void BeginUnit(Unit::Kind kind, uint64_t entry, Timestamp read_time);
  void BeginCommand(Unit::Kind kind, std::string_view prompt, const FileLine& line);
  void BeginTyped(std::string_view prompt, std::string_view text, const FileLine& line);
  Unit& OpenUnit(const FileLine& line);
  void Attach(Element element, const FileLine& line);
  void CloseElement();
  void EndUnit(Unit* unit, std::optional<Timestamp> end);
  void EndUnits(std::optional<Timestamp> end);
  void ForgetPending();

  size_t PromptSize(std::string_view text) const;
  void PauseSession(Pause pause, uint64_t end);
  void BeginContinuation();
  bool AfterSeparator(uint64_t end) const;
  void Complete(uint64_t end);

  const Settings settings_;
  const FileFacts file_;
  EventWriter events_;
  BlockFinder blocks_;
  BlockFinder head_;
  RecordSink* sink_ = nullptr;  // during a call

  Session session_;
  Session committed_;  // as of the last Complete
  uint64_t completed_ = 0;
  uint64_t taken_ = 0;  // the end of the last line
  bool begun_ = false;  // a line was taken
  Timestamp last_read_;

  Unit unit_;
  Unit outer_;                        // the command around it, if it belongs to a runspace of that
  std::optional<Element> element_;    // one whose text goes on
  bool status_next_ = false;          // the next line is the value of $global:?
  std::optional<uint64_t> headless_;  // where a block without an S of its own begins
  std::optional<uint64_t> pending_;   // where the prompt or time of the next command begins
  std::optional<std::string> unknown_;  // a line after that time which may be half a prompt
  std::optional<Element> exception_;    // or an exception, which may be that of a pipeline
  FileLine unknown_line_;               // where either is, without its text
};

}  // namespace hctail::transcript
