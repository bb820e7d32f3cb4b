// SPDX-License-Identifier: Apache-2.0
#include "parsers/syslog/message.h"

#include <algorithm>

#include "base/time_iso.h"

namespace hctail::syslog {
namespace {

constexpr size_t kNowhere = std::string_view::npos;
constexpr std::string_view kContinuation =
    "no syslog time; --multiline.continue '^\\s' joins such a line to the one before";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t CountDigits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

void TrimFront(std::string_view* text) {
  while (text->starts_with(' ')) text->remove_prefix(1);
}

std::string_view TrimSpaces(std::string_view text) {
  TrimFront(&text);
  while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r'))) {
    text.remove_suffix(1);
  }
  return text;
}

// Takes "<34>" off the front; -1 and nothing taken if there is none.
int TakePriority(std::string_view* text) {
  if (!text->starts_with('<')) return -1;
  const size_t digits = CountDigits(text->substr(1));
  if (digits == 0 || digits > 3 || !text->substr(1 + digits).starts_with('>')) return -1;
  int priority = 0;
  for (const char c : text->substr(1, digits)) priority = priority * 10 + (c - '0');
  text->remove_prefix(digits + 2);
  return priority;
}

std::string_view TakeWord(std::string_view* text) {
  const size_t size = std::min(text->find(' '), text->size());
  const std::string_view word = text->substr(0, size);
  text->remove_prefix(size);
  if (!text->empty()) text->remove_prefix(1);
  return word;
}

// The size of "Mar  5 06:07:08", with a fraction or a year if there is one; 0 if it is none.
size_t SizeOfDate(std::string_view text) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() < 14) return 0;
  const size_t month = kMonths.find(text.substr(0, 3));
  if (month == kNowhere || month % 3 != 0 || text[3] != ' ') return 0;
  size_t at = text[4] == ' ' ? 5 : 4;
  size_t digits = CountDigits(text.substr(at));
  if (digits < 1 || digits > 2) return 0;
  at += digits;
  if (text.substr(at).size() < 9 || text[at] != ' ') return 0;
  ++at;
  if (CountDigits(text.substr(at)) == 4 && text.substr(at + 4).starts_with(' ')) at += 5;  // a year
  const std::string_view clock = text.substr(at, 8);
  static constexpr std::string_view kShape = "00:00:00";
  if (clock.size() < kShape.size()) return 0;
  for (size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0' ? !IsDigit(clock[i]) : clock[i] != ':') return 0;
  }
  at += kShape.size();
  if (text.substr(at).starts_with('.') || text.substr(at).starts_with(',')) {
    digits = CountDigits(text.substr(at + 1));
    if (digits > 0) at += digits + 1;
  }
  return at;
}

// The size of an ISO 8601 time with a 'T' at the start of `text`; 0 if it is none.
size_t SizeOfIso(std::string_view text) {
  if (text.size() < 19 || text[4] != '-' || text[10] != 'T') return 0;
  const size_t size = std::min(text.find(' '), text.size());
  if (size < 19) return 0;
  if (ParseIso(text.substr(0, size))) return size;
  // "2024-03-05T06:07:08Z:" of messages without a host.
  return text[size - 1] == ':' && ParseIso(text.substr(0, size - 1)) ? size - 1 : 0;
}

// VMware's, which are believed only before a tag: a host may be called so.
int LowerSeverityCalled(std::string_view word, std::string_view rest) {
  struct Name {
    std::string_view name;
    int severity;
  };
  static constexpr Name kNames[] = {{"panic", 0}, {"error", 3},   {"warning", 4}, {"info", 6},
                                    {"debug", 7}, {"verbose", 7}, {"trivia", 7}};
  const auto found = std::ranges::find(kNames, word, &Name::name);
  if (found == std::end(kNames)) return -1;
  TrimFront(&rest);
  return rest.substr(0, rest.find(' ')).ends_with(']') ? found->severity : -1;
}

// "kernel:", "sshd[42]:", "[sshd]": a tag, not a host.
bool IsTag(std::string_view word) {
  return word.ends_with(':') || word.ends_with(']') || word.contains('[');
}

// What a syslogd says itself, which has no tag, and may have no host.
bool IsOfSyslogd(std::string_view text) {
  return text.starts_with("last message repeated ") || text.starts_with("message repeated ") ||
         text.starts_with("-- MARK --");
}

// Reads "tag[pid]: content".  Without a colon the first word is the tag, as in honeytail.
void ReadTag(std::string_view text, Message* message) {
  std::string_view rest = text;
  std::string_view word = TakeWord(&rest);
  const size_t end = word.find_first_of("[:");
  message->process = word.substr(0, end);
  if (end != kNowhere && word[end] == '[') {
    const size_t close = word.find(']', end);
    const std::string_view inside =
        close == kNowhere ? std::string_view() : word.substr(end + 1, close - end - 1);
    if (end == 0) {
      message->process = inside;  // "[sshd]:"
    } else if (!inside.empty()) {
      message->proc_id = inside;
    }
  }
  // "tag:content" without a space.
  const size_t colon = word.find(':', end == kNowhere ? 0 : std::min(word.find(']', end), end));
  if (colon != kNowhere && colon + 1 < word.size() && word[end] == ':') {
    rest = text.substr(colon + 1);
  }
  message->text = TrimSpaces(rest);
}

