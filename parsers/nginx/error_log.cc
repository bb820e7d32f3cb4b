// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/error_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_iso.h"
#include "event/typed_text.h"

namespace hctail::nginx {
namespace {

constexpr size_t kTimeSize = 19;    // "2021/01/09 22:03:14"
constexpr size_t kMaxPrefix = 256;  // before it
constexpr size_t kNowhere = std::string_view::npos;
constexpr std::string_view kTimeAndLevel = "0000/00/00 00:00:00 [";
constexpr std::string_view kTerminal = "nginx: [";

constexpr std::string_view kLevels[] = {"emerg", "alert",  "crit", "error",
                                        "warn",  "notice", "info", "debug"};

// Where the time begins, or kNowhere.
size_t FindTime(std::string_view record) {
  if (HasShape(record, kTimeAndLevel)) return 0;
  const std::string_view head = record.substr(0, kMaxPrefix);
  for (size_t at = head.find('/'); at != kNowhere; at = head.find('/', at + 1)) {
    if (at < 5 || record[at - 5] != ' ') continue;
    if (HasShape(record.substr(at - 4), kTimeAndLevel)) return at - 4;
  }
  return kNowhere;
}

// Takes "[error] " off the front; "" if there is none.
std::string_view TakeLevel(std::string_view* text) {
  if (!text->starts_with('[')) return {};
  const size_t end = text->find(']');
  if (end == kNowhere) return {};
  const std::string_view level = text->substr(1, end - 1);
  if (std::ranges::find(kLevels, level) == std::end(kLevels)) return {};
  text->remove_prefix(end + 1);
  if (text->starts_with(' ')) text->remove_prefix(1);
  return level;
}

// Takes an integer and the text `after` it off the front.
bool TakeInteger(std::string_view* text, std::string_view after, int64_t* value) {
  size_t size = 0;
  while (size < text->size() && IsDigit((*text)[size])) ++size;
  const auto integer = ParseInteger(text->substr(0, size));
  if (!integer || !text->substr(size).starts_with(after)) return false;
  *value = *integer;
  text->remove_prefix(size + after.size());
  return true;
}

// What every record begins with.
struct Start {
  bool found = false;            // a time, or "nginx: [", which has none
  std::string_view prefix = {};  // the text before the time
  std::string_view time = {};
  std::string_view level = {};  // "" if it is none
  std::string_view rest = {};
};
Start ReadStart(std::string_view record) {
  const size_t at = FindTime(record);
  Start start;
  if (at != kNowhere) {
    start = {.found = true,
             .prefix = record.substr(0, at),
             .time = record.substr(at, kTimeSize),
             .rest = record.substr(at + kTimeSize + 1)};
  } else if (record.starts_with(kTerminal)) {
    start = {.found = true, .rest = record.substr(kTerminal.size() - 1)};
  }
  start.level = TakeLevel(&start.rest);
  return start;
}

struct Key {
  std::string_view name;
  std::string_view mark;  // ", host: \""
  bool quoted;
  bool may_have_quotes;  // what a client wrote
};

// In the order in which nginx writes them.
constexpr Key kKeys[] = {
    {"client", ", client: ", false, true},
    {"server", ", server: ", false, false},
    {"login", ", login: \"", true, true},
    {"request", ", request: \"", true, true},
    {"subrequest", ", subrequest: \"", true, true},
    {"upstream", ", upstream: \"", true, true},
    {"host", ", host: \"", true, false},
    {"referrer", ", referrer: \"", true, true},
};

// The keyed values of a line, by their place in kKeys; null data: not there.
struct KeyedValues {
  std::string_view values[std::size(kKeys)];
};

// Takes the keyed values off the end of `text`.
KeyedValues TakeKeyedValues(std::string_view* text) {
  KeyedValues found;
  bool cut = !text->ends_with('"');  // until a value was found, the last one may lack its end
  bool any = false;
  for (size_t i = std::size(kKeys); i-- > 0;) {
    const Key& key = kKeys[i];
    const bool closed = text->ends_with('"');
    if (key.quoted && !closed && any) continue;
    const size_t at = text->rfind(key.mark);
    if (at == kNowhere) continue;
    std::string_view value = text->substr(at + key.mark.size());
    if (key.quoted) {
      if (closed && value.empty()) continue;  // the mark's own quote
      if (closed) value.remove_suffix(1);
      if (!closed && (!cut || value.contains('"'))) continue;
      if (!key.may_have_quotes && value.contains('"')) continue;
    } else if (value.contains('"') && !key.may_have_quotes) {
      continue;
    }
    found.values[i] = value;
    text->remove_suffix(text->size() - at);
    any = true;
    cut = false;
  }
  return found;
}

// "connect() failed (111: Connection refused) while connecting to upstream".
void AddMessage(std::string_view text, Event* event) {
  event->Add("message", Value::String(text));
  if (const size_t at = text.rfind(" while "); at != kNowhere) {
    event->Add("action", Value::String(text.substr(at + 7)));
    text = text.substr(0, at);
  }
  if (!text.ends_with(')')) return;
  for (size_t at = text.rfind('('); at != kNowhere && at > 0; at = text.rfind('(', at - 1)) {
    std::string_view inside = text.substr(at + 1, text.size() - at - 2);
    int64_t number = 0;
    if (!TakeInteger(&inside, ": ", &number)) continue;
    event->Add("errno", Value::Int(number));
    event->Add("error", Value::String(inside));
    return;
  }
}

// What follows the level.
void AddRest(std::string_view text, Event* event) {
  int64_t pid = 0;
  int64_t number = 0;
  std::string_view rest = text;
  if (TakeInteger(&rest, "#", &pid) && TakeInteger(&rest, ": ", &number)) {
    event->Add("pid", Value::Int(pid));
    event->Add("tid", Value::Int(number));
    text = rest;
  }
  if (rest = text; rest.starts_with('*')) {
    rest.remove_prefix(1);
    if (TakeInteger(&rest, " ", &number)) {
      event->Add("connection", Value::Int(number));
      text = rest;
    }
  }
  const KeyedValues keyed = TakeKeyedValues(&text);
  AddMessage(text, event);
  for (size_t i = 0; i < std::size(kKeys); ++i) {
    if (keyed.values[i].empty()) continue;
    event->Add(kKeys[i].name, Value::String(keyed.values[i]));
  }
}

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r'))) {
    text.remove_suffix(1);
  }
  return text;
}

