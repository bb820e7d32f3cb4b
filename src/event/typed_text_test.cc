// SPDX-License-Identifier: Apache-2.0
#include "event/typed_text.h"

#include <doctest/doctest.h>

#include <string>

#include "event/encode_json.h"

namespace hctail {
namespace {

std::string Json(Value value) {
  std::string out;
  AppendJsonValue(value, &out);
  return out;
}

TEST_CASE("TypedText: numbers are what Go reads as numbers") {
  struct Case {
    std::string_view text;
    std::string_view json;
  };
  constexpr Case kCases[] = {
      {"5", "5"},
      {"+5", "5"},
      {"-5", "-5"},
      {"007", "7"},
      {"9223372036854775807", "9223372036854775807"},
      {"9223372036854775808", "9223372036854775808"},
      {"12345678901234567890123", "12345678901234567890123"},
      {"0.5", "0.5"},
      {".5", "0.5"},
      {"5.", "5"},
      {"1e3", "1000"},
      {"1E-2", "0.01"},
      {"1_000", "1000"},
      {"0x1p4", "16"},
      {"1e-999", "0"},
      {"1e999", "\"1e999\""},
      {"", "\"\""},
      {"-", "\"-\""},
      {"+", "\"+\""},
      {".", "\".\""},
      {"+-5", "\"+-5\""},
      {"--5", "\"--5\""},
      {"+.", "\"+.\""},
      {"1.2.3", "\"1.2.3\""},
      {"1__0", "\"1__0\""},
      {"_1", "\"_1\""},
      {"1_", "\"1_\""},
      {"0x10", "\"0x10\""},
      {"12ms", "\"12ms\""},
      {"1e", "\"1e\""},
      {"1 ", "\"1 \""},
      {"inf", "\"inf\""},
      {"NaN", "\"NaN\""},
      {"true", "\"true\""},
  };
  for (const Case& c : kCases) CHECK(Json(TypedText(c.text)) == c.json);
}

TEST_CASE("PlainlyTypedText: only what a program prints as a number is one") {
  struct Case {
    std::string_view text;
    std::string_view json;
  };
  constexpr Case kCases[] = {
      {"5", "5"},           {"-5", "-5"},           {"0", "0"},         {"0.5", "0.5"},
      {"-0.25", "-0.25"},   {"1.5e3", "1500"},      {"007", "\"007\""}, {"+5", "\"+5\""},
      {".5", "\".5\""},     {"5.", "\"5.\""},       {"1e3", "\"1e3\""}, {"1_0.5", "\"1_0.5\""},
      {"00.5", "\"00.5\""}, {"1.2.3", "\"1.2.3\""},
  };
  for (const Case& c : kCases) CHECK(Json(PlainlyTypedText(c.text)) == c.json);
}

}  // namespace
}  // namespace hctail
