// SPDX-License-Identifier: Apache-2.0
#include "parsers/regex/regex.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/regex.h"
#include "event/text_time.h"
#include "event/typed_text.h"
#include "parsers/regex/grok.h"

namespace hctail::regex {
namespace {

enum class Types { kInfer, kString };

// One pattern, and what its groups become.
struct Pattern {
  struct Column {
    size_t group = 0;
    std::string name;
    FieldType type = FieldType::kUsual;
    int time_rank = TextTime::kNone;
    bool repeated = false;  // an earlier group has the same name
  };

  Regex regex;
  std::vector<Column> columns;
  size_t groups = 0;  // the number of the last that matters
  std::string source = {};
};

Value Typed(std::string_view text, FieldType type, Types types) {
  switch (type) {
    case FieldType::kInteger: {
      const auto integer = ParseInteger(text);
      return integer ? Value::Int(*integer) : Value::String(text);
    }
    case FieldType::kDecimal: {
      const auto decimal = ParseDecimal(text);
      return decimal ? Value::Float(*decimal) : Value::String(text);
    }
    case FieldType::kString:
      return Value::String(text);
    case FieldType::kUsual:
      break;
  }
  return types == Types::kInfer ? PlainlyTypedText(text) : Value::String(text);
}

class RegexParser final : public Parser {
 public:
  RegexParser(std::vector<Pattern> patterns, TextTime time, Types types)
      : patterns_(std::move(patterns)), time_(std::move(time)), types_(types) {
    size_t most = 0;
    for (const Pattern& pattern : patterns_) most = std::max(most, pattern.groups);
    groups_.resize(most + 1);
  }

  Parsed Parse(std::string_view record, Event* event) override {
    if (record.empty()) return {Parsed::Outcome::kSkip, "blank line"};
    for (const Pattern& pattern : patterns_) {
      if (!pattern.regex.Search(record, std::span(groups_).first(pattern.groups + 1))) continue;
      Fill(pattern, event);
      event->pattern = pattern.source;
      if (event->fields().empty()) {
        return {Parsed::Outcome::kMalformed, "no field besides the time"};
      }
      return {};
    }
    return {Parsed::Outcome::kMalformed, "no pattern matches"};
  }

 private:
  void Fill(const Pattern& pattern, Event* event) {
    time_.Begin();
    for (const Pattern::Column& column : pattern.columns) {
      const std::string_view text = groups_[column.group];
      if (text.data() == nullptr) {
        // Of several groups with one name at most one takes part; that one counts.
        if (types_ == Types::kString && event->Find(column.name) == nullptr) {
          event->Add(column.name, Value::String(""));
        }
        continue;
      }
      const Value value = Typed(text, column.type, types_);
      if (column.repeated) {
        event->Set(column.name, value);
      } else {
        event->Add(column.name, value);
      }
      if (column.time_rank != TextTime::kNone) time_.Offer(column.time_rank, text);
    }
    time_.Finish(event);
  }

