// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/prompt.h"

#include <algorithm>

#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

constexpr size_t kMaxPrompt = 1024;

// "[HOST]: " or "[DBG]: ", also one after the other.
size_t BracketedSize(std::string_view line) {
  size_t size = 0;
  while (line.substr(size).starts_with('[')) {
    const size_t end = line.find("]: ", size);
    if (end == std::string_view::npos || end == size + 1 || end > kMaxPrompt) return 0;
    size = end + 3;
  }
  return size;
}

// A path, of Windows or not, or a drive of PowerShell such as "HKLM:\".
bool IsFolder(std::string_view text) {
  if (text.empty()) return false;
  const size_t colon = text.find(':');
  const bool drive =
      colon != std::string_view::npos && colon > 0 &&
      std::ranges::all_of(text.substr(0, colon), [](char c) { return IsLetter(c) || IsDigit(c); });
  return drive || text[0] == '/' || text[0] == '~' || text.starts_with("\\\\") ||
         text.starts_with("Microsoft.");
}

}  // namespace

size_t EnvironmentSize(std::string_view line) {
  if (!line.starts_with('(')) return 0;
  const size_t end = line.find(") ");
  if (end == std::string_view::npos || end < 2 || end > 64) return 0;
  const std::string_view word = line.substr(1, end - 1);
  return std::ranges::none_of(word, [](char c) { return IsBlank(c) || c == '(' || c == ')'; })
             ? end + 2
             : 0;
}

size_t DefaultPromptSize(std::string_view line) {
  // Most lines of output end here.
  if (line.size() < 3 || (line[0] != 'P' && line[0] != '[' && line[0] != '(')) return 0;
  size_t at = EnvironmentSize(line);
  at += BracketedSize(line.substr(at));
  const std::string_view rest = line.substr(at, kMaxPrompt);
  if (!rest.starts_with("PS")) return 0;
  const size_t mark = rest.find('>');
  if (mark == std::string_view::npos) return 0;
  if (mark > 2 && rest[2] != ' ') return 0;
  const size_t end = std::min(rest.find_first_not_of('>', mark), rest.size());
  if (end == rest.size()) return at + end;
  if (rest[end] == ' ') return at + end + 1;
  // "PS>" has no blank after it; a prompt of one's own may do without one too.
  if (mark == 2) return at + mark + 1;
  return IsFolder(rest.substr(3, mark - 3)) ? at + end : 0;
}

size_t LikelyPromptSize(std::string_view line) {
  static constexpr std::string_view kEnds[] = {
      "> ", "$ ", "# ", "\xe2\x9d\xaf ", "\xce\xbb ", "\xc2\xbb ", "\xe2\x9e\x9c ", "\xe2\x96\xb6 ",
      "% "};
  size_t size = 0;
  for (const std::string_view end : kEnds) {
    const size_t at = line.find(end);
    if (at > kMaxPrompt) continue;  // or not found
    if (size == 0 || at + end.size() < size) size = at + end.size();
  }
  return size;
}

std::string_view FolderOf(std::string_view prompt) {
  size_t at = EnvironmentSize(prompt);
  at += BracketedSize(prompt.substr(at));
  std::string_view rest = TrimRight(prompt.substr(at));
  while (rest.ends_with('>')) rest.remove_suffix(1);
  if (!rest.starts_with("PS ")) return {};
  return Trim(rest.substr(3));
}

bool IsBareFolder(std::string_view line) {
  line = TrimRight(line);
  if (line.size() < 4 || !line.ends_with('>') || !IsLetter(line[0])) return false;
  return line[1] == ':' && (line[2] == '\\' || line[2] == '/') && line.find('>') == line.size() - 1;
}

}  // namespace hctail::transcript
