// SPDX-License-Identifier: Apache-2.0
// Writes what was read of a transcript as events and as the spans of a trace.
//
//  - a command: a span under the session's if it has a time of its own, else a span event of it
//  - an error or a caught exception: a span event of its command
//  - a session: the root, sent once, last
//
// Serves one thread.  Tested by reader_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/text_arena.h"
#include "parsers/file_parser.h"
#include "parsers/transcript/session.h"
#include "parsers/transcript/settings.h"
#include "parsers/transcript/unit.h"

namespace hctail::transcript {

enum class EndReason { kFooter, kNewHeader, kEof, kIdle, kShutdown };

class EventWriter {
 public:
  EventWriter(const Settings& settings, const FileFacts& file) : settings_(settings), file_(file) {}

  // Gives a session its ids, which depend on nothing but the file.
  void Name(Session* session) const;

  // `end`: when the next command began, or the session ended.  The counts of `session` are moved
  // on.
  void SendUnit(Unit& unit, std::optional<Timestamp> end, Session* session, RecordSink* sink);
  // `own`: output outside of commands, if there were none; or null.
  void SendSession(Unit* own, EndReason reason, Session* session, RecordSink* sink);
  // The footer of a session whose root was sent before.
  void SendLateEnd(Session* session, RecordSink* sink);

 private:
  void Join(const Unit* unit, Session* session) const;
  void Count(const Unit& unit, Session* session) const;
  void AddCommon(const Session& session);
  void AddHeader(const Session& session);
  void AddTrace(const Session& session, std::string_view span_id, std::string_view parent_id);
  void AddSpanEvent(const Session& session, std::string_view parent_id);
  void AddText(std::string_view name, std::string_view value);
  void AddCommand(const Unit& unit, std::string_view text, const Session& session);
  void AddDuration(Timestamp start, Timestamp end);
  void AddOutput(const Unit& unit);
  void AddOutcome(const Unit& unit);
  void AddCounts(const Session& session);
  void SetTime(const Unit& unit, const Session& session);
  void AddError(const ErrorRecord& error);
  void SendErrors(const Unit& unit, const Session& session, RecordSink* sink);
  void SendInvocations(const Unit& unit, const Session& session, RecordSink* sink);
  void Begin(std::string_view name, const Session& session, RecordSink* sink);
  // What happened in `unit`.
  void BeginSpanEvent(std::string_view name, const Unit& unit, const Session& session,
                      RecordSink* sink);
  std::string_view Masked(std::string_view text);
  bool traced() const { return settings_.trace != Settings::Trace::kOff; }

  const Settings& settings_;
  const FileFacts& file_;
  TextArena arena_;  // of the event being written
  Event* event_ = nullptr;
};

// Milliseconds from `start` to `end` on clocks in `zone`, which tell the hour when they are set
// back twice; not below 0.  `exact` becomes false where the clocks do not agree.
int64_t Elapsed(Timestamp start, Timestamp end, const date::time_zone* zone, bool* exact);

}  // namespace hctail::transcript
