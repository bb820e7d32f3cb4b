// SPDX-License-Identifier: Apache-2.0
#include "tail/line_decoder.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace hctail {
namespace {

using namespace std::string_literals;
using Stop = LineDecoder::Stop;

struct Decoded {
  std::string text;
  std::vector<uint32_t> lengths;
  LineDecoder::Taken taken;
  DecodeCounts counts;
};

Decoded Decode(const char* charset, std::string_view raw, bool final = false,
               LineDecoder::Options options = {}, uint64_t offset = 0, size_t room = 4096) {
  LineDecoder decoder(*ParseCharset(charset), options);
  Decoded result;
  result.text.resize(room);
  result.taken =
      decoder.Decode(raw, offset, final, result.text.data(), room, &result.lengths, &result.counts);
  result.text.resize(result.taken.written);
  return result;
}

// BMP characters as UTF-16LE.
std::string Le(std::u16string_view text) {
  std::string raw;
  for (const char16_t unit : text) {
    raw.push_back(static_cast<char>(unit & 0xFF));
    raw.push_back(static_cast<char>(unit >> 8));
  }
  return raw;
}
std::string Be(std::u16string_view text) {
  std::string raw = Le(text);
  for (size_t i = 0; i < raw.size(); i += 2) std::swap(raw[i], raw[i + 1]);
  return raw;
}

using Lengths = std::vector<uint32_t>;

TEST_CASE("LineDecoder: UTF-16 of both byte orders, with and without a mark") {
  const std::u16string text = u"a line\r\nzwölf Boxkämpfer, 中文 and \U0001F600\n\n";
  const std::string wanted = "a line\r\nzwölf Boxkämpfer, 中文 and \U0001F600\n\n";
  for (const bool big : {false, true}) {
    CAPTURE(big);
    const std::string raw = big ? Be(text) : Le(text);
    const char* const charset = big ? "utf-16be" : "utf-16le";
    const Decoded plain = Decode(charset, raw);
    CHECK(plain.text == wanted);
    CHECK(plain.lengths == Lengths{16, 56, 2});
    CHECK(plain.taken.taken == raw.size());
    CHECK(plain.taken.stop == Stop::kNeedMore);
    CHECK(plain.counts.replaced == 0);
    const Decoded marked = Decode(charset, (big ? Be(u"\uFEFF") : Le(u"\uFEFF")) + raw);
    CHECK(marked.text == wanted);
    CHECK(marked.lengths == Lengths{18, 56, 2});
    CHECK(marked.taken.taken == raw.size() + 2);
    // Elsewhere it is a character like others.
    CHECK(Decode(charset, big ? Be(u"\uFEFFx\n") : Le(u"\uFEFFx\n"), false, {}, 100).text ==
          "\uFEFFx\n");
  }
}

TEST_CASE("LineDecoder: UTF-16 lines end at aligned units only") {
  // 0A 00 across two characters, U+0A41 U+4100, and U+4E0A.
  const std::u16string text = u"\u0A41\u4100\u4E0A\u0A0Bx\n";
  CHECK(Decode("utf-16le", Le(text)).lengths == Lengths{12});
  CHECK(Decode("utf-16be", Be(text)).lengths == Lengths{12});
  CHECK(Decode("utf-16le", Le(text)).text == "\u0A41\u4100\u4E0A\u0A0Bx\n");
}

TEST_CASE("LineDecoder: what has no end yet waits, unless nothing follows") {
  const std::string line = Le(u"one\n");
  const Decoded waits = Decode("utf-16le", line + Le(u"two"));
  CHECK(waits.text == "one\n");
  CHECK(waits.taken.taken == line.size());
  CHECK(waits.taken.stop == Stop::kNeedMore);
  const Decoded last = Decode("utf-16le", line + Le(u"two"), true);
  CHECK(last.text == "one\ntwo\n");
  CHECK(last.lengths == Lengths{8, 6});
  // Half a newline, half a unit, half a pair.
  CHECK(Decode("utf-16le", line + "\n").taken.taken == line.size());
  const Decoded half = Decode("utf-16le", line + Le(u"tw") + "o", true);
  CHECK(half.text == "one\ntw\uFFFD\n");
  CHECK(half.lengths == Lengths{8, 5});
  CHECK(half.counts.replaced == 1);
  CHECK(Decode("utf-16le", Le(u"a") + "\x3D\xD8", true).text == "a\uFFFD\n");
  CHECK(Decode("utf-16le", "").lengths.empty());
  CHECK(Decode("utf-16le", "", true).lengths.empty());
  CHECK(Decode("utf-16le", "\xFF\xFE").lengths.empty());
  CHECK(Decode("utf-16le", "\xFF\xFE", true).lengths == Lengths{2});
  CHECK(Decode("utf-16le", "\xFF\xFE", true).text == "\n");
}

TEST_CASE("LineDecoder: half surrogate pairs are replaced and counted") {
  const std::string raw = Le(u"a") + "\x3D\xD8" + Le(u"b\n") + "\x00\xDE\x00\xDE"s + Le(u"\n") +
                          "\x3D\xD8\x3D\xD8\x00\xDE"s + Le(u"\nc\n");
  const Decoded got = Decode("utf-16le", raw);
  CHECK(got.text == "a\uFFFDb\n\uFFFD\uFFFD\n\uFFFD\U0001F600\nc\n");
  CHECK(got.counts.replaced == 4);
  CHECK(got.counts.lines == 3);
  CHECK(got.lengths == Lengths{8, 6, 8, 4});
}

TEST_CASE("LineDecoder: CRs") {
  const LineDecoder::Options lone = {.lone_cr = true};
  struct Case {
    const char* raw;
    bool final;
    const char* text;
    Lengths lengths;
  };
  const Case cases[] = {
      {"a\rb\r\nc\n", false, "a\nb\r\nc\n", {2, 3, 2}},
      {"a\r\rb\n\r\n\r", false, "a\n\nb\n\r\n", {2, 1, 2, 2}},
      {"a\r", false, "", {}},
      {"a\r", true, "a\n", {2}},
      {"\n\rx", true, "\n\nx\n", {1, 1, 1}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.raw);
    for (const char* charset : {"utf-8", "latin1", "shift_jis"}) {
      CAPTURE(charset);
      const Decoded got = Decode(charset, c.raw, c.final, lone);
      CHECK(got.text == c.text);
      CHECK(got.lengths == c.lengths);
    }
    std::u16string wide;
    for (const char* at = c.raw; *at != '\0'; ++at) wide.push_back(static_cast<char16_t>(*at));
    Lengths twice;
    for (const uint32_t length : c.lengths) twice.push_back(length * 2);
    CHECK(Decode("utf-16le", Le(wide), c.final, lone).text == c.text);
    CHECK(Decode("utf-16be", Be(wide), c.final, lone).lengths == twice);
  }
  CHECK(Decode("utf-8", "a\rb\r\n").text == "a\rb\r\n");
  CHECK(Decode("utf-16le", Le(u"a\rb\r\n")).text == "a\rb\r\n");
}

TEST_CASE("LineDecoder: charsets of iconv") {
  struct Case {
    const char* charset;
    const char* raw;
    const char* text;
    uint64_t replaced;
  };
  const Case cases[] = {
      {"latin1",
       "gr\xFC\xDF"
       "e und noch viel mehr, 5 \x80\n",
       "grüße und noch viel mehr, 5 \u0080\n", 0},
      {"windows-1252", "5 \x80 \x93quoted\x94 \x81\n", "5 € “quoted” \uFFFD\n", 1},
      {"koi8-r", "\xD0\xD2\xC9\xD7\xC5\xD4\n", "привет\n", 0},
      // The second byte of 表 is a backslash.
      {"shift_jis", "\x95\x5C\x8E\xA6 abc\n", "表示 abc\n", 0},
      {"gb18030", "\xD6\xD0\xCE\xC4 \x81\x30\x81\x30\n", "中文 \u0080\n", 0},
      {"euc-jp", "abc \xC6\xFC\xCB\xDC\n", "abc 日本\n", 0},
      {"euc-jp",
       "\xC6\n\xFF"
       "abc\n",
       "\uFFFD\n\uFFFDabc\n", 2},
      {"iso-2022-jp", "\x1B$BF|K\\\x1B(B.\nabc\n", "日本.\nabc\n", 0},
      {"windows-1258", "e\xEC a\n", "é a\n", 0},  // combined from two
      {"utf-7", "+AAo-x\n", " x\n", 0},           // no newline but the real ones
  };
  for (const Case& c : cases) {
    CAPTURE(c.charset);
    const Decoded got = Decode(c.charset, c.raw);
    CHECK(got.text == c.text);
    CHECK(got.counts.replaced == c.replaced);
    CHECK(got.taken.taken == std::string_view(c.raw).size());
  }
}

TEST_CASE("LineDecoder: UTF-8 is copied as it is") {
  const Decoded got = Decode("utf-8",
                             "\xEF\xBB\xBF"
                             "a \xFF\0b\nc"s,
                             true);
  CHECK(got.text == "a \xFF\0b\nc\n"s);
  CHECK(got.lengths == Lengths{9, 1});
  CHECK(got.counts.replaced == 0);
}

TEST_CASE("LineDecoder: stops before the line that has no room") {
  for (const char* charset : {"utf-8", "latin1", "shift_jis"}) {
    CAPTURE(charset);
    for (size_t room = 0; room < 20; ++room) {
      CAPTURE(room);
      const Decoded got = Decode(charset, "one two\nthree four\nx", false, {}, 0, room);
      CHECK(got.text == (room < 8 ? "" : room < 19 ? "one two\n" : "one two\nthree four\n"));
      CHECK(got.taken.stop == (room < 20 ? Stop::kNoRoom : Stop::kNeedMore));
    }
  }
  for (size_t room = 0; room < 9; ++room) {
    const Decoded got = Decode("utf-16le", Le(u"中文\nx\n"), false, {}, 0, room);
    CHECK(got.text == (room < 7 ? "" : room < 9 ? "中文\n" : "中文\nx\n"));
    CHECK(got.taken.stop == Stop::kNoRoom);
  }
}

TEST_CASE("LineDecoder: overlong lines, whether their end is there or not") {
  const LineDecoder::Options options = {.max_line = 4};
  for (const char* charset : {"utf-8", "latin1", "shift_jis"}) {
    CAPTURE(charset);
    CHECK(Decode(charset, "1234\n1\n", false, options).text == "1234\n1\n");
    for (const char* raw : {"1\n12345\n1\n", "1\n12345", "1\n12345678901234567890"}) {
      for (const bool final : {false, true}) {
        const Decoded got = Decode(charset, raw, final, options);
        CHECK(got.text == "1\n");
        CHECK(got.taken.taken == 2);
        CHECK(got.taken.stop == Stop::kOverlong);
      }
    }
    CHECK(Decode(charset, "1234", false, options).taken.stop == Stop::kNeedMore);
    CHECK(Decode(charset, "1234", true, options).text == "1234\n");
  }
  const LineDecoder::Options lone = {.lone_cr = true, .max_line = 4};
  CHECK(Decode("utf-8", "1234\rx", false, lone).text == "1234\n");
  CHECK(Decode("utf-8", "1234\r", false, lone).taken.stop == Stop::kNeedMore);
  CHECK(Decode("utf-8", "1234\r\nx", true, lone).taken.stop == Stop::kOverlong);
  CHECK(Decode("utf-8", "12345\r\nx", true, lone).taken.stop == Stop::kOverlong);
  CHECK(Decode("utf-16le", Le(u"12\rx"), false, lone).text == "12\n");
  CHECK(Decode("utf-16le", Le(u"12\n1\n"), false, options).text == "12\n1\n");
  CHECK(Decode("utf-16le", Le(u"12\n123\n"), false, options).taken.stop == Stop::kOverlong);
  CHECK(Decode("utf-16le", Le(u"12\n123"), false, options).taken.taken == 6);
  CHECK(Decode("utf-16le", Le(u"12"), false, options).taken.stop == Stop::kNeedMore);
  CHECK(Decode("utf-16le", Le(u"12"), true, options).text == "12\n");
}

TEST_CASE("LineDecoder: the end and the begin of an overlong line") {
  LineDecoder wide(*ParseCharset("utf-16le"), {.lone_cr = true});
  CHECK(wide.FindEnd(Le(u"\u0A00abc\nd"), false).size == 10);
  CHECK_FALSE(wide.FindEnd(Le(u"abc") + "\n", false).found);
  CHECK(wide.FindEnd(Le(u"abc") + "\n", false).size == 6);
  CHECK(wide.FindEnd(Le(u"abc\r"), false).size == 6);
  CHECK(wide.FindEnd(Le(u"abc\r"), true).found);
  LineDecoder bytes(*ParseCharset("latin1"), {});
  CHECK(bytes.FindEnd("abc\nd", false).size == 4);
  CHECK(bytes.FindEnd("abc\nd", false).found);
  CHECK(bytes.FindEnd("abc\r", false).size == 4);

  char out[100];
  DecodeCounts counts;
  const auto begin = [&](const char* charset, std::string_view raw, size_t room) {
    LineDecoder decoder(*ParseCharset(charset), {});
    return std::string(out, decoder.DecodeBegin(raw, 0, out, room, &counts));
  };
  CHECK(begin("utf-16le", Le(u"\uFEFF中文"), 100) == "中文");
  CHECK(begin("utf-16le", Le(u"中文"), 5) == "中");
  CHECK(begin("utf-16le", Le(u"ab") + "\x3D\xD8", 100) == "ab");
  CHECK(begin("utf-16le", Le(u"ab") + "c", 100) == "ab");
  CHECK(begin("latin1", "gr\xFC\xDF", 4) == "grü");
  CHECK(begin("shift_jis", "\x95\x5C\x8E", 100) == "表");
  CHECK(begin("shift_jis", "\x95\x5C\x8E\xA6", 4) == "表");
  CHECK(begin("utf-8", "中文", 5) == "中");
  CHECK(begin("utf-8", "a中\xE6\x96", 100) == "a中");
  CHECK(begin("utf-8",
              "\xEF\xBB\xBF"
              "abc",
              2) == "ab");
  CHECK(counts.replaced == 0);
}

TEST_CASE("LineDecoder: RoomForLine is enough") {
  const LineDecoder::Options options = {.max_line = 1000};
  struct Case {
    const char* charset;
    std::string raw;
  };
  const Case cases[] = {{"utf-16le", Le(std::u16string(500, u'中')) + "x"},
                        {"utf-16le", Le(std::u16string(500, u'\xD800'))},
                        {"windows-1252", std::string(1000, '\x80')},
                        {"windows-1252", std::string(1000, '\x81')},
                        {"shift_jis", std::string(1000, '\xB1')},
                        {"euc-jp", std::string(1000, '\xFF')},
                        {"utf-8", std::string(1000, 'x')}};
  for (const Case& c : cases) {
    CAPTURE(c.charset);
    LineDecoder decoder(*ParseCharset(c.charset), options);
    const Decoded got = Decode(c.charset, c.raw, true, options, 0, decoder.RoomForLine());
    CHECK(got.lengths.size() == 1);
    CHECK(got.taken.taken == c.raw.size());
  }
}

}  // namespace
}  // namespace hctail
