// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/errors.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/fingerprint.h"
#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

constexpr size_t kMaxKeptLine = 1024;
constexpr size_t kMaxMessage = 4096;
constexpr size_t kMaxRaised = 50;
constexpr size_t kMaxBeyond = 10000;
constexpr size_t kMaxTailLines = 8;
constexpr size_t kMaxMessageLines = 10;
constexpr size_t kWrapped = 60;      // a line at least this long may have been wrapped
constexpr size_t kTellingSize = 16;  // of a text that two errors hardly share

// The one is how the other begins: a message that was wrapped, and its first line.
bool SameStart(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || a.size() >= kTellingSize);
}

// Or how it ends: the same with less taken for its name.
bool SameText(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return SameStart(a, b) || (a.size() >= kTellingSize && b.ends_with(a));
}

// Copies of one error, which PowerShell calls otherwise on the console than in the transcript.
bool IsRenamed(const ErrorRecord& a, const ErrorRecord& b) {
  return !a.place.empty() && a.place == b.place && a.name != b.name &&
         SameStart(a.squeezed, b.squeezed);
}

void Squeeze(ErrorRecord* record) {
  record->squeezed = Squeezed(record->message);
  record->whole = Squeezed(record->name) + ":" + record->squeezed;
}

// "Name : message"; where the message begins, or 0.
size_t NormalNameSize(std::string_view line) {
  if (line.empty() || IsBlank(line[0])) return 0;
  const std::string_view start = line.substr(0, 300);
  for (const std::string_view mark : {" : ", "\xc2\xa0: "}) {
    const size_t at = start.find(mark);
    if (at != std::string_view::npos && at > 0) return at + mark.size();
  }
  return TrimRight(line).ends_with(" :") ? line.size() : 0;
}

std::string_view WithoutColon(std::string_view name) {
  name = TrimRight(name);
  if (name.ends_with(':')) name.remove_suffix(1);
  return TrimRight(name);
}

}  // namespace

void ErrorFinder::Begin(std::string_view command, int major_version) {
  command_ = command;
  major_ = major_version;
  records_.clear();
  beyond_.clear();
  raised_.clear();
  quiet_.clear();
  caught_.clear();
  count_ = terminating_ = caught_count_ = 0;
  fresh_ = between_ = 0;
  others_ = last_raised_ = 0;
  reading_ = Reading::kOutput;
  head_ = {};
}

void ErrorFinder::Keep(std::string_view line) {
  lines_[next_line_].assign(line.substr(0, kMaxKeptLine));
  // More lines than can be those of an error need not be counted.
  const bool after_error = !records_.empty() && between_ <= kLines;
  const bool after_element = !raised_.empty() && others_ - last_raised_ <= kLines;
  const bool foreign = (after_error || after_element) && !line.empty() && !IsOfKnownError(line);
  foreign_[next_line_] = foreign;
  between_ += foreign && !records_.empty() ? 1 : 0;
  others_ += foreign ? 1 : 0;
  next_line_ = (next_line_ + 1) % kLines;
  fresh_ = std::min(fresh_ + 1, kLines);
}

std::string_view ErrorFinder::Kept(size_t back) const {
  return back > fresh_ ? std::string_view() : lines_[(next_line_ + kLines - back) % kLines];
}

// A part of an error shown once more, or of an exception that an element told.
bool ErrorFinder::IsOfKnownError(std::string_view line) const {
  const std::string squeezed = Squeezed(line);
  const auto has = [&](std::string_view text) { return text.find(squeezed) != text.npos; };
  return std::ranges::any_of(records_, has, &ErrorRecord::whole) ||
         std::ranges::any_of(raised_, has, &Raised::squeezed);
}

// The last `lines` that were kept are the error's that comes now.
void ErrorFinder::Unkeep(size_t lines) {
  for (size_t back = 1; back <= std::min(lines, fresh_); ++back) {
    if (!std::exchange(foreign_[(next_line_ + kLines - back) % kLines], false)) continue;
    between_ -= std::min<size_t>(between_, 1);
    others_ -= std::min<uint64_t>(others_ - last_raised_, 1);
  }
}

