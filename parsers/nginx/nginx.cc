// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/nginx.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "parsers/nginx/conf.h"
#include "parsers/nginx/error_log.h"
#include "parsers/nginx/fields.h"
#include "parsers/nginx/log_format.h"
#include "parsers/nginx/presets.h"

namespace hctail::nginx {
namespace {

constexpr std::string_view kAuto = "auto";

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// What the lines may look like.
struct Formats {
  std::vector<LogFormat> list;
  bool guessed = false;  // nobody said what the format is
};

class NginxParser final : public Parser {
 public:
  static Result<std::unique_ptr<Parser>> Make(const Formats& formats, FieldTools tools,
                                              const date::time_zone* zone) {
    auto parser = std::unique_ptr<NginxParser>(new NginxParser(std::move(tools), zone));
    parser->guessed_ = formats.guessed;
    size_t most_slots = 0;
    for (const LogFormat& format : formats.list) {
      Result<Matcher> matcher = Matcher::Compile(format);
      if (!matcher) return std::unexpected(matcher.error());
      most_slots = std::max(most_slots, matcher->slots().size());
      Fields fields(*matcher, parser->tools_);
      parser->known_.push_back({format, *std::move(matcher), std::move(fields)});
    }
    parser->values_.resize(most_slots);
    return parser;
  }

  Parsed Parse(std::string_view record, Event* event) override {
    record = Trim(record);
    if (record.empty()) return {Parsed::Outcome::kSkip, "blank line"};
    if (guessed_ && IsErrorLine(record)) {
      event->pattern = "error log";
      return ParseErrorLine(record, error_time_, event);
    }
    if (!FindFormat(record)) {
      const std::string_view why = guessed_ ? "no known access log format" : "not the log format";
      return {Parsed::Outcome::kMalformed, why};
    }
    tools_.scratch.clear();
    if (tools_.scratch.capacity() < record.size()) tools_.scratch.reserve(record.size());
    if (!known_[current_].fields.Fill(values_.data(), &tools_, event)) {
      return {Parsed::Outcome::kMalformed, "no field besides the time"};
    }
    event->pattern = known_[current_].format.text;
    return {};
  }

 private:
  NginxParser(FieldTools tools, const date::time_zone* zone)
      : tools_(std::move(tools)), error_time_(zone) {}

  // Looks for the first format that fits `record`: from that of the last line on, or rather from
  // those before it that could fit the same lines.
  bool FindFormat(std::string_view record) {
    const size_t begin = current_ - std::min(current_, known_[current_].format.rivals);
    if (FindFrom(begin, record, Matcher::Checks::kStrict)) return true;
    if (begin > 0 && FindFrom(0, record, Matcher::Checks::kStrict)) return true;
    return !guessed_ && FindFrom(0, record, Matcher::Checks::kLenient);
  }

  bool FindFrom(size_t begin, std::string_view record, Matcher::Checks checks) {
    const size_t end = begin == 0 ? known_.size() : current_ + 1;
    for (size_t i = begin; i < end; ++i) {
      if (!known_[i].matcher.Match(record, checks, values_.data())) continue;
      current_ = i;
      return true;
    }
    return false;
  }

  struct Known {
    LogFormat format;
    Matcher matcher;
    Fields fields;
  };

