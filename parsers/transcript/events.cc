// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/time_zone.h"
#include "parsers/transcript/trace.h"

namespace hctail::transcript {
namespace {

std::string_view TextOf(EndReason reason) {
  static constexpr std::string_view kTexts[] = {"footer", "new_header", "eof", "idle", "shutdown"};
  return kTexts[static_cast<size_t>(reason)];
}

Value Number(uint64_t number) { return Value::Int(static_cast<int64_t>(number)); }

// Of the command that `unit` is, or is more output of; empty if it is neither.
std::string CommandId(const Unit& unit, const Session& session) {
  if (unit.is_command()) return SpanId(session.id, unit.entry);
  return unit.sent.command ? SpanId(session.id, unit.sent.entry) : std::string();
}

// The span that what happened in `unit` belongs to.
std::string SpanOf(const Unit& unit, const Session& session) {
  if (unit.is_span() || unit.sent.span) return CommandId(unit, session);
  return unit.parent_id.empty() ? session.span_id : unit.parent_id;
}

// What the command is called: its first word, or the first cmdlet of a pipeline.
std::string_view NameOf(const Unit& unit, std::string_view masked_text) {
  const std::string_view word = FirstWord(masked_text);
  if (!word.empty()) return word;
  return std::string_view(unit.pipeline).substr(0, unit.pipeline.find(' '));
}

}  // namespace

int64_t Elapsed(Timestamp start, Timestamp end, const date::time_zone* zone, bool* exact) {
  int64_t ms = (end.seconds - start.seconds) * 1000 + (end.nanos - start.nanos) / 1'000'000;
  *exact = true;
  if (ms >= 0) return ms;
  constexpr int64_t kHour = 3600;
  *exact = false;
  const bool set_back =
      OffsetAt(zone, start.seconds) > OffsetAt(zone, end.seconds + kHour) && ms >= -kHour * 1000;
  return set_back ? ms + kHour * 1000 : 0;
}

void EventWriter::Name(Session* session) const {
  const Header& header = *session->header;
  session->id =
      TraceId(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", header.machine, header.process_id,
                          header.start_digits, header.user, file_.path, session->header_offset));
  session->span_id = SpanId(session->id, "session");
  session->trace_id = session->id;
  if (!settings_.joined.empty()) {
    session->trace_id = settings_.joined.trace_id;
    session->parent_id = settings_.joined.parent_id;
  } else if (settings_.trace == Settings::Trace::kDay) {
    const std::string day = header.start_digits.substr(0, 8);
    session->trace_id = TraceId(fmt::format("{}\n{}", header.machine, day));
    session->parent_id = SpanId(session->trace_id, "day");
  }
}

// Once an event is sent the ids stay as they are, so a context must stand before that.
void EventWriter::Join(const Unit* unit, Session* session) const {
  if (session->any_sent) return;
  session->any_sent = true;
  if (!settings_.find_trace) return;
  auto context = FindTraceContext(session->header->host_application);
  if (!context && unit != nullptr) context = FindTraceContext(unit->text);
  if (!context && unit != nullptr) context = FindTraceContext(unit->output);
  if (!context) return;
  session->trace_id = context->trace_id;
  session->parent_id = context->parent_id;
}

// --- Pieces of an event ---

std::string_view EventWriter::Masked(std::string_view text) {
  std::string scratch;
  const std::string_view masked = settings_.mask.Apply(text, &scratch);
  return masked.data() == text.data() ? text : arena_.Join(masked);
}

void EventWriter::AddText(std::string_view name, std::string_view value) {
  if (!value.empty()) event_->Add(name, Value::String(value));
}

void EventWriter::Begin(std::string_view name, const Session& session, RecordSink* sink) {
  arena_.Clear();
  event_ = sink->NewEvent();
  AddText("name", name);
  AddCommon(session);
}

void EventWriter::AddCommon(const Session& session) {
  const Header& header = *session.header;
  AddText("service.name", settings_.service_name);
  AddText("meta.local_hostname", header.machine);
  AddText("host.name", header.machine);
  AddText("user.name", header.user);
  int64_t process_id = 0;
  const std::string& digits = header.process_id;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), process_id).ec == std::errc() &&
      !digits.empty()) {
    event_->Add("process.pid", Value::Int(process_id));
  }
  AddText("powershell.version", header.version);
  AddText("powershell.edition", header.edition);
  AddText("powershell.runas_user", header.runas_user);
  AddText("powershell.configuration_name", header.configuration);
  AddText("powershell.transcript.path", file_.path);
}

void EventWriter::AddHeader(const Session& session) {
  const Header& header = *session.header;
  AddText("powershell.host_application", header.host_application);
  AddText("powershell.git_commit", header.git_commit);
  AddText("powershell.os", header.os);
  AddText("powershell.platform", header.platform);
  AddText("powershell.machine_os", header.machine_os);
  AddText("powershell.language_guess", header.language);
}