void ErrorFinder::AddOutput(std::string_view line) {
  if (ReadNormal(line)) return;
  if (reading_ == Reading::kExcerpt && ReadExcerpt(line)) return;
  if (head_.evidence != Head::Evidence::kNone) {
    SettleHead(line);
  } else if (BeginsExcerpt(line)) {
    // The name of a function need not look like that of a cmdlet.
    const std::string_view name = Kept(1).substr(0, Kept(1).find_first_of(" :"));
    const std::string_view rest = Kept(1).substr(name.size());
    if (!name.empty() && rest.starts_with(':')) BeginExcerpt(name, rest.substr(1));
  }
  if (reading_ == Reading::kExcerpt) return;
  if (major_ >= 6 && (head_.evidence == Head::Evidence::kNone || !copy_lines_)) LookForHead(line);
  if (!raised_.empty()) LookForMessage(line);
  Keep(line);
}

// --- "+ CategoryInfo" ---

bool ErrorFinder::ReadNormal(std::string_view line) {
  if (reading_ == Reading::kId) {
    // An id that was wrapped goes on after three blanks.
    const bool more = width_ >= kWrapped && line.starts_with("   ") && line.size() > 3 &&
                      line[3] != ' ' && line[3] != '+';
    if (more && open_.id.size() < kMaxKeptLine) open_.id += Trim(line);
    EndNormal();
    if (more) return true;
  }
  const size_t plus = line.find_first_not_of(" \t");
  if (plus == std::string_view::npos || line[plus] != '+') {
    if (reading_ != Reading::kCategory) return false;
    // Only a long line was wrapped.
    if (Trim(line).empty() || width_ < kWrapped || category_.size() > kMaxKeptLine) {
      EndNormal();
      return false;
    }
    category_ += Trim(line);
    width_ = line.size();
    return true;
  }
  if (const auto category = ReadCategory(line)) {
    if (reading_ == Reading::kCategory) EndNormal();
    open_ = {};
    TakeMessage(1);
    category_ = *category;
    width_ = line.size();
    reading_ = Reading::kCategory;
    return true;
  }
  if (const auto id = ReadId(line); id && reading_ == Reading::kCategory) {
    open_.id = *id;
    width_ = line.size();
    reading_ = Reading::kId;
    return true;
  }
  return false;
}

// The lines before the one at hand, of which `back` counts: code, position, message.
void ErrorFinder::TakeMessage(size_t back) {
  while (back <= fresh_ && Kept(back).starts_with('+')) ++back;
  // A long path may have been wrapped.
  for (size_t lines = 1; lines <= 2; ++lines) {
    std::string position;
    for (size_t i = lines; i > 0; --i) position += Kept(back + i - 1);
    if (!IsPosition(position)) continue;
    back += lines;
    break;
  }
  size_t first = 0;  // the message's first line, counted backwards
  size_t name = 0;   // how much of that is the name
  for (size_t i = back; i <= fresh_ && i < back + kMaxMessageLines; ++i) {
    const std::string_view line = Kept(i);
    if (Trim(line).empty()) break;
    name = NormalNameSize(line);
    if (name == 0) continue;
    first = i;
    break;
  }
  if (first == 0) {  // an exception that nothing gave its name to
    first = back;
    while (first + 1 <= fresh_ && Kept(first + 1).size() >= kWrapped) ++first;
  }
  for (size_t i = first; i >= back && i > 0; --i) {
    std::string_view line = Kept(i);
    if (i == first && name > 0) {
      open_.name = WithoutColon(line.substr(0, name));
      line.remove_prefix(std::min(name, line.size()));
    }
    if (!open_.message.empty()) open_.message += ' ';
    AppendCollapsed(line, kMaxMessage, &open_.message);
  }
  Unkeep(first);
}

void ErrorFinder::EndNormal() {
  const Category category = SplitCategory(category_);
  open_.category = category.kind;
  open_.exception = category.exception;
  Add(std::exchange(open_, {}));
  reading_ = Reading::kOutput;
  fresh_ = 0;
}

// --- "Name: message" and "Line |" ---

void ErrorFinder::LookForHead(std::string_view line) {
  if (line.empty()) return;
  Head head = ReadHead(line, command_);
  if (head.evidence == Head::Evidence::kNone) return;
  head_ = std::move(head);
  head_tail_.clear();
  head_lines_ = 0;
  head_added_ = false;
  copy_lines_.reset();
}

