// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json_nginx.h"

#include <doctest/doctest.h>

namespace hctail::json {
namespace {

TEST_CASE("MendNginx: what nginx writes becomes JSON") {
  struct Case {
    std::string_view text, mended;
  } const kCases[] = {
      {R"({"a":,"b":1})", R"({"a":null,"b":1})"},
      {R"({"a": , "b":})", R"({"a":null, "b":null})"},
      {R"({"a":-,"b":- })", R"({"a":null,"b":null})"},
      {R"({"a":0.1, 0.2,"b":0.1, - : 0.3})", R"({"a":"0.1, 0.2","b":"0.1, - : 0.3"})"},
      {R"({"a":-, 200})", R"({"a":"-, 200"})"},
      {R"({"ua":"\x22x\x5C\x0A\xC3\xA9"})", "{\"ua\":\"\\\"x\\\\\\u000a\xc3\xa9\"}"},
      {R"({"\x61":{"b":,"c":2}})", R"({"a":{"b":null,"c":2}})"},
  };
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.text));
    std::string out;
    CHECK(MendNginx(c.text, &out));
    CHECK(out == c.mended);
  }
}

TEST_CASE("MendNginx: anything else stays as it is") {
  for (const std::string_view text :
       {R"({"a":1,"b":-2.5, "c" : 3})", R"({"a":"x:,\\x22","b":"\u0041\"\x4"})", R"({"a":)",
        R"({"a":1,)", R"({"a":1 2})", R"({"a":tru,"b":[1, 2]})", R"({"a":1.2.3})", "{\"a\":\"\\",
        ""}) {
    CAPTURE(std::string(text));
    std::string out;
    CHECK_FALSE(MendNginx(text, &out));
    CHECK(out == text);
  }
}

}  // namespace
}  // namespace hctail::json
