// SPDX-License-Identifier: Apache-2.0
#include "pipeline/parser_chooser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/excerpt.h"
#include "base/fingerprint.h"
#include "parsers/wrapper.h"

namespace hctail {
namespace {
constexpr size_t kSampleLines = 50;
constexpr double kConfident = 0.5;
constexpr size_t kMostRemembered = 100'000;  // paths: some megabytes

// Lines without their wrapper, each followed by readable bytes as parsers want them.
class Inner {
 public:
  Inner(Wrapper wrapper, std::span<const std::string_view> wrapped)
      : lines_(wrapped.begin(), wrapped.end()) {
    if (wrapper == Wrapper::kNone) return;
    lines_.clear();
    texts_ = UnwrapLines(wrapper, wrapped);
    for (std::string& text : texts_) {
      const size_t size = text.size();
      if (size == 0) continue;
      text.append(kRecordPadding, '\0');
      lines_.push_back(std::string_view(text).substr(0, size));
    }
  }
  const std::vector<std::string_view>& lines() const { return lines_; }

 private:
  std::vector<std::string> texts_;
  std::vector<std::string_view> lines_;
};

// Every one is told of so many files; of more only the counts.
constexpr uint64_t kFilesTold = 10;
// A file that goes to and fro is left as it is after so many times.
constexpr int kChangesTold = 5;

std::string NameOf(const Format& format) {
  return std::string(format.parser->name) +
         (format.wrapper == Wrapper::kNone ? "" : " in container log lines");
}

// What stands before the objects, if that is all that keeps the lines from being JSON.
bool IsPrefixedJson(std::span<const std::string_view> lines) {
  std::vector<std::string_view> rests;
  for (const std::string_view line : lines) {
    const size_t brace = line.find('{');
    if (brace != std::string_view::npos && brace > 0) rests.push_back(line.substr(brace));
  }
  return rests.size() * 2 > lines.size() && FindParser("json")->sniff(rests).score >= kConfident;
}

}  // namespace

std::vector<std::string_view> FirstLines(std::string_view text) {
  std::vector<std::string_view> lines;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && lines.size() < kSampleLines) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

ParserChooser::Ranking ParserChooser::Rank(std::span<const ParserSpec* const> candidates,
                                           std::span<const std::string_view> lines) {
  Ranking ranking;
  for (const ParserSpec* spec : candidates) {
    Confidence own = spec->sniff(lines);
    if (own.score > ranking.confidence.score) {
      ranking.second = std::exchange(ranking.best, spec);
      ranking.runner_up = std::exchange(ranking.confidence, std::move(own));
    } else if (own.score > ranking.runner_up.score) {
      ranking.second = spec;
      ranking.runner_up = std::move(own);
    }
  }
  return ranking;
}

std::optional<Format> ParserChooser::Choose(const FileInfo& file, std::string_view text,
                                            std::optional<Format> resumed) {
  const std::vector<std::string_view> lines = FirstLines(text);
  if (resumed && (options_.fixed == nullptr || options_.fixed == resumed->parser)) {
    Remember(file.path, *resumed);
    return resumed;
  }
  if (lines.empty()) return Format{};
  const std::optional<Format> before = Before(file.path);
  const Wrapper wrapper =
      options_.wrapper_of ? options_.wrapper_of(lines, before ? before->wrapper : Wrapper::kNone)
                          : Wrapper::kNone;
  std::optional<Format> format = options_.fixed == nullptr
                                     ? Sniff(file, lines, wrapper, before)
                                     : Choice(file, {.format = {options_.fixed, wrapper}});
  if (!format) return std::nullopt;
  format->follows = before.has_value();
  if (!format->guessed) Remember(file.path, *format);
  return format;
}

std::optional<Format> ParserChooser::Sniff(const FileInfo& file,
                                           std::span<const std::string_view> wrapped,
                                           Wrapper wrapper, const std::optional<Format>& before) {
  const Inner inner(wrapper, wrapped);
  const Ranking ranking = Rank(options_.candidates, inner.lines());
  if (before && Inherits(*before, ranking, inner.lines())) {
    // Lines that are of no format say nothing of the wrapper either.
    const bool none = wrapper == Wrapper::kNone && ranking.confidence.score < kConfident;
    if (none && options_.wrapper_of) wrapper = options_.wrapper_of({}, before->wrapper);
    return Inherited(file, {before->parser, wrapper}, inner.lines());
  }
  if (ranking.confidence.score < kConfident) return Unknown(file, wrapper, ranking, inner.lines());
  const Format format = {ranking.best, wrapper};
  std::string what =
      fmt::format("'{}': {} ({})", file.path, NameOf(format), ranking.confidence.reason);
  if (ranking.second != nullptr) {
    what += fmt::format("; next best: {} {:.2f}", ranking.second->name, ranking.runner_up.score);
  }
  Tell(Log::Level::kInfo, NameOf(format), {std::move(what)});
  return Choice(file, {.format = format,
                       .how = FormatChoice::How::kRecognised,
                       .confidence = ranking.confidence,
                       .second = ranking.second,
                       .runner_up = ranking.runner_up});
}

// Where the two agree it is the lines that tell, and say why.
bool ParserChooser::Inherits(const Format& before, const Ranking& ranking,
                             std::span<const std::string_view> lines) const {
  if (std::ranges::find(options_.candidates, before.parser) == options_.candidates.end()) {
    return false;  // it is of an earlier run with other options
  }
  if (ranking.confidence.score < kConfident) return true;
  if (ranking.best == before.parser) return false;
  return lines.size() <= 1 || before.parser->sniff(lines).score >= kConfident;
}

Format ParserChooser::Inherited(const FileInfo& file, Format format,
                                std::span<const std::string_view> lines) {
  format.inherited = true;
  Confidence confidence = format.parser->sniff(lines);
  Tell(Log::Level::kInfo, NameOf(format),
       {fmt::format("'{}': {}, as the file before it at this path was ({})", file.path,
                    NameOf(format), confidence.reason)});
  return Choice(file, {.format = format,
                       .how = FormatChoice::How::kRecognised,
                       .confidence = std::move(confidence)});
}

std::optional<Format> ParserChooser::Before(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto known = before_.find(HashBytes(path));
  return known == before_.end() ? std::nullopt : std::optional(known->second);
}

void ParserChooser::Remember(const std::string& path, const Format& format) {
  const std::lock_guard lock(mutex_);
  if (before_.size() >= kMostRemembered) before_.clear();
  before_[HashBytes(path)] = {format.parser, format.wrapper};
}

void ParserChooser::Remember(const std::string& path, std::string_view state) {
  if (const auto format = ReadSavedFormat(state)) Remember(path, *format);
}

Format ParserChooser::Choice(const FileInfo& file, const FormatChoice& choice) const {
  if (options_.observer != nullptr) options_.observer->OnFormat(file, choice);
  return choice.format;
}

std::optional<Format> ParserChooser::Unknown(const FileInfo& file, Wrapper wrapper,
                                             const Ranking& ranking,
                                             std::span<const std::string_view> lines) {
  const Format plain = {FindParser("plain"), wrapper, /*guessed=*/true};
  if (wrapper != Wrapper::kNone) {
    Tell(Log::Level::kInfo, NameOf(plain),
         {fmt::format("'{}': {} (no format fits the lines themselves)", file.path, NameOf(plain))});
    return Choice(file, {.format = plain, .how = FormatChoice::How::kUnknown});
  }
  Error what = {fmt::format("cannot tell the format of '{}' from its first lines", file.path)};
  what.hint = fmt::format("It begins: {}\n", Excerpt(lines.front()));
  if (ranking.best != nullptr) {
    what.hint += fmt::format("Closest is {}: {}.\n", ranking.best->name, ranking.confidence.reason);
  }
  if (options_.unknown_is_plain) {
    what.hint += "Its lines are sent whole, with the times that are found in them.";
    Tell(Log::Level::kWarning, "plain", what);
    return Choice(file, {.format = plain, .how = FormatChoice::How::kUnknown});
  }
  if (IsPrefixedJson(lines)) {
    what.hint += "Behind other text there is JSON: try --parser json --log-prefix '^[^{]*'.";
  } else {
    what.hint +=
        "Name it with --parser (see 'hctail --list-parsers'), describe it with --parser regex\n"
        "--regex.line-regex REGEX, or send its lines whole with --on-unparsed raw.";
  }
  if (options_.unknown_is_fatal && file.present_at_start) {
    fatal_(std::move(what));
    return std::nullopt;
  }
  const FormatChoice choice = {.format = {FindParser("json"), wrapper, /*guessed=*/true},
                               .how = FormatChoice::How::kUnknown,
                               .advice = what.hint};
  what.hint +=
      "\nFor now its lines are taken for JSON objects; what is none is treated as --on-unparsed "
      "says.";
  Tell(Log::Level::kWarning, "unknown", what);
  return Choice(file, choice);
}

ParserChooser::Judgement ParserChooser::Reconsider(const FileInfo& file, const Doubt& doubt,
                                                   std::span<const std::string_view> lines,
                                                   Format* other) {
  std::vector<const ParserSpec*> candidates = options_.candidates;
  if (options_.fixed != nullptr) {
    candidates.clear();
    for (const ParserSpec& spec : AllParsers()) candidates.push_back(&spec);
  }
  const Ranking ranking = Rank(candidates, lines);
  if (ranking.confidence.score < kConfident || ranking.best == doubt.now.parser) {
    return Judgement::kUnknown;
  }
  *other = {ranking.best, doubt.now.wrapper};
  const bool whole = NeedsFileParser(*other->parser, doubt.config, other->wrapper);
  const bool change = options_.fixed == nullptr && !doubt.mixed && !(doubt.shared && whole);
  if (++file.lane->changes_told > kChangesTold) return Judgement::kUnknown;
  std::string what =
      doubt.mixed
          ? fmt::format(
                "'{}': among its lines, from byte {} on, are some of another format, {} ({})",
                file.path, doubt.offset, ranking.best->name, ranking.confidence.reason)
          : fmt::format("'{}': from byte {} on it looks like {} ({})", file.path, doubt.offset,
                        ranking.best->name, ranking.confidence.reason);
  log_.Warn(std::move(what),
            change
                ? fmt::format("It is read as {} from here on, no longer as {}; the lines before "
                              "that told it went where --on-unparsed says.",
                              ranking.best->name, doubt.now.parser->name)
                : fmt::format("It is still read as {}. To read only such lines give --parser {}.",
                              doubt.now.parser->name, ranking.best->name));
  if (change) Remember(file.path, *other);
  return change ? Judgement::kChange : Judgement::kTold;
}

void ParserChooser::Tell(Log::Level level, const std::string& format, const Error& what) {
  if (options_.observer != nullptr) return;
  uint64_t files = 0;
  {
    const std::lock_guard lock(mutex_);
    ++found_[format];
    files = ++files_;
  }
  if (files == kFilesTold + 1) {
    log_.Info("the formats of more files are counted in the status and told with --debug");
  }
  log_.Write(files > kFilesTold ? Log::Level::kDebug : level, what);
}

std::map<std::string, uint64_t> ParserChooser::Found() const {
  const std::lock_guard lock(mutex_);
  return files_ > kFilesTold ? found_ : std::map<std::string, uint64_t>();
}

}  // namespace hctail