void EventWriter::AddTrace(const Session& session, std::string_view span_id,
                           std::string_view parent_id) {
  if (!traced()) return;
  AddText("trace.trace_id", session.trace_id);
  AddText("trace.span_id", arena_.Join(span_id));
  AddText("trace.parent_id", arena_.Join(parent_id));
}

void EventWriter::BeginSpanEvent(std::string_view name, const Unit& unit, const Session& session,
                                 RecordSink* sink) {
  Begin(name, session, sink);
  SetTime(unit, session);
  AddSpanEvent(session, SpanOf(unit, session));
  AddText("powershell.command.id", arena_.Join(CommandId(unit, session)));
}

void EventWriter::AddSpanEvent(const Session& session, std::string_view parent_id) {
  if (!traced()) return;
  AddText("trace.trace_id", session.trace_id);
  AddText("trace.parent_id", arena_.Join(parent_id));
  AddText("meta.annotation_type", "span_event");
}

void EventWriter::SetTime(const Unit& unit, const Session& session) {
  std::string_view source = "read_clock";
  if (unit.header_time) {
    event_->time = unit.header_time;
    source = "invocation_header";
  } else if (file_.live) {
    event_->time = unit.read_time;
  } else if (session.start) {
    event_->time = session.start;
    source = "session_start";
  }
  event_->time_from = source;
  AddText("powershell.time_source", source);
}

void EventWriter::AddCommand(const Unit& unit, std::string_view text, const Session& session) {
  AddText("powershell.command", text);
  if (unit.text_cut) event_->Add("powershell.command_truncated", Value::Bool(true));
  AddText("powershell.command.name", NameOf(unit, text));
  AddText("powershell.command.id", arena_.Join(CommandId(unit, session)));
  event_->Add("powershell.index", Number(unit.index));
  AddText("powershell.prompt", unit.prompt);
  AddText("powershell.cwd", unit.folder);
  AddText("powershell.pipeline", unit.pipeline);
  if (!unit.params.empty()) {
    event_->Add("powershell.params",
                Value::RawJson(arena_.Join(arena_.Join("[", unit.params), "]")));
    if (unit.params_cut) event_->Add("powershell.params_truncated", Value::Bool(true));
  }
  if (unit.nested) event_->Add("powershell.nested_runspace", Value::Bool(true));
  if (unit.goes_on) event_->Add("powershell.goes_on", Value::Bool(true));
}

void EventWriter::AddOutput(const Unit& unit) {
  AddText("powershell.output", Masked(unit.output));
  event_->Add("powershell.output.lines", Number(unit.lines));
  if (unit.output_cut) event_->Add("powershell.output_truncated", Value::Bool(true));
}

void EventWriter::AddError(const ErrorRecord& error) {
  AddText("error.name", Masked(error.name));
  AddText("error.message", Masked(error.message));
  AddText("error.category", error.category);
  AddText("error.exception", error.exception);
  AddText("error.fully_qualified_id", Masked(error.id));
}

void EventWriter::AddOutcome(const Unit& unit) {
  const size_t errors = unit.errors.count();
  event_->Add("powershell.success", Value::Bool(unit.status.value_or(errors == 0)));
  AddText("powershell.success_source", unit.status ? "status" : "errors");
  if (!unit.errors.caught().empty()) {
    event_->Add("powershell.exception_caught", Value::Bool(true));
  }
  if (errors == 0) return;
  event_->Add("error", Value::Bool(true));
  event_->Add("error.count", Number(errors));
  const auto& records = unit.errors.records();
  AddError(records.front());
  event_->Add("error.terminating", Value::Bool(unit.errors.terminating() > 0));
}

void EventWriter::AddCounts(const Session& session) {
  event_->Add("powershell.command_count", Number(session.commands));
  event_->Add("powershell.warning_count", Number(session.warnings));
  event_->Add("powershell.error_count", Number(session.errors));
  event_->Add("powershell.terminating_error_count", Number(session.terminating));
  event_->Add("powershell.caught_exception_count", Number(session.caught));
  event_->Add("powershell.verbose_count", Number(session.verbose));
  event_->Add("powershell.debug_count", Number(session.debug));
  event_->Add("powershell.nested_runspaces", Number(session.nested));
}

void EventWriter::AddDuration(Timestamp start, Timestamp end) {
  bool exact = true;
  event_->Add("duration_ms", Value::Int(Elapsed(start, end, settings_.zone, &exact)));
  if (!exact) event_->Add("powershell.duration_estimated", Value::Bool(true));
}

// --- Events ---