// What syslog or a container wrote before the line, if it names its zone: nginx does not.
std::optional<Timestamp> ReadPrefixTime(std::string_view prefix) {
  while (!prefix.empty()) {
    const size_t size = std::min(prefix.find(' '), prefix.size());
    if (const auto time = ParseRfc3339(prefix.substr(0, size))) return time;
    prefix.remove_prefix(std::min(size + 1, prefix.size()));
  }
  return std::nullopt;
}

class ErrorParser final : public Parser {
 public:
  explicit ErrorParser(const date::time_zone* zone) : time_(zone) {}

  bool StartsRecord(std::string_view line) const override {
    return line.empty() || IsErrorLine(line);
  }
  Parsed Parse(std::string_view record, Event* event) override {
    return ParseErrorLine(record, time_, event);
  }

 private:
  AccessTime time_;
};

Result<std::unique_ptr<Parser>> Create(const ParserConfig& config) {
  return std::make_unique<ErrorParser>(config.zone);
}

Confidence Sniff(std::span<const std::string_view> first_lines) {
  size_t lines = 0;
  size_t good = 0;
  for (const std::string_view line : first_lines) {
    if (TrimEnd(line).empty()) continue;
    // A continuation is neither for nor against.
    if (good > 0 && (line[0] == ' ' || line[0] == '\t')) continue;
    ++lines;
    if (IsErrorLine(line)) ++good;
  }
  if (good == 0) return {0, "no line is of an nginx error log"};
  return {0.98 * static_cast<double>(good) / static_cast<double>(lines),
          fmt::format("{} of {} lines are of an nginx error log", good, lines)};
}

}  // namespace

bool IsErrorLine(std::string_view record) { return !ReadStart(record).level.empty(); }

Parsed ParseErrorLine(std::string_view record, const AccessTime& time, Event* event) {
  record = TrimEnd(record);
  if (record.empty()) return {Parsed::Outcome::kSkip, "blank line"};
  const Start start = ReadStart(record);
  if (!start.found) {
    return {Parsed::Outcome::kMalformed, "no time and level of an nginx error log"};
  }
  if (start.level.empty()) {
    return {Parsed::Outcome::kMalformed, "unknown level of an nginx error log"};
  }
  if (!start.prefix.empty()) event->Add("prefix", Value::String(TrimEnd(start.prefix)));
  if (!start.time.empty()) {
    event->time = time.ReadError(start.time, ReadPrefixTime(start.prefix));
    event->time_from = "the beginning of the line";
  }
  event->Add("level", Value::String(start.level));
  AddRest(start.rest, event);
  return {};
}

const ParserSpec kNginxError = {
    .name = "nginx-error",
    .summary = "nginx's error log",
    .options = {},
    .sniff = Sniff,
    .create = Create,
    .request_field = "request",
    .spans_lines = true,
    .takes_lines = true,
};

}  // namespace hctail::nginx
