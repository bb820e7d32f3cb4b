// SPDX-License-Identifier: Apache-2.0
#include "tail/charset.h"

#include <doctest/doctest.h>

#include <string>

namespace hctail {
namespace {

using namespace std::string_literals;
using Kind = Charset::Kind;

// ASCII as UTF-16.
std::string Wide(std::string_view text, bool big = false) {
  std::string wide;
  for (const char c : text) {
    if (big) wide.push_back('\0');
    wide.push_back(c);
    if (!big) wide.push_back('\0');
  }
  return wide;
}

TEST_CASE("ParseCharset: names") {
  struct Case {
    const char* name;
    Kind kind;
    const char* charset;
  };
  const Case cases[] = {
      {"utf-8", Kind::kUtf8, "UTF-8"},
      {"UTF8", Kind::kUtf8, "UTF-8"},
      {"utf-16le", Kind::kUtf16Le, "UTF-16LE"},
      {"UTF16LE", Kind::kUtf16Le, "UTF-16LE"},
      {"utf_16_be", Kind::kUtf16Be, "UTF-16BE"},
      {"latin1", Kind::kIconv, "LATIN1"},
      {"windows-1252", Kind::kIconv, "WINDOWS-1252"},
      {"ISO-8859-15", Kind::kIconv, "ISO-8859-15"},
      {"shift_jis", Kind::kIconv, "SHIFT_JIS"},
      {"gb18030", Kind::kIconv, "GB18030"},
      {"EUC-KR", Kind::kIconv, "EUC-KR"},
      {"koi8-r", Kind::kIconv, "KOI8-R"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto charset = ParseCharset(c.name);
    REQUIRE(charset.has_value());
    CHECK(charset->kind == c.kind);
    CHECK(charset->name == c.charset);
  }
}

TEST_CASE("ParseCharset: what is refused, and why") {
  for (const char* name : {"", "latin-99", "latin1//TRANSLIT", "utf-8,x", "auto"}) {
    CAPTURE(name);
    const auto charset = ParseCharset(name);
    REQUIRE_FALSE(charset.has_value());
    CHECK(charset.error().message == "unknown encoding '" + std::string(name) + "'");
    CHECK(charset.error().hint ==
          "Known are auto, utf-8, utf-16le, utf-16be and what 'iconv -l' lists.");
  }
  CHECK(ParseCharset("utf-16").error().hint ==
        "Say utf-16le or utf-16be; auto goes by the byte order mark.");
  for (const char* name : {"utf-32", "UCS-4LE", "IBM037", "ucs-2"}) {
    CAPTURE(name);
    REQUIRE_FALSE(ParseCharset(name).has_value());
    CHECK(ParseCharset(name).error().message ==
          "encoding '" + std::string(name) + "' cannot be read: it has no ASCII line ends");
  }
}

TEST_CASE("DetectCharset: by a byte order mark") {
  CHECK(DetectCharset("\xEF\xBB\xBF")->kind == Kind::kUtf8);
  CHECK(DetectCharset("\xFF\xFE"s)->kind == Kind::kUtf16Le);
  CHECK(DetectCharset("\xFE\xFF"s)->kind == Kind::kUtf16Be);
  CHECK(DetectCharset("\xFF\xFE\x2D\x4E"s)->name == "UTF-16LE");
  CHECK_FALSE(DetectCharset("\xEF\xBB").has_value());
  CHECK_FALSE(DetectCharset("\xFF").has_value());
}

TEST_CASE("DetectCharset: without one, by where the NULs are") {
  const std::string line = "2026-03-05 12:00:00 INFO started\r\n";
  CHECK(DetectCharset(line)->kind == Kind::kUtf8);
  CHECK(DetectCharset(Wide(line))->kind == Kind::kUtf16Le);
  CHECK(DetectCharset(Wide(line, true))->kind == Kind::kUtf16Be);
  CHECK(DetectCharset(Wide("a\n"))->kind == Kind::kUtf16Le);
  CHECK(DetectCharset(Wide("a\n", true))->kind == Kind::kUtf16Be);
  CHECK(DetectCharset(Wide(line).substr(0, 7), true)->kind == Kind::kUtf16Le);
  // A time, and then Chinese: 服务器已上线. 上 is 4E0A, with a newline's byte; 中 is two of ASCII.
  std::string chinese = Wide("2026-03-05 12:00:00 ");
  for (int i = 0; i < 5; ++i) chinese += "\x0D\x67\xA1\x52\x68\x56\xF2\x5D\x0A\x4E\xBF\x7E\x2D\x4E";
  CHECK(DetectCharset(chinese + Wide("\n"))->kind == Kind::kUtf16Le);
}

TEST_CASE("DetectCharset: looks past holes in UTF-16, and characters with a NUL byte") {
  const std::string line = Wide("2026-03-05 12:00:00 started\n");
  CHECK(DetectCharset(std::string(400, '\0') + line)->kind == Kind::kUtf16Le);
  CHECK(DetectCharset(line + std::string(400, '\0') + line)->kind == Kind::kUtf16Le);
  // 一 is 4E00.
  CHECK(DetectCharset(Wide("12:00:00 ") + "\0\x4E\0\x4E"s + Wide("\n"))->kind == Kind::kUtf16Le);
  CHECK(DetectCharset(Wide("12:00:00 ", true) + "\x4E\0\x4E\0"s + Wide("\n", true))->kind ==
        Kind::kUtf16Be);
}

TEST_CASE("DetectCharset: text with NULs is not UTF-16") {
  const std::string line = "2026-03-05 12:00:00 INFO started\n";
  const std::string cases[] = {
      std::string(400, '\0') + line,  // holes that copytruncate leaves
      std::string(401, '\0') + line,
      line + std::string(400, '\0') + line,
      line + std::string(401, '\0') + line,
      std::string(2000, '\0'),
      "a\0"s + line,  // one here and there
      line + "ab\0"s + line,
      "abc\0def\0ghi\0jkl\n"s,  // between fields
      "ab\0cd\0ef\0\n"s,
      "a\0b\n"s,
      "\0\0\0\n"s,
      "\x01\0\x02\0\n"s,

      "\xD0\xB4\xD0\xB0\n"s,
  };
  for (const std::string& text : cases) {
    CAPTURE(text);
    CHECK(DetectCharset(text, true)->kind == Kind::kUtf8);
    CHECK(DetectCharset(text + std::string(1024, 'x'))->kind == Kind::kUtf8);
  }
}

TEST_CASE("DetectCharset: waits until there may be a line") {
  CHECK_FALSE(DetectCharset("").has_value());
  CHECK_FALSE(DetectCharset("a").has_value());
  CHECK_FALSE(DetectCharset("a line").has_value());
  CHECK_FALSE(DetectCharset("a\0\n"s).has_value());
  CHECK_FALSE(DetectCharset(Wide("a line")).has_value());
  CHECK(DetectCharset("a\n")->kind == Kind::kUtf8);
  CHECK(DetectCharset("", true)->kind == Kind::kUtf8);
  CHECK(DetectCharset("a", true)->kind == Kind::kUtf8);
  CHECK(DetectCharset(std::string(kDetectBytes, 'a'))->kind == Kind::kUtf8);
  CHECK(DetectCharset(Wide(std::string(kDetectBytes, 'a')))->kind == Kind::kUtf16Le);
}

TEST_CASE("MarkLength: only the mark of the charset") {
  CHECK(MarkLength({}, "\xEF\xBB\xBFtext") == 3);
  CHECK(MarkLength({}, "\xFF\xFE") == 0);
  CHECK(MarkLength({}, "text") == 0);
  CHECK(MarkLength(*ParseCharset("utf-16le"), "\xFF\xFEt") == 2);
  CHECK(MarkLength(*ParseCharset("utf-16be"), "\xFE\xFFt") == 2);
  CHECK(MarkLength(*ParseCharset("utf-16be"), "\xFF\xFEt") == 0);
  CHECK(MarkLength(*ParseCharset("latin1"), "\xFF\xFEt") == 0);
}

TEST_CASE("LeadingNuls: counts them") {
  CHECK(LeadingNuls("") == 0);
  CHECK(LeadingNuls("text\0"s) == 0);
  for (const size_t nuls : {1, 7, 8, 9, 1000}) {
    CHECK(LeadingNuls(std::string(nuls, '\0')) == nuls);
    CHECK(LeadingNuls(std::string(nuls, '\0') + "text" + std::string(9, '\0')) == nuls);
  }
}

}  // namespace
}  // namespace hctail
