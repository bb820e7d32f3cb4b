// SPDX-License-Identifier: Apache-2.0
// Random records, written by the rules of nginx, must come back as they were.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/utf8.h"
#include "parsers/nginx/log_format.h"
#include "parsers/nginx/unescape.h"

namespace hctail::nginx {
namespace {

constexpr int kRecords = 3000;

class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t bound) { return random_.Next() % bound; }

  // Text of UTF-8 characters; one in eight is of those that nginx escapes.
  std::string Text(bool spaces) {
    static constexpr std::string_view kOdd = "\"\\\x01\x7f[]{}-:,|";
    std::string text;
    for (uint64_t left = Below(12); left > 0; --left) {
      switch (Below(8)) {
        case 0:
          text += kOdd[Below(kOdd.size())];
          break;
        case 1:
          AppendUtf8(static_cast<uint32_t>(0xA0 + Below(0x2000)), &text);
          break;
        case 2:
          text += spaces ? ' ' : '_';
          break;
        default:
          text += static_cast<char>('a' + Below(26));
          break;
      }
    }
    return text;
  }

  std::string Number() { return std::to_string(Below(100000)); }

 private:
  Random random_;
};

// ngx_http_log_escape.
std::string EscapeDefault(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F || c == '"' || c == '\\') {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
  return out;
}

// ngx_escape_json.
std::string EscapeJson(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += std::string("\\u00") + kHex[byte >> 4] + kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

struct Variable {
  const char* name;
  enum class Kind { kText, kWord, kNumber, kList } kind;
  bool quoted;
};

// A random format: some of these in random order, with a space between them.
constexpr Variable kVariables[] = {
    {"request", Variable::Kind::kText, true},
    {"http_user_agent", Variable::Kind::kText, true},
    {"http_referer", Variable::Kind::kText, true},
    {"request_uri", Variable::Kind::kText, true},
    {"host", Variable::Kind::kWord, true},
    {"status", Variable::Kind::kNumber, false},
    {"body_bytes_sent", Variable::Kind::kNumber, false},
    {"request_length", Variable::Kind::kNumber, false},
    {"upstream_status", Variable::Kind::kList, false},
    {"upstream_response_length", Variable::Kind::kList, false},
};

std::string ValueOf(const Variable& variable, Writer& writer) {
  switch (variable.kind) {
    case Variable::Kind::kText:
      return writer.Text(true);
    case Variable::Kind::kWord:
      return writer.Text(false);
    case Variable::Kind::kNumber:
      return writer.Number();
    case Variable::Kind::kList:
      break;
  }
  std::string list = writer.Number();
  for (uint64_t more = writer.Below(3); more > 0; --more) {
    list += writer.Below(3) == 0 ? " : " : ", ";
    list += writer.Below(4) == 0 ? "-" : writer.Number();
  }
  return list;
}

void Run(Escape escape, uint64_t seed) {
  Writer writer(seed);
  for (int i = 0; i < kRecords; ++i) {
    LogFormat format{"", escape};
    std::string line;
    std::vector<std::string> written;
    for (uint64_t left = 1 + writer.Below(8); left > 0; --left) {
      const Variable& variable = kVariables[writer.Below(std::size(kVariables))];
      const std::string value = ValueOf(variable, writer);
      const std::string_view quote = variable.quoted ? "\"" : "";
      if (!line.empty()) {
        line += ' ';
        format.text += ' ';
      }
      format.text.append(quote).append("$").append(variable.name).append(quote);
      line.append(quote).append(escape == Escape::kJson ? EscapeJson(value) : EscapeDefault(value));
      line.append(quote);
      written.push_back(value);
    }
    CAPTURE(format.text);
    CAPTURE(line);
    const auto matcher = Matcher::Compile(format);
    REQUIRE(matcher.has_value());
    std::vector<std::string_view> values(written.size());
    REQUIRE(matcher->Match(line, Matcher::Checks::kStrict, values.data()));
    std::string scratch;
    scratch.reserve(line.size());
    for (size_t v = 0; v < written.size(); ++v) {
      CHECK(Unescape(values[v], escape, &scratch) == written[v]);
    }
  }
}

TEST_CASE("nginx: records written with escape=default come back as they were") {
  Run(Escape::kDefault, 4711);
}

TEST_CASE("nginx: records written with escape=json come back as they were") {
  Run(Escape::kJson, 4712);
}

}  // namespace
}  // namespace hctail::nginx