void ErrorFinder::BeginExcerpt(std::string_view name, std::string_view place) {
  open_ = {};
  Unkeep(1);
  open_.name = name;
  open_.place = Trim(place);
  if (IsErrorCategory(name)) open_.category = name;
  reading_ = Reading::kExcerpt;
}

// There is a head, and `line` came after it.
void ErrorFinder::SettleHead(std::string_view line) {
  if (copy_lines_ == head_lines_) {
    head_ = {};
    return;
  }
  if (head_lines_ == 0 && BeginsExcerpt(line)) {
    const Head head = std::exchange(head_, {});
    BeginExcerpt(head.name, head.message);
    return;
  }
  const Head next = ReadHead(line, command_);
  const bool again = next.name == head_.name && next.evidence != Head::Evidence::kNone &&
                     SameStart(Squeezed(next.message), Squeezed(head_.message));
  if (again) {
    head_.evidence = Head::Evidence::kSure;
    AddHead();
    copy_lines_ = std::exchange(head_lines_, 0);
    return;
  }
  if (head_.evidence == Head::Evidence::kSure && !head_added_) AddHead();
  if (next.evidence != Head::Evidence::kNone || ++head_lines_ > kMaxTailLines) {
    head_ = {};
    return;
  }
  if (copy_lines_) return;
  head_tail_ += ' ';
  AppendCollapsed(line, kMaxMessage, &head_tail_);
}

// The lines after the head are part of the message only if then it is repeated.
void ErrorFinder::AddHead() {
  ErrorRecord record{.name = head_.name};
  AppendCollapsed(head_.message, kMaxMessage, &record.message);
  if (IsErrorCategory(head_.name)) record.category = head_.name;
  Unkeep(1 + head_lines_);
  const std::string with_tail = record.message + std::string(TrimRight(head_tail_));
  Squeeze(&record);
  if (ErrorRecord* const found = head_added_ ? Find(record) : nullptr) {
    found->message = with_tail;
    Squeeze(found);
    return;
  }
  record.message = with_tail;
  head_added_ = true;
  Add(std::move(record));
}

bool ErrorFinder::ReadExcerpt(std::string_view line) {
  const auto text = ExcerptText(line);
  if (!text) {
    reading_ = Reading::kOutput;
    if (open_.message.empty()) open_.message = open_.name;
    Add(std::exchange(open_, {}));
    return false;
  }
  const size_t first = line.find_first_not_of(" \t");
  if (IsDigit(line[first]) || IsUnderline(*text)) return true;
  if (!open_.message.empty()) open_.message += ' ';
  AppendCollapsed(*text, kMaxMessage, &open_.message);
  return true;
}

// --- Elements ---

void ErrorFinder::AddElement(const Element& element) {
  if (element.kind == ElementKind::kParameter) {
    const bool silent = EqualsIgnoringCase(element.text, "SilentlyContinue") ||
                        EqualsIgnoringCase(element.text, "Ignore");
    if (silent && element.name == "ErrorAction" && quiet_.size() < kMaxRaised) {
      quiet_.push_back(element.cmdlet);
    }
    return;
  }
  if (element.kind == ElementKind::kInvocation) return;
  const bool terminating = element.kind == ElementKind::kTerminatingError;
  if (!terminating && std::ranges::count(quiet_, element.cmdlet) > 0) return;
  std::string squeezed = Squeezed(element.text);
  last_raised_ = others_;
  const auto known = std::ranges::find_if(raised_, [&](const Raised& raised) {
    return raised.squeezed == squeezed && raised.cmdlet == element.cmdlet;
  });
  if (known != raised_.end() && known->others == others_) return;
  const bool again = known != raised_.end();
  if (again || raised_.size() >= kMaxRaised) {
    EndOpen();
    const auto over = again ? known : raised_.begin();
    Settle(*over);
    raised_.erase(over);
  }
  Raised& raised = raised_.emplace_back();
  raised.cmdlet = element.cmdlet;
  AppendCollapsed(element.text, kMaxMessage, &raised.text);
  raised.squeezed = std::move(squeezed);
  raised.terminating = terminating;
  raised.again = again;
  raised.first_record = again ? records_.size() : 0;
  raised.others = others_;
}

