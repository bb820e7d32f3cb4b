// SPDX-License-Identifier: Apache-2.0
#include "parsers/keyval/keyval.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/regex.h"
#include "base/time_iso.h"
#include "event/text_time.h"
#include "event/typed_text.h"
#include "parsers/keyval/scan.h"

namespace hctail::keyval {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\v\f";

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

// The boolean that Go's ParseBool reads, without 1 and 0.
std::optional<bool> ReadBool(std::string_view text) {
  static constexpr std::string_view kTrue[] = {"t", "T", "TRUE", "true", "True"};
  static constexpr std::string_view kFalse[] = {"f", "F", "FALSE", "false", "False"};
  if (text.empty() || text.size() > 5) return std::nullopt;
  const char first = static_cast<char>(text[0] | 0x20);
  if (first != 't' && first != 'f') return std::nullopt;
  if (std::ranges::find(kTrue, text) != std::end(kTrue)) return true;
  if (std::ranges::find(kFalse, text) != std::end(kFalse)) return false;
  return std::nullopt;
}

bool LooksLikeClock(std::string_view text) {
  const size_t colon = text.find(':');
  return colon != std::string_view::npos && colon >= 1 && text.size() >= colon + 6 &&
         text[colon + 3] == ':' && text[colon - 1] >= '0' && text[colon - 1] <= '9' &&
         text[colon + 1] >= '0' && text[colon + 1] <= '9';
}

// The time at the start of what stands before the pairs, and its size: one word or two.
struct LeadingTime {
  size_t size = 0;
  std::optional<Timestamp> time;
};

LeadingTime ReadLeadingTime(std::string_view prefix, TextTime* time) {
  const size_t first = std::min(prefix.find(' '), prefix.size());
  const size_t second = std::min(prefix.find(' ', first + 1), prefix.size());
  for (const size_t size : {second, first}) {
    std::string_view text = prefix.substr(0, size);
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    if (!LooksLikeClock(text)) continue;
    if (const auto found = time->Read(text)) return {size, found};
  }
  return {};
}

class KeyvalParser final : public Parser {
 public:
  KeyvalParser(TextTime time, std::optional<Regex> filter, bool invert, bool numeric_bools)
      : time_(std::move(time)),
        filter_(std::move(filter)),
        invert_(invert),
        numeric_bools_(numeric_bools) {}

  Parsed Parse(std::string_view record, Event* event) override {
    if (filter_ && filter_->Search(record) == invert_) return {Parsed::Outcome::kSkip, "filtered"};
    record = Trim(record);
    if (record.empty()) return {Parsed::Outcome::kSkip, "blank line"};
    scratch_.clear();
    if (scratch_.capacity() < record.size()) scratch_.reserve(record.size());
    mended_ = {};
    has_value_ = has_pair_ = false;

    std::string_view pairs = record;
    if (!TakePrefix(&pairs, event)) return {};
    time_.Begin();
    Scanner scanner(pairs);
    for (Pair pair; scanner.Next(&pair);) Add(pair, event);
    if (!has_pair_) return {Parsed::Outcome::kMalformed, "no key=value pair"};
    if (!has_value_) return {Parsed::Outcome::kSkip, "all values are empty"};
    if (!event->time) time_.Finish(event);
    if (event->fields().empty()) {
      return {Parsed::Outcome::kMalformed, "no field besides the time"};
    }
    return {Parsed::Outcome::kEvent, mended_};
  }

 private:
  // Takes what stands before the first pair off `text` if it begins with a time.  False: there is
  // no pair at all, and the event is complete.
  bool TakePrefix(std::string_view* text, Event* event) {
    Scanner scanner(*text);
    Pair pair;
    if (scanner.Next(&pair) && pair.has_equals) return true;  // as nearly always
    bool clock = LooksLikeClock(pair.key);
    size_t end = text->size();
    while (scanner.Next(&pair)) {
      if (pair.has_equals) {
        end = scanner.begin();
        break;
      }
      clock = clock || LooksLikeClock(pair.key);
    }
    if (!clock) return true;
    std::string_view prefix = Trim(text->substr(0, end));
    const LeadingTime leading = ReadLeadingTime(prefix, &time_);
    if (end == text->size() && !leading.time) return true;
    event->time = leading.time;
    event->time_from = "the beginning of the line";
    prefix = Trim(prefix.substr(leading.size));
    text->remove_prefix(end);
    if (text->empty()) {
      event->Add("message", Value::String(prefix));
      return false;
    }
    if (prefix.ends_with(':')) prefix.remove_suffix(1);
    if (!prefix.empty()) event->Add("prefix", Value::String(prefix));
    return true;
  }

