// SPDX-License-Identifier: Apache-2.0
// Blocks, sessions and pauses; lines are in reader_lines.cc.
#include "parsers/transcript/reader.h"

#include <algorithm>
#include <utility>

#include "parsers/transcript/words.h"

namespace hctail::transcript {
namespace {

std::string_view Plain(std::string_view line) {
  line = WithoutByteOrderMark(line);
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

EndReason ReasonOf(FileParser::Pause pause) {
  switch (pause) {
    case FileParser::Pause::kIdle:
      return EndReason::kIdle;
    case FileParser::Pause::kShutdown:
      return EndReason::kShutdown;
    case FileParser::Pause::kEnd:
      break;
  }
  return EndReason::kEof;
}

}  // namespace

Reader::Reader(Settings settings, FileFacts file)
    : settings_(std::move(settings)), file_(std::move(file)), events_(settings_, file_) {}

void Reader::TakeHead(std::string_view line) {
  head_.Add({.text = Plain(line), .read_time = {}});
  while (auto piece = head_.Next()) {
    if (session_.phase != Session::Phase::kNone) continue;
    if (piece->kind != BlockKind::kHeader && piece->kind != BlockKind::kShort) continue;
    OpenSession(*piece);
    session_.partial = true;
    unit_.kind = Unit::Kind::kNone;
    committed_ = session_;
  }
}

void Reader::Take(const FileLine& line, RecordSink* sink) {
  sink_ = sink;
  if (!std::exchange(begun_, true)) completed_ = line.begin;
  taken_ = line.end;
  last_read_ = line.read_time;
  FileLine plain = line;
  plain.text = Plain(line.text);
  if (blocks_.IsText(plain.text)) {
    OnText(plain);
    return;
  }
  blocks_.Add(plain);
  while (auto piece = blocks_.Next()) OnPiece(*piece);
}

void Reader::OnPiece(const Piece& piece) {
  const Line& first = piece.lines.front();
  switch (piece.kind) {
    case BlockKind::kText:
      OnText({first.text, first.begin, first.end, first.read_time});
      break;
    case BlockKind::kHeader:
      OnHeader(piece);
      break;
    case BlockKind::kShort:
      OnShort(piece);
      break;
    case BlockKind::kInvocation:
      OnInvocation(piece);
      break;
  }
}

// --- Blocks ---

void Reader::OnHeader(const Piece& piece) {
  SettleUnknown();
  if (session_.open() && ReadHeader(piece).SameProcess(*session_.header)) {
    CloseElement();
    ++session_.nested;
    if ((unit_.is_command() || unit_.sent.command) && !outer_.active()) unit_.nested = true;
    session_.See(ReadTime(piece.time().digits, settings_.zone));
    return;
  }
  CloseSession(EndReason::kNewHeader, std::nullopt);
  Complete(piece.lines.front().begin);
  OpenSession(piece);
}

// A footer and a header without fields look alike.  In a session it is its footer, unless it has
// the words of the session's own start; outside, it is a header.
bool Reader::IsFooter(const Piece& piece) const {
  const std::string_view label = piece.time().label;
  if (!session_.open()) return IsEndLabel(label);
  if (IsEndLabel(label)) return true;
  return label != session_.header->start_label && LanguageOfStart(label).empty();
}

void Reader::OnShort(const Piece& piece) {
  SettleUnknown();
  const uint64_t end = piece.lines.back().end;
  if (!IsFooter(piece)) {
    CloseSession(EndReason::kNewHeader, std::nullopt);
    Complete(piece.lines.front().begin);
    OpenSession(piece);
    return;
  }
  if (!session_.open()) {
    EndUnits(std::nullopt);
    ForgetPending();
    sink_->Skip();
    Complete(end);
    return;
  }
  const auto time = ReadTime(piece.time().digits, settings_.zone);
  CloseSession(EndReason::kFooter, time);
  session_.phase = Session::Phase::kClosed;
  session_.learned_prompt.clear();
  Complete(end);
}

void Reader::OnInvocation(const Piece& piece) {
  SettleUnknown();
  ForgetPending();
  pending_ = piece.lines.front().begin;
  if (piece.stamp == 0) headless_ = pending_;
  session_.next.timed = true;
  session_.next.time = ReadTime(piece.time().digits, settings_.zone);
  session_.See(session_.next.time);
}

// --- Sessions ---

void Reader::OpenSession(const Piece& piece) {
  session_ = {};
  session_.phase = Session::Phase::kOpen;
  Header header = ReadHeader(piece);
  std::string scratch;
  header.host_application = settings_.mask.Apply(std::string(header.host_application), &scratch);
  session_.header = std::make_shared<const Header>(std::move(header));
  session_.header_offset = piece.lines.front().begin;
  session_.start = ReadTime(session_.header->start_digits, settings_.zone);
  session_.last = session_.start;
  events_.Name(&session_);
  BeginUnit(Unit::Kind::kSession, session_.header_offset, piece.lines.front().read_time);
}

// A prompt where no header was seen: the file begins in the middle.
void Reader::OpenWithoutHeader(const FileLine& line) {
  const Session::Next next = session_.next;
  session_ = {};
  session_.phase = Session::Phase::kOpen;
  session_.partial = true;
  session_.header_offset = line.begin;
  session_.next = next;
  session_.See(next.time);
  events_.Name(&session_);
}

void Reader::CloseSession(EndReason reason, std::optional<Timestamp> end) {
  CloseElement();
  ForgetPending();
  if (!session_.open()) {
    EndUnits(end);
    return;
  }
  if (end) session_.last = end;
  const bool own = unit_.kind == Unit::Kind::kSession && session_.commands == 0 &&
                   !session_.root_sent && !outer_.active();
  if (!own) EndUnits(end);
  if (session_.root_sent) {
    if (reason == EndReason::kFooter) events_.SendLateEnd(&session_, sink_);
    return;
  }
  events_.SendSession(own ? &unit_ : nullptr, reason, &session_, sink_);
  unit_.kind = Unit::Kind::kNone;
}

// --- Pauses ---

void Reader::OnPause(Pause pause, Duration quiet, uint64_t end, RecordSink* sink) {
  sink_ = sink;
  if (pause == Pause::kIdle && quiet < settings_.idle_timeout) return;
  if (!begun_) return;  // there is nothing that an event could stand for
  if (pause == Pause::kEnd) {
    while (auto piece = blocks_.NextAtEnd()) OnPiece(*piece);
    SettleUnknown();
  }
  uint64_t until = blocks_.empty() ? end : blocks_.begin();
  // Half a prompt is to be read again with its other half.
  if (unknown_ || exception_) {
    until = std::min(until, pending_.value_or(unknown_line_.begin));
  }
  if (until > completed_) PauseSession(pause, until);
}

void Reader::PauseSession(Pause pause, uint64_t end) {
  const bool over = pause == Pause::kEnd;
  Sent sent = {.active = true};
  if (unit_.kind == Unit::Kind::kContinuation) {
    sent = unit_.sent;
    sent.nested = unit_.nested;
  } else if (unit_.is_command()) {
    sent = {.active = true,
            .entry = unit_.entry,
            .command = true,
            .typed = unit_.kind == Unit::Kind::kTyped,
            .span = unit_.is_span(),
            .nested = unit_.nested,
            .prompt = unit_.prompt,
            .here = unit_.in_here_string()};
    unit_.goes_on = !over;
  }
  if (file_.live) session_.See(last_read_);
  const Session before = session_;
  const auto pending = pending_;
  CloseSession(ReasonOf(pause), before.next.time);
  if (!over) {
    session_.next = before.next;
    pending_ = pending;
    if (session_.open()) session_.sent = sent;
  }
  Complete(end);
  if (pending_ && *pending_ < end) pending_.reset();
  BeginContinuation();
}

// What was sent may go on.
void Reader::BeginContinuation() {
  if (!session_.sent.active) return;
  BeginUnit(Unit::Kind::kContinuation, session_.sent.entry, last_read_);
  unit_.sent = session_.sent;
  unit_.nested = session_.sent.nested;
  unit_.prompt = session_.sent.prompt;
}

bool Reader::holding() const {
  return taken_ > completed_ || (begun_ && session_.open() && !session_.root_sent);
}

// --- What a restart has to know ---

// The line before `end`, which is as far as was read, is the S that ends a block.
bool Reader::AfterSeparator(uint64_t end) const {
  if (blocks_.empty()) return end == taken_ && blocks_.after_separator();
  return end == blocks_.begin() && blocks_.headless();
}

void Reader::Complete(uint64_t end) {
  committed_ = session_;
  if (pending_ && end <= *pending_) {
    committed_.next = {};
  }
  committed_.after_separator = headless_ == end || AfterSeparator(end);
  completed_ = end;
  sink_->Complete(end);
}

std::string Reader::Save() const { return transcript::Save(committed_); }

void Reader::Restore(std::string_view state) {
  session_ = transcript::Restore(state);
  committed_ = session_;
  if (session_.after_separator) blocks_.SetAfterSeparator();
  outer_.kind = Unit::Kind::kNone;
  unit_.kind = Unit::Kind::kNone;
  BeginContinuation();
}

}  // namespace hctail::transcript