// What an element says and what is shown differ in what stands before: "The running command
// stopped because ...: message".
bool ErrorFinder::Raised::Tells(std::string_view message) const {
  return message == squeezed || (message.size() >= kTellingSize && squeezed.contains(message));
}

// When a pipeline dies, its exception's message is a line of its own.
void ErrorFinder::LookForMessage(std::string_view line) {
  if (Trim(line).empty()) return;
  const std::string squeezed = Squeezed(line);
  for (Raised& raised : raised_) {
    if (raised.shown || !raised.terminating || !SameStart(squeezed, raised.squeezed)) continue;
    raised.shown = true;
    Add({.name = raised.cmdlet, .message = raised.text, .terminating = true});
    return;
  }
}

// --- All of them ---

ErrorRecord* ErrorFinder::Find(const ErrorRecord& like) {
  if (!records_.empty() && IsRenamed(records_.back(), like)) return &records_.back();
  for (ErrorRecord& record : std::views::reverse(records_)) {
    const bool other_kind = !record.category.empty() && !like.category.empty() &&
                            (record.category != like.category || record.id != like.id);
    if (!other_kind && SameText(record.whole, like.whole)) return &record;
  }
  return nullptr;
}

void ErrorFinder::Add(ErrorRecord record) {
  const bool again = std::exchange(between_, 0) > 0;
  Squeeze(&record);
  const auto raised =
      std::ranges::find_if(raised_, [&](const Raised& one) { return one.Tells(record.squeezed); });
  if (raised != raised_.end()) {
    record.terminating = raised->terminating;
    // Of a message with several lines only the first may be known.
    if (raised->squeezed.starts_with(record.squeezed)) record.message = raised->text;
    // The bare message was taken first; the error says it better.
    const auto bare = std::ranges::find_if(records_, [&](const ErrorRecord& known) {
      return raised->shown && !again && known.squeezed == raised->squeezed;
    });
    raised->shown = true;
    if (bare != records_.end()) {
      *bare = std::move(record);
      return;
    }
  }
  ErrorRecord* const known = again ? nullptr : Find(record);
  // Both names were shown, and now it is the first one's turn.
  const bool anew = known != nullptr && known->renamed && known->name == record.name;
  if (known != nullptr && !anew) {
    known->renamed = known->renamed || IsRenamed(*known, record);
    if (known->category.empty()) known->category = record.category;
    if (known->exception.empty()) known->exception = record.exception;
    if (known->id.empty()) known->id = record.id;
    return;
  }
  others_ += raised == raised_.end() ? 1 : 0;
  if (records_.size() < kMaxRecords) {
    ++count_;
    records_.push_back(std::move(record));
    return;
  }
  if (beyond_.size() >= kMaxBeyond) return;
  const std::string& key = record.place.empty() ? record.whole : record.squeezed;
  if (beyond_.insert(HashBytes(record.place + key)).second || again || anew) ++count_;
}

// What is being read of an error is all there is.
void ErrorFinder::EndOpen() {
  if (reading_ == Reading::kCategory || reading_ == Reading::kId) EndNormal();
  if (reading_ == Reading::kExcerpt) ReadExcerpt({});
  if (head_.evidence == Head::Evidence::kSure && !head_added_) {
    head_tail_.clear();
    AddHead();
  }
}

// No line comes any more that could show it.
void ErrorFinder::Settle(const Raised& raised) {
  bool shown = raised.shown;
  for (size_t i = raised.first_record; i < records_.size(); ++i) {
    if (!raised.Tells(records_[i].squeezed)) continue;
    shown = true;
    records_[i].terminating = records_[i].terminating || raised.terminating;
  }
  if (shown) return;
  if (!raised.terminating) {
    const size_t between = std::exchange(between_, raised.again ? 1 : 0);
    Add({.name = raised.cmdlet, .message = raised.text});
    between_ = between;
    return;
  }
  ++caught_count_;
  if (caught_.size() < kMaxRecords) {
    caught_.push_back({.name = raised.cmdlet, .message = raised.text});
  }
}

void ErrorFinder::Finish() {
  EndOpen();
  head_ = {};
  for (const Raised& raised : raised_) Settle(raised);
  terminating_ = static_cast<size_t>(std::ranges::count(records_, true, &ErrorRecord::terminating));
}

}  // namespace hctail::transcript