  void Add(const Pair& pair, Event* event) {
    has_pair_ = has_pair_ || pair.has_equals;
    has_value_ = has_value_ || !pair.value.empty();
    std::string_view text = pair.value;
    if (!pair.closed) mended_ = "unclosed quote";
    if (pair.escaped) {
      const size_t begin = scratch_.size();
      if (Unescape(pair.value, &scratch_)) {
        text = std::string_view(scratch_).substr(begin);
      } else if (mended_.empty()) {
        mended_ = "unknown escape";
      }
    }
    event->Add(pair.key, Typed(text));
    if (const int rank = time_.Rank(pair.key); rank != TextTime::kNone) time_.Offer(rank, text);
  }

  Value Typed(std::string_view text) const {
    if (const auto boolean = ReadBool(text)) return Value::Bool(*boolean);
    if (numeric_bools_ && (text == "1" || text == "0")) return Value::Bool(text == "1");
    return TypedText(text);
  }

  TextTime time_;
  const std::optional<Regex> filter_;
  const bool invert_;
  const bool numeric_bools_;
  std::string scratch_;  // unescaped values; does not grow within a record
  std::string_view mended_;
  bool has_pair_ = false;
  bool has_value_ = false;
};

constexpr std::string_view kCategory = "Key=value parser options";

const OptionSpec kOptions[] = {
    {.name = "keyval.timefield",
     .metavar = "NAME",
     .help = "the key that holds the time; without it the usual names are tried",
     .aliases = {"keyval.time-field"},
     .category = kCategory},
    {.name = "keyval.time-format",
     .metavar = "FORMAT",
     .help = "how the time is written: strftime, a Go layout or unixepoch",
     .aliases = {"keyval.time_format", "keyval.format"},
     .category = kCategory},
    {.name = "keyval.filter-regex",
     .metavar = "PATTERN",
     .help = "keep only lines that PATTERN matches",
     .aliases = {"keyval.filter_regex"},
     .category = kCategory},
    {.name = "keyval.invert-filter",
     .type = OptionSpec::Type::kFlag,
     .help = "keep only lines that --keyval.filter-regex does not match",
     .aliases = {"keyval.invert_filter"},
     .category = kCategory},
    {.name = "keyval.numeric-bools",
     .type = OptionSpec::Type::kFlag,
     .help = "1 and 0 are true and false, as in honeytail, not numbers",
     .category = kCategory},
};

Result<std::unique_ptr<Parser>> Create(const ParserConfig& config) {
  const OptionValues& values = config.options;
  Result<TextTime> time =
      TextTime::Create(values.Get("keyval.timefield"), values.Get("keyval.time-format"),
                       "keyval.time-format", config.zone, config.now);
  if (!time) return std::unexpected(time.error());
  std::optional<Regex> filter;
  if (const std::string_view pattern = values.Get("keyval.filter-regex"); !pattern.empty()) {
    Result<Regex> regex = Regex::Compile(pattern, "--keyval.filter-regex");
    if (!regex) return std::unexpected(regex.error());
    filter = *std::move(regex);
  }
  const auto is_set = [&](std::string_view flag) { return values.Get(flag) == "true"; };
  return std::make_unique<KeyvalParser>(*std::move(time), std::move(filter),
                                        is_set("keyval.invert-filter"),
                                        is_set("keyval.numeric-bools"));
}

// --- Sniffing ---

bool IsUsualKey(std::string_view key) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
  };
  return is_letter(key[0]) && std::ranges::all_of(key, [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '/';
         });
}

// How much a line speaks for pairs, 0 to 1.
double Weight(std::string_view line) {
  Scanner scanner(line);
  Pair pair;
  size_t pairs = 0;
  size_t words = 0;         // bare ones after the first pair
  size_t words_before = 0;  //
  bool starts_with_time = false;
  while (scanner.Next(&pair)) {
    if (pair.has_equals && IsUsualKey(pair.key)) {
      ++pairs;
    } else if (pairs > 0) {
      ++words;
    } else {
      if (words_before == 0) starts_with_time = ParseIso(pair.key).has_value();
      ++words_before;
    }
  }
  if (pairs < 2 || words * 3 > pairs) return 0;
  if (words_before == 0) return 1;
  return starts_with_time && words_before <= 4 ? 0.9 : 0;
}

Confidence Sniff(std::span<const std::string_view> first_lines) {
  size_t lines = 0;
  size_t good = 0;
  double weight = 0;
  for (std::string_view line : first_lines) {
    line = Trim(line);
    if (line.empty()) continue;
    ++lines;
    const double own = Weight(line);
    weight += own;
    if (own > 0) ++good;
  }
  if (good == 0) return {0, "no line is of key=value pairs"};
  return {0.95 * weight / static_cast<double>(lines),
          fmt::format("{} of {} lines are key=value pairs", good, lines)};
}

}  // namespace

const ParserSpec kKeyval = {
    .name = "keyval",
    .summary = "key=value pairs (logfmt)",
    .options = kOptions,
    .sniff = Sniff,
    .create = Create,
};

}  // namespace hctail::keyval
