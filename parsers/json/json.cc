// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "event/json_string.h"
#include "parsers/json/json_nginx.h"
#include "parsers/json/json_text.h"
#include "parsers/json/json_time.h"
#include "parsers/json/json_walk.h"

namespace hctail::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kMendedUtf8 = "invalid UTF-8 replaced";
constexpr std::string_view kMendedSurrogate = "lone surrogate replaced";
constexpr std::string_view kMendedNginx = "JSON as nginx writes it";

enum class Envelopes { kAuto, kYes, kNo };

Parsed Malformed(std::string_view why) { return {Parsed::Outcome::kMalformed, why}; }

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

std::string_view TrimBlank(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// What of a line is looked at.
std::string_view Trim(std::string_view record) {
  std::string_view text = TrimBlank(record);
  if (!text.starts_with(kByteOrderMark)) return text;
  text.remove_prefix(kByteOrderMark.size());
  return TrimBlank(text);
}

bool MayBeNginxs(Fault fault) {
  return fault == Fault::kBadEscape || fault == Fault::kBadValue || fault == Fault::kBadNumber ||
         fault == Fault::kBadName;
}

// For the next record, without what one huge record needed.
void Empty(std::string* scratch) {
  scratch->clear();
  if (scratch->capacity() > kKeptCapacity) scratch->shrink_to_fit();
}

// The parts of an envelope; null: not there.
struct Envelope {
  const Member* data = nullptr;
  const Member* samplerate = nullptr;
  const Member* time = nullptr;
  const Member* dataset = nullptr;
  bool pure = true;  // nothing else is in the object
};

// Looks at members as long as they are those of an envelope; with kYes at all of them.
Envelope FindEnvelope(std::span<const Member> members, Envelopes mode) {
  Envelope envelope;
  for (const Member& member : members) {
    const bool null = member.value == "null";
    if (member.name == "data") {
      envelope.data = &member;
    } else if (member.name == "samplerate") {
      envelope.samplerate = null ? nullptr : &member;
    } else if (member.name == "time") {
      envelope.time = null ? nullptr : &member;
    } else if (member.name == "dataset") {
      envelope.dataset = null ? nullptr : &member;
    } else if (member.name != "user_agent") {
      envelope.pure = false;
      if (mode == Envelopes::kAuto) break;
    }
  }
  if (envelope.data != nullptr && !envelope.data->value.starts_with('{')) envelope.data = nullptr;
  return envelope;
}

// The number without its fraction, or 0 if it is no weight.
uint64_t ReadSampleRate(std::string_view value) {
  constexpr double kTooMuch = 9223372036854775808.0;
  const char* const begin = value.data();
  const char* const end = begin + value.size();
  uint64_t rate = 0;
  const auto whole = std::from_chars(begin, end, rate);
  if (whole.ec == std::errc() && whole.ptr == end) return rate < uint64_t{1} << 63 ? rate : 0;
  double number = 0;
  const auto decimal = std::from_chars(begin, end, number);
  if (decimal.ec != std::errc() || decimal.ptr != end) return 0;
  return number >= 1 && number < kTooMuch ? static_cast<uint64_t>(number) : 0;
}

class JsonParser final : public Parser {
 public:
  JsonParser(TimeField time_field, Envelopes envelopes, Timestamp now)
      : time_field_(std::move(time_field)), envelopes_(envelopes), now_(now) {}

  Parsed Parse(std::string_view record, Event* event) override;

 private:
  Fault Walk(std::string_view text, std::string_view* mended);
  std::string_view Unescaped(std::string_view text, size_t record_size);
  void UnescapeNames(std::span<Member> members, size_t record_size);
  std::string_view Fill(std::span<const Member> members, uint8_t taken_out, Event* event);
  std::string_view FillFromEnvelope(const Envelope& envelope, size_t record_size, Event* event);
  void Remember(const std::optional<Timestamp>& time);

  const TimeField time_field_;
  const TimeParser envelope_time_;
  const Envelopes envelopes_;
  Timestamp now_;
  Walker walker_;
  std::vector<std::string_view> pieces_;
  std::string unescaped_;   // names; never grows while views point into it
  std::string mended_;      // the record, if it had to be mended
  std::string from_nginx_;  // the record, if it is nginx's
};

Parsed JsonParser::Parse(std::string_view record, Event* event) {
  const std::string_view text = Trim(record);
  if (text.empty()) return {Parsed::Outcome::kSkip, "blank line"};
  Empty(&unescaped_);
  std::string_view mended;
  if (const Fault fault = Walk(text, &mended); fault != Fault::kNone) return Malformed(Why(fault));
  const std::span<Member> members = walker_.members();
  if (members.empty()) return Malformed("empty object");
  UnescapeNames(members, record.size());

  std::string_view fault;
  const Envelope envelope =
      envelopes_ == Envelopes::kNo ? Envelope() : FindEnvelope(members, envelopes_);
  if (envelope.data != nullptr && (envelope.pure || envelopes_ == Envelopes::kYes)) {
    fault = FillFromEnvelope(envelope, record.size(), event);
  } else if (envelopes_ == Envelopes::kYes) {
    fault = "envelope without data";
  } else {
    const uint8_t taken_out = time_field_.Find(members, now_, &event->time);
    fault = Fill(members, taken_out, event);
  }
  if (!fault.empty()) return Malformed(fault);
  Remember(event->time);
  return {Parsed::Outcome::kEvent, mended};
}

// Walks `text` or, if it has faults that can be mended, a mended copy; `mended` says which.
Fault JsonParser::Walk(std::string_view text, std::string_view* mended) {
  Empty(&mended_);
  Empty(&from_nginx_);
  Fault fault = walker_.Walk(text);
  const Fault first = fault;
  if (MayBeNginxs(fault) && MendNginx(text, &from_nginx_)) {
    text = from_nginx_;
    *mended = kMendedNginx;
    fault = walker_.Walk(text);
  }
  if (fault == Fault::kInvalidUtf8) {
    MendUtf8(text, &mended_);
    *mended = mended->empty() ? kMendedUtf8 : *mended;
    fault = walker_.Walk(mended_);
  }
  if (first != Fault::kNone && first != Fault::kInvalidUtf8 && fault != Fault::kNone) return first;
  if (fault == Fault::kNone && walker_.has_lone_surrogate()) {
    if (mended_.empty()) mended_.assign(text);
    if (mended->empty()) *mended = kMendedSurrogate;
    MendSurrogates(&mended_);
    fault = walker_.Walk(mended_);
  }
  return fault;
}

// The text of a name or string; `record_size` bounds what all of them can need.
std::string_view JsonParser::Unescaped(std::string_view text, size_t record_size) {
  if (!text.contains('\\')) return text;
  // Mending may have made three bytes of one.
  if (unescaped_.capacity() < 3 * record_size) unescaped_.reserve(3 * record_size);
  const size_t begin = unescaped_.size();
  UnescapeJson(text, &unescaped_);
  return std::string_view(unescaped_).substr(begin);
}

void JsonParser::UnescapeNames(std::span<Member> members, size_t record_size) {
  if (!walker_.has_escaped_name()) return;
  for (Member& member : members) {
    if (member.name_is_escaped) member.name = Unescaped(member.name, record_size);
  }
}

// Gives `event` all members but those marked `taken_out`; returns what is wrong.
std::string_view JsonParser::Fill(std::span<const Member> members, uint8_t taken_out,
                                  Event* event) {
  pieces_.clear();
  const char* begin = nullptr;  // of the run of kept members that we are in
  const char* end = nullptr;
  for (const Member& member : members) {
    if (taken_out != 0 && member.mark == taken_out) {
      if (begin != nullptr) pieces_.emplace_back(begin, end);
      begin = nullptr;
      if (event->time) event->time_from = member.name;
      continue;
    }
    if (begin == nullptr) begin = member.begin;
    end = member.value.data() + member.value.size();
    event->Add(member.name, Value::RawJson(member.value));
  }
  if (begin != nullptr) pieces_.emplace_back(begin, end);
  if (pieces_.empty()) return "no field besides the time";
  event->SetVerbatim(pieces_);
  return {};
}

std::string_view JsonParser::FillFromEnvelope(const Envelope& envelope, size_t record_size,
                                              Event* event) {
  event->presampled = true;
  event->pattern = "envelope";
  if (envelope.samplerate != nullptr) {
    event->sample_rate = ReadSampleRate(envelope.samplerate->value);
    if (event->sample_rate < 1) return "bad samplerate";
  }
  if (envelope.time != nullptr) {
    event->time = ReadTime(envelope.time->value, envelope_time_, now_);
    event->time_from = "time";
  }
  if (envelope.dataset != nullptr) {
    const std::string_view value = envelope.dataset->value;
    if (!value.starts_with('"')) return "bad dataset";
    event->dataset = Unescaped(value.substr(1, value.size() - 2), record_size);
  }
  const std::span<Member> members = walker_.MembersOf(*envelope.data);
  if (members.empty()) return "empty object";
  UnescapeNames(members, record_size);
  return Fill(members, 0, event);
}

// Dates without a year are completed from `now_`, which would grow old in a program that runs for
// months.  So it follows the times seen, but never a jump into the future.
void JsonParser::Remember(const std::optional<Timestamp>& time) {
  constexpr int64_t kDay = 86400;
  if (time && *time > now_ && time->seconds - now_.seconds <= kDay) now_ = *time;
}

constexpr std::string_view kCategory = "JSON parser options";

const OptionSpec kOptions[] = {
    {.name = "json.timefield",
     .metavar = "NAME",
     .help = "the field that holds the time; without it the usual names are tried",
     .aliases = {"json.time-field"},
     .category = kCategory},
    {.name = "json.time-format",
     .metavar = "FORMAT",
     .help = "how the time is written: strftime, a Go layout or unixepoch",
     .aliases = {"json.time_format", "json.format"},
     .category = kCategory},
    {.name = "json.envelope",
     .type = OptionSpec::Type::kChoice,
     .metavar = "auto|yes|no",
     .default_text = "auto",
     .help = "whether lines are libhoney's envelopes around the event",
     .category = kCategory},
};

// " (from --json.timefield)": where the option was given.
std::string From(const OptionValues& options, std::string_view name) {
  const std::string_view origin = options.Origin(name);
  return origin.empty() ? fmt::format(" (from --{})", name) : fmt::format(" (from {})", origin);
}

Result<Envelopes> ReadEnvelopes(const OptionValues& options) {
  constexpr std::string_view kName = "json.envelope";
  const std::string_view text = options.Get(kName);
  if (text.empty() || text == "auto") return Envelopes::kAuto;
  if (text == "yes") return Envelopes::kYes;
  if (text == "no") return Envelopes::kNo;
  return Fail(fmt::format("bad value '{}' for {}{}", text, kName, From(options, kName)),
              "Give auto, yes or no.");
}

Result<TimeParser> ReadTimeFormat(const OptionValues& options, const date::time_zone* zone) {
  constexpr std::string_view kName = "json.time-format";
  Result<TimeParser> parser = TimeParser::Create(options.Get(kName), zone);
  if (!parser) parser.error().message += From(options, kName);
  return parser;
}

Result<std::unique_ptr<Parser>> Create(const ParserConfig& config) {
  const Result<Envelopes> envelopes = ReadEnvelopes(config.options);
  if (!envelopes) return std::unexpected(envelopes.error());
  Result<TimeParser> time = ReadTimeFormat(config.options, config.zone);
  if (!time) return std::unexpected(time.error());
  TimeField field(config.options.Get("json.timefield"), *std::move(time));
  return std::make_unique<JsonParser>(std::move(field), *envelopes, config.now);
}

Confidence Sniff(std::span<const std::string_view> first_lines) {
  Walker walker;
  std::string mended;
  size_t lines = 0;
  size_t objects = 0;
  for (const std::string_view line : first_lines) {
    const std::string_view text = Trim(line);
    if (text.empty()) continue;
    ++lines;
    Fault fault = walker.Walk(text);
    mended.clear();
    if (MayBeNginxs(fault) && MendNginx(text, &mended)) fault = walker.Walk(mended);
    if (fault == Fault::kNone || fault == Fault::kInvalidUtf8) ++objects;
  }
  if (lines == 0) return {0, "there are no lines"};
  return {static_cast<double>(objects) / static_cast<double>(lines),
          fmt::format("{} of {} lines are JSON objects", objects, lines)};
}

}  // namespace

const ParserSpec kJson = {
    .name = "json",
    .summary = "one JSON object a line",
    .options = kOptions,
    .sniff = Sniff,
    .create = Create,
    .takes_lines = true,
};

}  // namespace hctail::json
