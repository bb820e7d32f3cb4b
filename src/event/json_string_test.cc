// SPDX-License-Identifier: Apache-2.0
#include "event/json_string.h"

#include <doctest/doctest.h>

#include <utility>

namespace hctail {
namespace {

TEST_CASE("UnquoteJson: a string is the text it means") {
  const std::pair<const char*, const char*> cases[] = {
      {R"("")", ""},
      {R"("plain")", "plain"},
      {R"("a\"b\\c\/d")", "a\"b\\c/d"},
      {R"("\b\f\n\r\t")", "\b\f\n\r\t"},
      {R"("a\u0041b")", "aAb"},
      {R"("\u00e9\u20AC")", "\u00e9\u20ac"},
      {R"("\ud83d\ude00!")", "\U0001F600!"},
      {R"("\ud83d.\ude00")", "\uFFFD.\uFFFD"},
      {R"("x\ud83d")", "x\uFFFD"},
      {R"("\ud83d\ud83d\ude00")", "\uFFFD\U0001F600"},
      {R"("\ud83d\n")", "\uFFFD\n"},
      {R"("\u12")", "12"},
      {R"("\u-123")", "-123"},
      {R"("\x")", ""},
      {R"("\)", ""},
  };
  std::string scratch;
  for (const auto& [quoted, text] : cases) {
    CAPTURE(quoted);
    CHECK(UnquoteJson(quoted, &scratch) == text);
  }
}

TEST_CASE("UnquoteJson: what needs no unescaping is a view of the text itself") {
  const std::string_view quoted = "\"abc\"";
  std::string scratch;
  CHECK(UnquoteJson(quoted, &scratch).data() == quoted.data() + 1);
}

TEST_CASE("UnescapeJson appends") {
  std::string out = "kept ";
  UnescapeJson(R"(a\tb)", &out);
  CHECK(out == "kept a\tb");
}

}  // namespace
}  // namespace hctail