void EventWriter::Count(const Unit& unit, Session* session) const {
  session->errors += unit.errors.count();
  session->terminating += unit.errors.terminating();
  session->caught += unit.errors.caught_count();
  session->warnings += unit.warnings;
  session->verbose += unit.verbose;
  session->debug += unit.debug;
  if (unit.is_command()) ++session->commands;
}

void EventWriter::SendErrors(const Unit& unit, const Session& session, RecordSink* sink) {
  if (!traced()) return;
  for (const ErrorRecord& error : unit.errors.records()) {
    BeginSpanEvent("powershell error", unit, session, sink);
    AddError(error);
    event_->Add("error", Value::Bool(true));
    event_->Add("error.terminating", Value::Bool(error.terminating));
    sink->Emit();
  }
  for (const ErrorRecord& error : unit.errors.caught()) {
    BeginSpanEvent("powershell exception", unit, session, sink);
    AddError(error);
    event_->Add("powershell.exception_caught", Value::Bool(true));
    sink->Emit();
  }
}

void EventWriter::SendInvocations(const Unit& unit, const Session& session, RecordSink* sink) {
  if (!traced() || settings_.elements != Settings::Elements::kEvents) return;
  for (const Element& element : unit.invocations) {
    BeginSpanEvent(element.cmdlet, unit, session, sink);
    AddText("powershell.command", Masked(element.text));
    sink->Emit();
  }
}

void EventWriter::SendUnit(Unit& unit, std::optional<Timestamp> end, Session* session,
                           RecordSink* sink) {
  unit.Finish();
  Count(unit, session);
  if (!unit.is_command() && !unit.has_content()) return;
  Join(&unit, session);
  std::string scratch;
  const std::string_view text = settings_.mask.Apply(unit.text, &scratch);
  if (!unit.is_command()) {
    BeginSpanEvent("powershell output", unit, *session, sink);
  } else {
    const std::string_view name = NameOf(unit, text);
    Begin(name.empty() ? "command" : name, *session, sink);
    SetTime(unit, *session);
    const std::string_view around = unit.parent_id.empty() ? session->span_id : unit.parent_id;
    if (unit.is_span()) {
      AddTrace(*session, CommandId(unit, *session), around);
    } else {
      AddSpanEvent(*session, around);
    }
    if (unit.header_time && end) {
      AddDuration(*unit.header_time, *end);
      AddText("powershell.duration_kind", "until_next_command");
    }
    AddHeader(*session);
    AddCommand(unit, text, *session);
  }
  AddOutput(unit);
  if (unit.warnings > 0) event_->Add("powershell.warning_count", Number(unit.warnings));
  AddOutcome(unit);
  sink->Emit();
  SendErrors(unit, *session, sink);
  SendInvocations(unit, *session, sink);
}

void EventWriter::SendSession(Unit* own, EndReason reason, Session* session, RecordSink* sink) {
  if (own != nullptr) {
    own->Finish();
    Count(*own, session);
  }
  Join(own, session);
  session->root_sent = true;
  if (own != nullptr) SendErrors(*own, *session, sink);
  Begin("powershell session", *session, sink);
  event_->time = session->start ? session->start : session->last;
  if (event_->time) {
    AddText("powershell.time_source", session->start ? "session_start" : "last_seen");
    AddText("powershell.timezone", ZoneName(settings_.zone));
  }
  AddTrace(*session, session->span_id, session->parent_id);
  if (session->start) {
    AddDuration(*session->start, session->last.value_or(*session->start));
    if (reason != EndReason::kFooter) {
      event_->Set("powershell.duration_estimated", Value::Bool(true));
    }
  }
  AddHeader(*session);
  AddCounts(*session);
  event_->Add("powershell.session.complete", Value::Bool(reason == EndReason::kFooter));
  AddText("powershell.session.end_reason", TextOf(reason));
  if (session->partial) event_->Add("powershell.session.partial", Value::Bool(true));
  if (own != nullptr && own->has_content()) {
    AddOutput(*own);
    AddText("powershell.pipeline", own->pipeline);
    AddOutcome(*own);
  }
  sink->Emit();
}

void EventWriter::SendLateEnd(Session* session, RecordSink* sink) {
  Begin("powershell session end", *session, sink);
  event_->time = session->last;
  AddText("powershell.time_source", "footer");
  AddSpanEvent(*session, session->span_id);
  if (session->start && session->last) {
    bool exact = true;
    const int64_t ms = Elapsed(*session->start, *session->last, settings_.zone, &exact);
    event_->Add("powershell.session.duration_ms", Value::Int(ms));
  }
  AddCounts(*session);
  event_->Add("powershell.session.complete", Value::Bool(true));
  AddText("powershell.session.end_reason", TextOf(EndReason::kFooter));
  sink->Emit();
}

}  // namespace hctail::transcript
