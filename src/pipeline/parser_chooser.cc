// SPDX-License-Identifier: Apache-2.0
#include "pipeline/parser_chooser.h"

#include <fmt/format.h>

namespace hctail {
namespace {

constexpr size_t kSampleLines = 50;
constexpr double kConfident = 0.5;

std::vector<std::string_view> FirstLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kSampleLines) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return lines;
}

}  // namespace

const ParserSpec* SniffFormat(std::string_view text, std::span<const ParserSpec* const> candidates,
                              std::string* reason) {
  const std::vector<std::string_view> lines = FirstLines(text);
  const ParserSpec* best = nullptr;
  Confidence confidence;
  for (const ParserSpec* spec : candidates) {
    Confidence own = spec->sniff(lines);
    if (own.score >= kConfident && own.score > confidence.score) {
      best = spec;
      confidence = std::move(own);
    }
  }
  if (best != nullptr && reason != nullptr) *reason = std::move(confidence.reason);
  return best;
}

const ParserSpec* ParserChooser::Choose(FileInfo& file, std::string_view text) {
  if (fixed_ != nullptr) return fixed_;
  if (const ParserSpec* chosen = file.parser) return chosen;
  const std::lock_guard lock(mutex_);
  if (const ParserSpec* chosen = file.parser) return chosen;

  if (FirstLines(text).empty()) return candidates_.front();  // blank lines: any format skips them
  std::string reason;
  if (const ParserSpec* const best = SniffFormat(text, candidates_, &reason)) {
    log_.Debug(fmt::format("'{}' is {}: {}", file.path, best->name, reason));
    file.parser = best;
    return best;
  }
  std::string what = fmt::format("cannot tell the format of '{}' from its first lines", file.path);
  if (file.present_at_start) {
    fatal_(
        {std::move(what), "Name it with --parser; 'hctail --list-parsers' tells which there are."});
    return nullptr;
  }
  log_.Warn(std::move(what), "Its lines go to the dead letters unless they are JSON objects.");
  file.parser = FindParser("json");
  return file.parser;
}

}  // namespace hctail
