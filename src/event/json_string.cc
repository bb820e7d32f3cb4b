// SPDX-License-Identifier: Apache-2.0
#include "event/json_string.h"

#include <algorithm>

#include "base/utf8.h"

namespace hctail {

void UnescapeJson(std::string_view text, std::string* out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  while (true) {
    const size_t at = text.find('\\');
    *out += text.substr(0, at);
    if (at == std::string_view::npos) return;
    text.remove_prefix(at);
    size_t size = ReadUnicodeEscape(text, out);
    if (size == 0) {
      size = std::min<size_t>(2, text.size());
      const size_t known = size < 2 ? std::string_view::npos : kLetters.find(text[1]);
      if (known != std::string_view::npos) out->push_back(kMeanings[known]);
    }
    text.remove_prefix(size);
  }
}

std::string_view UnquoteJson(std::string_view quoted, std::string* scratch) {
  if (quoted.size() < 2) return {};
  const std::string_view text = quoted.substr(1, quoted.size() - 2);
  if (!text.contains('\\')) return text;
  scratch->clear();
  UnescapeJson(text, scratch);
  return *scratch;
}

}  // namespace hctail
