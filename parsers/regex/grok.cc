// SPDX-License-Identifier: Apache-2.0
#include "parsers/regex/grok.h"

#include <algorithm>

namespace hctail::regex {
namespace {

constexpr int kMaxDepth = 8;                  // of patterns inside each other
constexpr size_t kMaxSize = size_t{1} << 16;  // of an expanded pattern

const GrokPattern* Find(std::string_view name) {
  const auto patterns = GrokPatterns();
  const auto found = std::ranges::lower_bound(patterns, name, {}, &GrokPattern::name);
  return found != patterns.end() && found->name == name ? &*found : nullptr;
}

// "NAME:field:type".
struct Reference {
  std::string_view name;
  std::string field;
  std::string_view type;
};

// "[a][b]", as Logstash writes a field inside another, is "a.b".
std::string FieldName(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return std::string(text);
  std::string name;
  for (const char c : text.substr(1, text.size() - 2)) {
    if (c == '[') {
      name += '.';
    } else if (c != ']') {
      name += c;
    }
  }
  return name;
}

Reference Split(std::string_view text) {
  Reference reference;
  const size_t first = text.find(':');
  reference.name = text.substr(0, first);
  if (first == std::string_view::npos) return reference;
  text.remove_prefix(first + 1);
  const size_t second = text.find(':');
  reference.field = FieldName(text.substr(0, second));
  if (second != std::string_view::npos) reference.type = text.substr(second + 1);
  return reference;
}

bool ReadType(std::string_view text, FieldType* type) {
  if (text.empty()) return true;
  if (text == "int") {
    *type = FieldType::kInteger;
  } else if (text == "float") {
    *type = FieldType::kDecimal;
  } else if (text == "string") {
    *type = FieldType::kString;
  } else {
    return false;
  }
  return true;
}

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Expander {
 public:
  // `place`: where the text stands in the source; inside the library it does not move.
  bool Run(std::string_view text, size_t place, int depth) {
    const bool in_source = depth == 0;
    for (size_t at = 0; at < text.size();) {
      const size_t here = in_source ? at : place;
      const std::string_view rest = text.substr(at);
      size_t used = 0;
      if (rest.starts_with("%%{")) {
        Append("%\\{", here);
        used = 3;
      } else if (rest.starts_with("%{")) {
        used = Refer(rest, here, depth);
      } else if (rest.starts_with("(?P<") || IsShortName(rest)) {
        used = Name(rest, here);
      } else if (rest[0] == '\\' && rest.size() > 1) {
        Append(rest.substr(0, 2), here, in_source);
        used = 2;
      } else {
        Append(rest.substr(0, 1), here);
        used = 1;
      }
      if (used == 0) return false;
      at += used;
    }
    return true;
  }

  Expanded& out() { return out_; }
  RegexFault& fault() { return fault_; }

 private:
  static bool IsShortName(std::string_view rest) {
    return rest.size() > 3 && rest.starts_with("(?<") && IsNameChar(rest[3]);
  }

  void Append(std::string_view text, size_t place, bool moves = false) {
    out_.pattern += text;
    for (size_t i = 0; i < text.size(); ++i) out_.origins.push_back(place + (moves ? i : 0));
  }

  size_t Fail(std::string what, size_t place, std::string advice = {}) {
    fault_ = {.what = std::move(what), .position = place, .advice = std::move(advice)};
    return 0;
  }

  void OpenGroup(std::string_view name, FieldType type, size_t place) {
    Append("(?P<" + GroupName(out_.fields.size()) + ">", place);
    out_.fields.push_back({std::string(name), type});
  }

  // "(?P<name>": the name goes to the fields, for RE2 allows few letters in it.
  size_t Name(std::string_view rest, size_t place) {
    const size_t begin = rest[2] == 'P' ? 4 : 3;
    const size_t end = rest.find('>', begin);
    const std::string_view name = rest.substr(begin, end - begin);
    if (end == std::string_view::npos || name.empty() || !std::ranges::all_of(name, IsNameChar)) {
      return Fail("bad group name", place, "A name is letters, digits and underscores.");
    }
    OpenGroup(name, FieldType::kUsual, place);
    return end + 1;
  }

  size_t Refer(std::string_view rest, size_t place, int depth) {
    const size_t end = rest.find('}');
    if (end == std::string_view::npos) return Fail("missing '}'", place);
    const Reference reference = Split(rest.substr(2, end - 2));
    const GrokPattern* const pattern = Find(reference.name);
    if (pattern == nullptr) {
      return Fail("there is no pattern '" + std::string(reference.name) + "'", place,
                  Near(reference.name));
    }
    FieldType type = FieldType::kUsual;
    if (!ReadType(reference.type, &type)) {
      return Fail("unknown type '" + std::string(reference.type) + "'", place,
                  "Types are int, float and string.");
    }
    if (depth >= kMaxDepth || out_.pattern.size() > kMaxSize) return Fail("too large", place);
    if (reference.field.empty()) {
      Append("(?:", place);
    } else {
      OpenGroup(reference.field, type, place);
    }
    if (!Run(pattern->text, place, depth + 1)) return 0;
    Append(")", place);
    return end + 1;
  }

  // Names that begin alike; they are in capitals.
  static std::string Near(std::string_view name) {
    std::string start(name.substr(0, 3));
    for (char& c : start) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    std::string names;
    for (const GrokPattern& pattern : GrokPatterns()) {
      if (!pattern.name.starts_with(start) || start.empty()) continue;
      names += names.empty() ? "Near it are " : ", ";
      names += pattern.name;
    }
    return names.empty() ? names : names + ".";
  }

  Expanded out_;
  RegexFault fault_;
};

}  // namespace

std::string GroupName(size_t index) { return "hc" + std::to_string(index); }

std::expected<Expanded, RegexFault> Expand(std::string_view source) {
  Expander expander;
  if (!expander.Run(source, 0, 0)) return std::unexpected(std::move(expander.fault()));
  return std::move(expander.out());
}

}  // namespace hctail::regex