  const std::vector<Pattern> patterns_;
  TextTime time_;
  const Types types_;
  std::vector<std::string_view> groups_;  // of the match in work
};

constexpr std::string_view kCategory = "Regex parser options";

const OptionSpec kOptions[] = {
    {.name = "regex.line-regex",
     .metavar = "PATTERN",
     .help = "what a line looks like, in RE2 syntax, with (?P<name>...) around each field",
     .aliases = {"regex.line_regex"},
     .repeated = true,
     .category = kCategory,
     .detail = "The first of several that matches wins. It may match anywhere in the line: begin "
               "it with ^ and end it with $ if it is to match all of it. %{IP:client} stands for "
               "an address that becomes the field client. The names are those of Logstash's grok: "
               "WORD, NOTSPACE, DATA, GREEDYDATA, INT, NUMBER, QUOTEDSTRING, IP, HOSTNAME, UUID, "
               "LOGLEVEL, TIMESTAMP_ISO8601, HTTPDATE, COMBINEDAPACHELOG and many more; "
               "%{NUMBER:took:float} says the type too, which may be int, float or string."},
    {.name = "regex.types",
     .type = OptionSpec::Type::kChoice,
     .metavar = "infer|string",
     .default_text = "infer",
     .help = "whether text that looks like a number becomes one",
     .category = kCategory,
     .detail = "string is what honeytail does."},
    {.name = "regex.timefield",
     .metavar = "NAME",
     .help = "the group that holds the time; without it the usual names are tried",
     .aliases = {"regex.time-field"},
     .category = kCategory},
    {.name = "regex.time-format",
     .metavar = "FORMAT",
     .help = "how the time is written: strftime, a Go layout or unixepoch",
     .aliases = {"regex.time_format"},
     .category = kCategory},
};

Error NotAPattern(const RegexFault& fault, std::string_view source, std::string_view origin) {
  Error error;
  error.message = "--regex.line-regex is not a regular expression: " + fault.what;
  if (!origin.empty()) error.message += fmt::format(" (from {})", origin);
  error.hint = ShowPlace(source, fault.position);
  if (!fault.advice.empty()) error.hint += "\n" + fault.advice;
  return error;
}

// The number in "hc12".
std::optional<size_t> IndexOf(std::string_view group_name, size_t count) {
  if (!group_name.starts_with("hc")) return std::nullopt;
  size_t index = 0;
  const char* const end = group_name.data() + group_name.size();
  const auto result = std::from_chars(group_name.data() + 2, end, index);
  if (result.ptr != end || index >= count) return std::nullopt;
  return index;
}

Result<Pattern> CompilePattern(std::string_view source, std::string_view origin,
                               const TextTime& time) {
  const auto expanded = Expand(source);
  if (!expanded) return std::unexpected(NotAPattern(expanded.error(), source, origin));
  auto regex = Regex::Compile(expanded->pattern);
  if (!regex) {
    RegexFault fault = regex.error();
    const auto& origins = expanded->origins;
    fault.position = fault.position < origins.size() ? origins[fault.position] : source.size();
    return std::unexpected(NotAPattern(fault, source, origin));
  }
  std::vector<Pattern::Column> columns;
  size_t last = 0;
  const std::vector<std::string>& names = regex->names();
  for (size_t i = 0; i < names.size(); ++i) {
    const auto index = IndexOf(names[i], expanded->fields.size());
    if (!index) continue;
    const GrokField& field = expanded->fields[*index];
    const bool repeated =
        std::ranges::find(columns, field.name, &Pattern::Column::name) != columns.end();
    columns.push_back({i + 1, field.name, field.type, time.Rank(field.name), repeated});
    last = i + 1;
  }
  if (columns.empty()) {
    return std::unexpected(
        NotAPattern({"it has no named group", 0, "Write (?P<name>...) around what is to be kept."},
                    source, origin));
  }
  if (last >= kMaxRegexGroups) {
    return std::unexpected(NotAPattern({"it has too many groups", 0, {}}, source, origin));
  }
  return Pattern{*std::move(regex), std::move(columns), last, std::string(source)};
}

Result<std::unique_ptr<Parser>> Create(const ParserConfig& config) {
  const OptionValues& values = config.options;
  const std::vector<std::string>& sources = values.All("regex.line-regex");
  if (sources.empty()) {
    return Fail(
        "the regex parser needs a pattern",
        "Give it with --regex.line-regex, for example '^(?P<level>\\w+) (?P<message>.*)$'.");
  }
  const std::string_view types = values.Get("regex.types");
  if (!types.empty() && types != "infer" && types != "string") {
    return Fail(fmt::format("bad value '{}' for --regex.types", types), "Give infer or string.");
  }
  Result<TextTime> time =
      TextTime::Create(values.Get("regex.timefield"), values.Get("regex.time-format"),
                       "regex.time-format", config.zone, config.now);
  if (!time) return std::unexpected(time.error());
  std::vector<Pattern> patterns;
  for (const std::string& source : sources) {
    Result<Pattern> pattern = CompilePattern(source, values.Origin("regex.line-regex"), *time);
    if (!pattern) return std::unexpected(pattern.error());
    patterns.push_back(*std::move(pattern));
  }
  return std::make_unique<RegexParser>(std::move(patterns), *std::move(time),
                                       types == "string" ? Types::kString : Types::kInfer);
}

Confidence Sniff(std::span<const std::string_view>) {
  return {0, "a regular expression cannot be guessed"};
}

}  // namespace

const ParserSpec kRegex = {
    .name = "regex",
    .summary = "lines that regular expressions take apart",
    .options = kOptions,
    .sniff = Sniff,
    .create = Create,
    .required_option = "regex.line-regex",
    .takes_lines = true,
};

}  // namespace hctail::regex
