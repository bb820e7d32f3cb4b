// SPDX-License-Identifier: Apache-2.0
// Lines between blocks: prompts, commands, elements and output.
#include <algorithm>
#include <utility>

#include "parsers/transcript/prompt.h"
#include "parsers/transcript/reader.h"

namespace hctail::transcript {
namespace {

constexpr size_t kMaxPrompt = 512;
// Before elements that came before any output; and it is the prompt for more lines.
constexpr std::string_view kMark = ">> ";
constexpr std::string_view kNoPrompt = "PS>";
constexpr std::string_view kStatus = "$global:?";
// The end of a prompt that stands at the start of its last line.
constexpr size_t kMaxGlyph = 8;
// Commands in a row with a time of their own after which all have one.
constexpr uint64_t kAllHaveTimes = 2;

// What PowerShell runs by itself to show something.
bool IsDisplay(std::string_view cmdlet) {
  return cmdlet == "Out-String" || cmdlet == "Out-Default" || cmdlet == "Out-Host" ||
         cmdlet.starts_with("Format-");
}

}  // namespace

size_t Reader::PromptSize(std::string_view text) const {
  const std::string& learned = session_.learned_prompt;
  if (!learned.empty() && text.starts_with(learned)) return learned.size();
  if (settings_.prompt) {
    std::string_view match;
    if (settings_.prompt->Search(text, {&match, 1}) && match.data() == text.data() &&
        !match.empty()) {
      return match.size();
    }
  }
  return DefaultPromptSize(text);
}

void Reader::OnText(const FileLine& line) {
  if (!session_.open() && !unit_.active()) {
    OnStray(line);
    return;
  }
  if (exception_ && OnLineAfterException(line)) return;
  if (session_.next.timed) {
    OnFirstLine(line);
    return;
  }
  if (unit_.in_here_string() && unit_.AddText(line.text)) return;
  if (unit_.sent.here) {
    // What is left of the text of a command that was sent; where it does not end, it was none.
    const size_t mark = line.text.starts_with(kMark) ? kMark.size() : 0;
    const std::string_view end = line.text.substr(mark, 2);
    if (end == "'@" || end == "\"@" || unit_.lines >= Unit::kMaxHereLines) {
      unit_.sent.here = session_.sent.here = false;
    }
    unit_.AddOutput(line.text, line.begin);
    return;
  }
  if (session_.next.bare_prompt) {
    // The second line of a prompt, unless it is a whole one.
    const size_t size = EnvironmentSize(line.text);
    if (size > 0 && size < line.text.size() && DefaultPromptSize(line.text) <= size) {
      const std::string prompt =
          *session_.next.bare_prompt + "\n" + std::string(line.text.substr(0, size));
      BeginTyped(prompt, line.text.substr(size), line);
      return;
    }
    if (!DefaultPromptSize(line.text)) ForgetPending();
  }
  const size_t size = PromptSize(line.text);
  if (size > 0 && OnPrompt(line, size)) return;
  OnMore(line);
}

// Outside of sessions only a command is of interest.  What stands before the first may be no
// transcript at all.
void Reader::OnStray(const FileLine& line) {
  const size_t size = PromptSize(line.text);
  const bool command = size > 0 && !Trim(line.text.substr(size)).empty();
  if (!command && !session_.next.timed) {
    ForgetPending();
    if (session_.phase == Session::Phase::kNone && !Trim(line.text).empty()) {
      sink_->Malformed("before any transcript", line.text);
    } else {
      sink_->Skip();
    }
    Complete(line.end);
    return;
  }
  if (session_.phase == Session::Phase::kNone) OpenWithoutHeader(line);
  if (session_.next.timed) {
    OnFirstLine(line);
  } else if (!OnPrompt(line, size)) {
    OnMore(line);
  }
}

// The time at which a command began was seen, so this line is that command, whatever its prompt.
void Reader::OnFirstLine(const FileLine& line) {
  if (Trim(line.text).empty()) return;
  const auto unknown = std::exchange(unknown_, std::nullopt);
  size_t size = PromptSize(line.text);
  if (size == 0 && session_.next.bare_prompt) size = EnvironmentSize(line.text);
  if (size == 0) {
    if (auto element = ReadElement(line.text)) {
      OnElement({}, *std::move(element), line);
      return;
    }
    size = LikelyPromptSize(line.text);
    if (size == 0 && !unknown) {
      unknown_ = line.text;
      unknown_line_ = line;
      return;
    }
    if (unknown && (size == 0 || size > kMaxGlyph)) {
      BeginTyped({}, *unknown, unknown_line_);
      OnText(line);
      return;
    }
  }
  std::string prompt(line.text.substr(0, size));
  if (unknown) prompt = *unknown + "\n" + prompt;
  const std::string_view rest = line.text.substr(size);
  if (Trim(rest).empty()) {
    session_.next.bare_prompt = CutAt(prompt, kMaxPrompt);
    return;
  }
  if (auto element = ReadElement(rest)) {
    if (element->kind == ElementKind::kTerminatingError && !element->open && !unit_.is_command()) {
      exception_ = std::move(element);
      unknown_line_ = line;
      return;
    }
    OnElement(prompt, *std::move(element), line);
    return;
  }
  if (ReadStatus(rest)) {
    if (unit_.is_command()) unit_.status_time = session_.next.time;
    ForgetPending();
    return;
  }
  BeginTyped(prompt, rest, line);
}

// An exception outside of commands came, with a time.  If the next element is a CommandInvocation,
// it is of the pipeline that begins so.
bool Reader::OnLineAfterException(const FileLine& line) {
  auto element =
      line.text.starts_with(kMark) ? ReadElement(line.text.substr(kMark.size())) : std::nullopt;
  if (!element || element->kind != ElementKind::kInvocation) {
    SettleUnknown();
    return false;
  }
  const Element exception = *std::exchange(exception_, std::nullopt);
  BeginCommand(Unit::Kind::kPipeline, kNoPrompt, unknown_line_);
  Attach(exception, line);
  Attach(*std::move(element), line);
  return true;
}

// A line that may have been half a prompt was a command without one; an exception that may have
// been a pipeline's was not.
void Reader::SettleUnknown() {
  if (exception_) {
    ForgetPending();
    Attach(*std::exchange(exception_, std::nullopt), unknown_line_);
  }
  if (!unknown_) return;
  const std::string text = *std::exchange(unknown_, std::nullopt);
  BeginTyped({}, text, unknown_line_);
}

// False if it is no prompt after all.
bool Reader::OnPrompt(const FileLine& line, size_t size) {
  const std::string_view prompt = line.text.substr(0, size);
  const std::string_view rest = line.text.substr(size);
  if (Trim(rest).empty()) {
    // A command with a time of its own lasts until the next one has one.
    if (unit_.header_time) return TrimRight(prompt) == TrimRight(unit_.prompt);
    OnBarePrompt(line, prompt);
    return true;
  }
  if (auto element = ReadElement(rest)) {
    OnElement(prompt, *std::move(element), line);
    return true;
  }
  if (ReadStatus(rest)) return true;
  if (session_.invocations >= kAllHaveTimes) return false;
  BeginTyped(prompt, rest, line);
  return true;
}

// Enter was pressed, or it is the first line of a prompt that has two.
void Reader::OnBarePrompt(const FileLine& line, std::string_view prompt) {
  CloseElement();
  ForgetPending();
  if (prompt == kNoPrompt) unit_.TakeFolderLine();
  EndUnits(std::nullopt);
  Complete(line.begin);
  if (!session_.open()) {
    OnStray(line);
    return;
  }
  pending_ = line.begin;
  session_.next.bare_prompt = CutAt(prompt, kMaxPrompt);
}

bool Reader::ReadStatus(std::string_view text) {
  if (Trim(text) != kStatus) return false;
  CloseElement();
  status_next_ = true;
  return true;
}

// An element after a prompt: of the command at hand, or the start of a pipeline that a program ran.
void Reader::OnElement(std::string_view prompt, Element element, const FileLine& line) {
  CloseElement();
  const bool typed = unit_.kind == Unit::Kind::kTyped || (unit_.sent.active && unit_.sent.typed);
  // To show an error takes a runspace of its own.
  const bool display = unit_.nested && IsDisplay(element.cmdlet);
  const bool runspace = unit_.nested && prompt != unit_.prompt;
  if (element.kind == ElementKind::kInvocation && !display && (!typed || runspace)) {
    BeginCommand(Unit::Kind::kPipeline, prompt, line);
    if (session_.learned_prompt.empty() && prompt != kNoPrompt) {
      session_.learned_prompt = CutAt(prompt, kMaxPrompt);
    }
  } else {
    ForgetPending();
  }
  Attach(std::move(element), line);
}

// A line that begins nothing.
void Reader::OnMore(const FileLine& line) {
  std::string_view text = line.text;
  const bool marked = text.starts_with(kMark);
  if (element_ && !marked) {
    AddLine(text, &*element_);
    if (!element_->open) CloseElement();
    return;
  }
  CloseElement();
  if (std::exchange(status_next_, false)) {
    const std::string_view word = Trim(text);
    if (word == "True" || word == "False") {
      if (unit_.active()) unit_.status = word == "True";
      return;
    }
  }
  if (marked) text.remove_prefix(kMark.size());
  if (auto element = ReadElement(text)) {
    Attach(*std::move(element), line);
    return;
  }
  if (marked && ReadStatus(text)) return;
  if (unit_.kind == Unit::Kind::kTyped && unit_.AddText(line.text)) return;
  OpenUnit(line).AddOutput(line.text, line.begin);
}

// --- Units ---

void Reader::BeginUnit(Unit::Kind kind, uint64_t entry, Timestamp read_time) {
  unit_.Begin(kind, entry, session_.major_version(), settings_.output_max);
  unit_.read_time = read_time;
}

void Reader::BeginCommand(Unit::Kind kind, std::string_view prompt, const FileLine& line) {
  const bool timed = session_.next.timed;
  const std::optional<Timestamp> time = session_.next.time;
  uint64_t begin = pending_.value_or(line.begin);
  const Unit* const around = outer_.active() ? &outer_ : unit_.nested ? &unit_ : nullptr;
  const bool inside = around != nullptr && prompt == kNoPrompt && around->prompt != kNoPrompt;
  const bool bare = prompt == kNoPrompt && session_.open();
  const auto folder = bare ? unit_.TakeFolderLine() : std::nullopt;
  if (folder && !pending_) begin = folder->begin;
  CloseElement();
  ForgetPending();
  if (inside && !outer_.active()) {
    std::swap(outer_, unit_);
  } else if (inside) {
    EndUnit(&unit_, time);
  } else {
    EndUnits(time);
    session_.sent = {};
    Complete(begin);
  }
  BeginUnit(kind, line.begin, line.read_time);
  unit_.prompt = CutAt(prompt, kMaxPrompt);
  unit_.folder = folder ? folder->folder : FolderOf(prompt.substr(0, prompt.find('\n')));
  unit_.header_time = time;
  unit_.index = session_.commands + (inside ? 2 : 1);
  if (inside) unit_.parent_id = SpanId(session_.id, outer_.entry);
  session_.invocations = timed ? session_.invocations + 1 : 0;
  if (timed && !prompt.empty() && DefaultPromptSize(prompt) == 0) {
    session_.learned_prompt = prompt.find('\n') == std::string_view::npos
                                  ? CutAt(prompt, kMaxPrompt)
                                  : std::string_view();
  }
}

void Reader::BeginTyped(std::string_view prompt, std::string_view text, const FileLine& line) {
  BeginCommand(Unit::Kind::kTyped, prompt, line);
  unit_.BeginText(text);
}

Unit& Reader::OpenUnit(const FileLine& line) {
  if (unit_.active()) return unit_;
  const bool more = session_.root_sent;
  BeginUnit(more ? Unit::Kind::kContinuation : Unit::Kind::kSession, line.begin, line.read_time);
  unit_.sent.active = more;
  return unit_;
}

void Reader::Attach(Element element, const FileLine& line) {
  if (element.open) {
    OpenUnit(line);
    element_ = std::move(element);
    return;
  }
  OpenUnit(line).AddElement(element, settings_.mask);
}

void Reader::CloseElement() {
  if (!element_) return;
  unit_.AddElement(*std::exchange(element_, std::nullopt), settings_.mask);
}

void Reader::EndUnit(Unit* unit, std::optional<Timestamp> end) {
  if (!unit->active()) return;
  // The first line of a prompt whose second has not come.
  if (unit->prompt == kNoPrompt && !unit->folder.empty()) unit->TakeFolderLine();
  events_.SendUnit(*unit, unit->status_time ? unit->status_time : end, &session_, sink_);
  unit->kind = Unit::Kind::kNone;
  unit->nested = false;
  unit->sent = {};
}

void Reader::EndUnits(std::optional<Timestamp> end) {
  CloseElement();
  status_next_ = false;
  EndUnit(&unit_, end);
  EndUnit(&outer_, end);
}

void Reader::ForgetPending() {
  pending_.reset();
  session_.next = {};
}

}  // namespace hctail::transcript
