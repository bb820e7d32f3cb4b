// SPDX-License-Identifier: Apache-2.0
#include "cli/check_values.h"

#include <algorithm>
#include <limits>

#include "base/option_value.h"
#include "cli/did_you_mean.h"
#include "cli/flags.h"

namespace hctail {
namespace {

using Type = OptionSpec::Type;

// honeytail's words for ours.
struct Synonym {
  std::string_view option, word, meaning;
};
constexpr Synonym kSynonyms[] = {
    {"tail.read-from", "start", "beginning"}, {"log-level", "trace", "debug"},
    {"log-level", "warning", "warn"},         {"log-level", "fatal", "error"},
    {"log-level", "panic", "error"},
};

// Options for which 0 asks for the default, as in honeytail.
constexpr std::string_view kZeroIsDefault[] = {"send-frequency-ms", "send-batch-size"};

// The option and the value that a flag such as --dry-run stands for.
void Expand(const OptionSpec& flag, OptionValues* values) {
  const size_t equals = flag.stands_for.find('=');
  values->Set(flag.stands_for.substr(0, equals), {std::string(flag.stands_for.substr(equals + 1))},
              std::string(values->Origin(flag.name)));
}

OptionValues Expanded(const OptionValues& given) {
  OptionValues values = given;
  for (const OptionSpec& option : AllOptions()) {
    if (!option.stands_for.empty() && values.Has(option.name)) Expand(option, &values);
  }
  for (const Synonym& synonym : kSynonyms) {
    if (values.Get(synonym.option) != synonym.word) continue;
    values.Set(synonym.option, {std::string(synonym.meaning)},
               std::string(values.Origin(synonym.option)));
  }
  return values;
}

// "1024", "4KiB": bytes in the largest unit that divides them.
std::string SizeText(int64_t bytes) {
  for (const auto& [name, factor] :
       {std::pair("GiB", int64_t{1} << 30), std::pair("MiB", int64_t{1} << 20),
        std::pair("KiB", int64_t{1} << 10)}) {
    if (bytes > 0 && bytes % factor == 0) return std::to_string(bytes / factor) + name;
  }
  return std::to_string(bytes);
}

std::string RangeText(const OptionSpec& option) {
  const bool size = option.type == Type::kBytes;
  const auto text = [size](int64_t n) { return size ? SizeText(n) : std::to_string(n); };
  if (option.max != std::numeric_limits<int64_t>::max()) {
    return "from " + text(option.min) + " to " + text(option.max);
  }
  return option.min == 0 ? "" : "of at least " + text(option.min);
}

// "--poolsize takes a whole number from 1 to 256."
std::string TakesText(const OptionSpec& option, std::string_view what) {
  const std::string range = RangeText(option);
  return "--" + std::string(option.name) + " takes " + std::string(what) +
         (range.empty() ? "" : " " + range);
}

Error BadValue(const OptionSpec& option, const OptionValues& values, std::string_view value) {
  const std::string quoted = "'" + std::string(value) + "'";
  const std::string from = values.From(option.name);
  switch (option.type) {
    case Type::kInteger:
      return {quoted + " is not a whole number" + from, TakesText(option, "a whole number") + "."};
    case Type::kDuration:
      return {quoted + " is not a time" + from,
              TakesText(option, "a number and a unit") + ", such as 500ms, 10s, 2m or 1h; " +
                  "a number alone counts " + (option.unit == "ms" ? "milliseconds." : "seconds.")};
    case Type::kBytes:
      return {quoted + " is not a size" + from,
              TakesText(option, "a number of bytes") + ", such as 4096, 64KiB or 1MB."};
    default:
      break;
  }
  const std::vector<std::string_view> choices = ChoicesOf(option);
  std::string hint = "--" + std::string(option.name) + " takes ";
  for (size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) hint += i + 1 == choices.size() ? " or " : ", ";
    hint += choices[i];
  }
  return {"unknown " + std::string(option.name) + " " + quoted + from + DidYouMean(value, choices),
          hint + "."};
}

Error OutOfRange(const OptionSpec& option, const OptionValues& values, bool too_small) {
  return {"'" + std::string(values.Get(option.name)) + "' is too " +
              (too_small ? "small" : "large") + values.From(option.name),
          TakesText(option, option.type == Type::kBytes ? "a size" : "a whole number") + "."};
}

// The number that a value means, whatever its type; nothing if it means none.
std::optional<int64_t> NumberOf(const OptionSpec& option, std::string_view value) {
  if (option.type == Type::kInteger) return ReadInteger(value);
  if (option.type == Type::kBytes) {
    const std::optional<uint64_t> bytes = ReadBytes(value);
    return bytes ? std::optional(static_cast<int64_t>(*bytes)) : std::nullopt;
  }
  const std::optional<Duration> duration = ReadDuration(value, option.unit);
  return duration ? std::optional(duration->count()) : std::nullopt;
}

Status CheckNumber(const OptionSpec& option, OptionValues* values) {
  const std::string value(values->Get(option.name));
  const std::optional<int64_t> number = NumberOf(option, value);
  if (!number) return std::unexpected(BadValue(option, *values, value));
  if (*number < option.min) return std::unexpected(OutOfRange(option, *values, true));
  if (*number > option.max) return std::unexpected(OutOfRange(option, *values, false));
  if (*number == 0 && std::ranges::count(kZeroIsDefault, option.name) > 0) {
    values->Set(option.name, {std::string(option.default_text)});
  }
  return {};
}

Status Check(const OptionSpec& option, OptionValues* values) {
  switch (option.type) {
    case Type::kFlag:
    case Type::kString:
      return {};
    case Type::kInteger:
    case Type::kDuration:
    case Type::kBytes:
      return CheckNumber(option, values);
    case Type::kChoice:
      break;
  }
  const std::string_view value = values->Get(option.name);
  if (std::ranges::count(ChoicesOf(option), value) > 0) return {};
  return std::unexpected(BadValue(option, *values, value));
}

}  // namespace

OptionValues CheckedValues(const GivenOptions& given, std::vector<Error>* problems) {
  OptionValues values;
  AddDefaults(&values);
  values.Override(Expanded(given.config_file));
  values.Override(Expanded(given.command_line));
  for (const OptionSpec& option : AllOptions()) {
    if (!values.Has(option.name)) continue;
    if (const Status checked = Check(option, &values); !checked) {
      problems->push_back(checked.error());
      values.Set(option.name, {std::string(option.default_text)});
    }
  }
  return values;
}

Result<OptionValues> CheckedValues(const GivenOptions& given) {
  std::vector<Error> problems;
  OptionValues values = CheckedValues(given, &problems);
  if (!problems.empty()) return std::unexpected(std::move(problems.front()));
  return values;
}

}  // namespace hctail