  std::vector<Known> known_;
  std::vector<std::string_view> values_;
  FieldTools tools_;
  AccessTime error_time_;
  size_t current_ = 0;  // the format of the last line
  bool guessed_ = false;
};

// --- Options ---

constexpr std::string_view kCategory = "nginx parser options";

const OptionSpec kOptions[] = {
    {.name = "nginx.conf",
     .metavar = "FILE",
     .help = "the nginx configuration that holds the log format",
     .category = kCategory,
     .detail = "Files that it includes are read too."},
    {.name = "nginx.format",
     .metavar = "NAME",
     .default_text = "auto",
     .help = "the log_format in --nginx.conf, or without that a well-known format",
     .category = kCategory,
     .detail =
         "Known are apache-combined, apache-common, apache-ssl-request, apache-vhost-combined, "
         "combined, haproxy-http, ingress-nginx, main, nginx-proxy-manager and traefik; auto tries "
         "them and some more. With --nginx.conf, auto is the only format that is in use there."},
    {.name = "nginx.log-format",
     .metavar = "TEXT",
     .help = "the log format itself, as in nginx.conf after its name, without the outer quotes",
     .aliases = {"nginx.log_format"},
     .category = kCategory,
     .detail = "It may begin with escape=json or escape=none."},
    {.name = "nginx.timefield",
     .metavar = "NAME",
     .help = "the variable that holds the time; without it time_local, time_iso8601 and msec",
     .aliases = {"nginx.time-field"},
     .category = kCategory},
    {.name = "nginx.time-format",
     .metavar = "FORMAT",
     .help = "how the time is written: strftime, a Go layout or unixepoch",
     .aliases = {"nginx.time_format"},
     .category = kCategory},
};

// "escape=json $a $b".
LogFormat ReadLogFormat(std::string_view text) {
  static constexpr std::pair<std::string_view, Escape> kEscapes[] = {
      {"escape=default ", Escape::kDefault},
      {"escape=json ", Escape::kJson},
      {"escape=none ", Escape::kNone},
      {"escape=apache ", Escape::kApache},
  };
  for (const auto& [start, escape] : kEscapes) {
    if (text.starts_with(start)) return {std::string(Trim(text.substr(start.size()))), escape};
  }
  return {std::string(text)};
}

std::vector<LogFormat> FormatsOf(std::span<const PresetFormat> presets) {
  return {presets.begin(), presets.end()};
}

Error UnknownPreset(const OptionValues& values, std::string_view name) {
  std::string names;
  for (const Preset& preset : Presets()) names += std::string(preset.name) + ", ";
  return {fmt::format("there is no well-known log format '{}'", name) + values.From("nginx.format"),
          fmt::format("Known are {}auto. For one of your own, give --nginx.conf.", names)};
}

Result<Formats> ChooseFormats(const OptionValues& values) {
  const std::string_view conf = values.Get("nginx.conf");
  const std::string_view text = values.Get("nginx.log-format");
  std::string_view name = values.Get("nginx.format");
  if (name.empty()) name = kAuto;
  if (!text.empty()) {
    if (!conf.empty() || name != kAuto) {
      return Fail("--nginx.log-format and " +
                  std::string(conf.empty() ? "--nginx.format" : "--nginx.conf") +
                  " both say what the format is" + values.From("nginx.log-format"));
    }
    if (text.starts_with("log_format ")) {
      return Fail("--nginx.log-format is a whole directive: '" + std::string(text) + "'" +
                      values.From("nginx.log-format"),
                  "Give only what stands between its quotes, or its file with --nginx.conf.");
    }
    return Formats{.list = {ReadLogFormat(text)}};
  }
  if (!conf.empty()) {
    Result<LogFormat> format = FindFormat(std::string(conf), name == kAuto ? "" : name);
    if (!format) return std::unexpected(format.error());
    return Formats{.list = {*std::move(format)}};
  }
  if (name == kAuto) return Formats{.list = FormatsOf(AutoFormats()), .guessed = true};
  const Preset* const preset = FindPreset(name);
  if (preset == nullptr) return std::unexpected(UnknownPreset(values, name));
  return Formats{.list = FormatsOf(preset->formats)};
}

Result<std::unique_ptr<Parser>> Create(const ParserConfig& config) {
  const Result<Formats> formats = ChooseFormats(config.options);
  if (!formats) return std::unexpected(formats.error());
  const std::string_view field = config.options.Get("nginx.timefield");
  Result<TextTime> time = TextTime::Create(field, config.options.Get("nginx.time-format"),
                                           "nginx.time-format", config.zone, config.now);
  if (!time) return std::unexpected(time.error());
  FieldTools tools = {.access_time = AccessTime(config.zone),
                      .text_time = *std::move(time),
                      .time_is_named = !field.empty()};
  return NginxParser::Make(*formats, std::move(tools), config.zone);
}

// --- Sniffing ---

// How much a line speaks for an access log: 1, or less if it fits only an open-ended format.
double Weight(std::string_view line) {
  // Made once: each of many files is sniffed.
  static const auto& matchers = *new std::vector<Matcher>([] {
    std::vector<Matcher> made;
    for (const PresetFormat& preset : AutoFormats()) made.push_back(*Matcher::Compile(preset));
    return made;
  }());
  std::vector<std::string_view> values;
  for (size_t i = 0; i < matchers.size(); ++i) {
    values.resize(std::max(values.size(), matchers[i].slots().size()));
    if (!matchers[i].Match(line, Matcher::Checks::kStrict, values.data())) continue;
    return i < FirstOpenEnded() ? 1 : 0.9;
  }
  return 0;
}

Confidence Sniff(std::span<const std::string_view> first_lines) {
  size_t lines = 0;
  size_t access = 0;
  size_t error = 0;
  double weight = 0;
  for (std::string_view line : first_lines) {
    line = Trim(line);
    if (line.empty()) continue;
    ++lines;
    const double own = Weight(line);
    weight += own;
    if (own > 0) ++access;
    if (own == 0 && IsErrorLine(line)) ++error;
  }
  if (access == 0) return {0, "no line is of an access log"};
  weight += static_cast<double>(error);
  std::string reason = fmt::format("{} of {} lines are of an access log", access, lines);
  if (error > 0) reason += fmt::format(", {} of nginx's error log", error);
  return {0.98 * weight / static_cast<double>(lines), std::move(reason)};
}

}  // namespace

const ParserSpec kNginx = {
    .name = "nginx",
    .summary = "access logs of nginx, Apache and HAProxy",
    .options = kOptions,
    .sniff = Sniff,
    .create = Create,
    .request_field = "request",
};

}  // namespace hctail::nginx