// Takes `digits` digits' worth of header off a 5424 message.
bool TakeVersion(std::string_view* text, int* version) {
  const size_t digits = CountDigits(*text);
  if (digits < 1 || digits > 2 || !text->substr(digits).starts_with(' ')) return false;
  *version = 0;
  for (const char c : text->substr(0, digits)) *version = *version * 10 + (c - '0');
  text->remove_prefix(digits + 1);
  return true;
}

// The size of the structured data at the start of `text`, "-" or "[...]...[...]"; kNowhere if it
// does not end.
size_t SizeOfStructuredData(std::string_view text) {
  if (text.starts_with('-')) return 1;
  size_t at = 0;
  while (at < text.size() && text[at] == '[') {
    bool quoted = false;
    for (++at; at < text.size(); ++at) {
      if (text[at] == '\\' && quoted) {
        ++at;
      } else if (text[at] == '"') {
        quoted = !quoted;
      } else if (text[at] == ']' && !quoted) {
        break;
      }
    }
    if (at >= text.size()) return kNowhere;
    ++at;
  }
  return at;
}

}  // namespace

int SeverityCalled(std::string_view word) {
  struct Name {
    std::string_view name;
    int severity;
  };
  static constexpr Name kNames[] = {{"EMERG", 0}, {"ALERT", 1},   {"CRIT", 2}, {"ERR", 3},
                                    {"ERROR", 3}, {"WARNING", 4}, {"WARN", 4}, {"NOTICE", 5},
                                    {"INFO", 6},  {"DEBUG", 7}};
  const auto found = std::ranges::find(kNames, word, &Name::name);
  return found == std::end(kNames) ? -1 : found->severity;
}

bool Begins5424(std::string_view record) {
  Message message;
  if (TakePriority(&record) < 0 || !TakeVersion(&record, &message.version)) return false;
  return record.starts_with("- ") || SizeOfIso(record) > 0;
}

bool BeginsMessage(std::string_view record) {
  if (Begins5424(record)) return true;
  if (TakePriority(&record) >= 0) TrimFront(&record);
  return SizeOfDate(record) > 0 || SizeOfIso(record) > 0;
}

std::string_view Read3164(std::string_view record, Message* message) {
  const bool indented = record.starts_with(' ') || record.starts_with('\t');
  message->priority = TakePriority(&record);
  TrimFront(&record);
  size_t size = SizeOfDate(record);
  if (size == 0) {
    size = SizeOfIso(record);
    message->iso_time = true;
  }
  if (size == 0 && indented) return kContinuation;
  if (size == 0) return "no syslog time";
  message->time = record.substr(0, size);
  record.remove_prefix(size);
  if (record.starts_with(':')) {  // without host and tag
    message->text = TrimSpaces(record.substr(1));
    return {};
  }
  if (record.empty()) return "cut off after the time";
  if (record[0] != ' ') return "no syslog time";
  TrimFront(&record);
  std::string_view rest = record;
  const std::string_view word = TakeWord(&rest);
  message->severity = message->iso_time ? SeverityCalled(word) : -1;
  if (message->iso_time && message->severity < 0) {
    message->severity = LowerSeverityCalled(word, rest);
  }
  if (message->severity >= 0) {
    TrimFront(&rest);
    record = rest;
  } else if (!IsTag(word) && !IsOfSyslogd(record)) {
    message->hostname = word;
    TrimFront(&rest);
    record = rest;
  }
  if (record.empty()) return "cut off after the host";
  if (IsOfSyslogd(record)) {
    message->text = TrimSpaces(record);
  } else {
    ReadTag(record, message);
  }
  return {};
}

std::string_view Read5424(std::string_view record, Message* message) {
  message->priority = TakePriority(&record);
  if (message->priority < 0) return "no syslog priority";
  if (!TakeVersion(&record, &message->version)) return "no syslog version";
  message->time = TakeWord(&record);
  message->iso_time = true;
  if (message->time != "-" && SizeOfIso(message->time) != message->time.size()) {
    return "bad syslog time";
  }
  for (std::string_view* part :
       {&message->hostname, &message->process, &message->proc_id, &message->msg_id}) {
    *part = TakeWord(&record);
    if (part->empty()) return "cut off in the header";
  }
  const size_t size = SizeOfStructuredData(record);
  if (size == 0 || size == kNowhere) return "bad structured data";
  message->structured_data = record.substr(0, size);
  record.remove_prefix(size);
  if (!record.empty() && record[0] != ' ') return "bad structured data";
  record = TrimSpaces(record);
  if (record.starts_with("\xef\xbb\xbf")) record.remove_prefix(3);
  message->text = record;
  return {};
}

bool StructuredData::Next(Parameter* parameter) {
  while (true) {
    TrimFront(&text_);
    if (text_.starts_with(']')) {
      text_.remove_prefix(1);
    } else if (text_.starts_with('[')) {
      const size_t size = std::min(text_.find_first_of(" ]"), text_.size());
      id_ = text_.substr(1, size - 1);
      text_.remove_prefix(size);
    } else {
      break;
    }
  }
  const size_t equals = text_.find("=\"");
  if (id_.empty() || equals == kNowhere || equals == 0) return false;
  parameter->id = id_;
  parameter->name = text_.substr(0, equals);
  text_.remove_prefix(equals + 2);
  size_t end = 0;
  while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
  if (end >= text_.size()) return false;
  parameter->value = text_.substr(0, end);
  text_.remove_prefix(end + 1);
  return true;
}

}  // namespace hctail::syslog
