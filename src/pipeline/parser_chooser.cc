// SPDX-License-Identifier: Apache-2.0
#include "pipeline/parser_chooser.h"

#include <fmt/format.h>

#include <deque>
#include <utility>

#include "parsers/wrapper.h"

namespace hctail {
namespace {
constexpr size_t kSampleLines = 50;
constexpr double kConfident = 0.5;

// Lines without their wrapper, each followed by readable bytes as parsers want them.
class Inner {
 public:
  Inner(Wrapper wrapper, const std::vector<std::string_view>& wrapped) : lines_(wrapped) {
    if (wrapper == Wrapper::kNone) return;
    lines_.clear();
    for (const std::string_view line : wrapped) {
      auto text = UnwrapLine(wrapper, line);
      if (!text || text->empty()) continue;
      const size_t size = text->size();
      text->append(kRecordPadding, '\0');
      lines_.push_back(std::string_view(texts_.emplace_back(std::move(*text))).substr(0, size));
    }
  }
  const std::vector<std::string_view>& lines() const { return lines_; }

 private:
  std::deque<std::string> texts_;
  std::vector<std::string_view> lines_;
};

struct Ranking {
  const ParserSpec* best = nullptr;
  const ParserSpec* second = nullptr;
  Confidence confidence;
  Confidence runner_up;
};

Ranking Rank(const std::vector<const ParserSpec*>& candidates,
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

std::optional<Format> ParserChooser::Choose(const FileInfo& file, std::string_view text,
                                            std::optional<Format> resumed) {
  const std::vector<std::string_view> lines = FirstLines(text);
  if (resumed && (options_.fixed == nullptr || options_.fixed == resumed->parser)) {
    return resumed;
  }
  if (lines.empty()) return Format{};
  const Wrapper wrapper = options_.wrapper_of ? options_.wrapper_of(lines) : Wrapper::kNone;
  if (options_.fixed != nullptr) return Tell(file, {.format = {options_.fixed, wrapper}});
  const Inner inner(wrapper, lines);
  const Ranking ranking = Rank(options_.candidates, inner.lines());
  if (ranking.confidence.score < kConfident) return Unknown(file, wrapper);
  std::string what = fmt::format("'{}' is {}{}: {}", file.path, ranking.best->name,
                                 wrapper == Wrapper::kNone ? "" : " in container log lines",
                                 ranking.confidence.reason);
  if (ranking.runner_up.score > 0) {
    what += fmt::format("; next comes {}: {}", ranking.second->name, ranking.runner_up.reason);
  }
  log_.Debug(what);
  return Tell(file, {.format = {ranking.best, wrapper},
                     .how = FormatChoice::How::kRecognised,
                     .confidence = ranking.confidence,
                     .second = ranking.second,
                     .runner_up = ranking.runner_up});
}

Format ParserChooser::Tell(const FileInfo& file, const FormatChoice& choice) const {
  if (options_.observer != nullptr) options_.observer->OnFormat(file, choice);
  return choice.format;
}

std::optional<Format> ParserChooser::Unknown(const FileInfo& file, Wrapper wrapper) {
  std::string what = fmt::format("cannot tell the format of '{}' from its first lines", file.path);
  if (options_.unknown_is_fatal && file.present_at_start) {
    fatal_(
        {std::move(what), "Name it with --parser; 'hctail --list-parsers' tells which there are."});
    return std::nullopt;
  }
  if (options_.observer == nullptr) {
    log_.Warn(std::move(what),
              "Its lines are taken for JSON objects; what is none is treated as --on-unparsed "
              "says.");
  }
  return Tell(file, {.format = {FindParser("json"), wrapper}, .how = FormatChoice::How::kUnknown});
}

}  // namespace hctail
