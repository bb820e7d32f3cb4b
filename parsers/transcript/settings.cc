// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/settings.h"

#include <fmt/format.h>

#include <utility>

#include "base/option_value.h"

namespace hctail::transcript {
namespace {

template <typename T>
Status Choose(const OptionValues& options, std::string_view name,
              std::initializer_list<std::pair<std::string_view, T>> choices, T* choice) {
  const std::string_view value = options.Get(name);
  if (value.empty()) return {};
  for (const auto& [text, meaning] : choices) {
    if (text != value) continue;
    *choice = meaning;
    return {};
  }
  return Fail(fmt::format("bad value '{}' for --{}", value, name));
}

Status ReadTraceparent(std::string_view value, Settings* settings) {
  if (value.empty()) return {};
  if (value == "text") {
    settings->find_trace = true;
    return {};
  }
  const auto context = ReadTraceContext(value);
  if (!context) {
    return Fail(fmt::format("--transcript.traceparent '{}' is no trace context", value),
                "Give '00-TRACE-SPAN-01' as in a traceparent header, the text of an "
                "X-Honeycomb-Trace header, or the word text to look for either in the transcript.");
  }
  settings->joined = *context;
  return {};
}

}  // namespace

Result<Settings> ReadSettings(const OptionValues& options, const date::time_zone* zone) {
  Settings settings;
  settings.zone = zone;
  if (const auto name = options.Get("transcript.service-name"); !name.empty()) {
    settings.service_name = name;
  }
  if (const auto size = options.Get("transcript.output-max"); !size.empty()) {
    settings.output_max = ReadBytes(size).value_or(settings.output_max);
  }
  if (const auto time = options.Get("transcript.idle-timeout"); !time.empty()) {
    settings.idle_timeout = ReadDuration(time, "s").value_or(settings.idle_timeout);
  }
  if (const auto prompt = options.Get("transcript.prompt-regex"); !prompt.empty()) {
    auto regex = Regex::Compile(prompt, fmt::format("--transcript.prompt-regex '{}'", prompt));
    if (!regex) return std::unexpected(regex.error());
    settings.prompt = *std::move(regex);
  }
  using Trace = Settings::Trace;
  using Elements = Settings::Elements;
  for (const Status& status :
       {Choose<Trace>(options, "transcript.trace",
                      {{"session", Trace::kSession}, {"day", Trace::kDay}, {"off", Trace::kOff}},
                      &settings.trace),
        Choose<Elements>(options, "transcript.elements",
                         {{"fields", Elements::kFields}, {"events", Elements::kEvents}},
                         &settings.elements),
        ReadTraceparent(options.Get("transcript.traceparent"), &settings)}) {
    if (!status) return std::unexpected(status.error());
  }
  auto mask = Mask::Create(options.All("transcript.mask"),
                           options.Get("transcript.no-default-mask") != "true");
  if (!mask) return std::unexpected(mask.error());
  settings.mask = *std::move(mask);
  return settings;
}

}  // namespace hctail::transcript
