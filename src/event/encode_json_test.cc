// SPDX-License-Identifier: Apache-2.0
#include "event/encode_json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace hctail {
namespace {

using namespace std::string_literals;

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

std::string Data(const Event& event) {
  std::string out;
  AppendData(event, &out);
  return out;
}

TEST_CASE("EncodeJson: only what JSON requires is escaped") {
  struct Case {
    std::string text, json;
  };
  const Case cases[] = {
      {"", R"("")"},
      {"a", R"("a")"},
      {"plain text that is longer than one word", R"("plain text that is longer than one word")"},
      {"say \"x\"", R"("say \"x\"")"},
      {R"(C:\new)", R"("C:\\new")"},
      {"a\nb\rc\td\be\ff", R"("a\nb\rc\td\be\ff")"},
      {"nul\0nul"s, R"("nul\u0000nul")"},
      {"\x1f\x20\x7f", "\"\\u001f \x7f\""},
      {"<a href='/'>&amp;</a>", R"("<a href='/'>&amp;</a>")"},
      {"Grüße, 東京 🚀", R"("Grüße, 東京 🚀")"},
      {"\xE2\x80\xA8", "\"\xE2\x80\xA8\""},  // U+2028 needs no escape
  };
  for (const Case& c : cases) CHECK(JsonString(c.text) == c.json);
}

TEST_CASE("EncodeJson: each byte outside valid UTF-8 becomes one U+FFFD") {
  struct Case {
    std::string text, json;
  };
  const Case cases[] = {
      {"\xFF", "\"\uFFFD\""},
      {"a\x80z", "\"a\uFFFDz\""},
      {"\xC0\xAF", "\"\uFFFD\uFFFD\""},            // overlong '/'
      {"\xE0\x80\x80", "\"\uFFFD\uFFFD\uFFFD\""},  // overlong
      {"\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\""},  // surrogate
      {"\xF4\x90\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\""},
      {"cut \xE6\x9D", "\"cut \uFFFD\uFFFD\""},
      {"caf\xE9 latin-1", "\"caf\uFFFD latin-1\""},
      {"\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\""},
      {"\xED\x9F\xBF", "\"\xED\x9F\xBF\""},
  };
  for (const Case& c : cases) CHECK(JsonString(c.text) == c.json);
}

TEST_CASE("EncodeJson: a special byte is found wherever in a word it stands") {
  for (size_t length = 1; length < 40; ++length) {
    for (size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      std::string json = text;
      text[at] = '\n';
      json.replace(at, 1, "\\n");
      CHECK(JsonString(text) == '"' + json + '"');
      text[at] = '\xFF';
      json.replace(at, 2, "\uFFFD");
      CHECK(JsonString(text) == '"' + json + '"');
    }
  }
}

TEST_CASE("EncodeJson: values keep their meaning, floats their shortest text") {
  struct Case {
    Value value;
    const char* json;
  };
  const Case cases[] = {
      {Value::Null(), "null"},
      {Value::Bool(true), "true"},
      {Value::Bool(false), "false"},
      {Value::Int(0), "0"},
      {Value::Int(std::numeric_limits<int64_t>::min()), "-9223372036854775808"},
      {Value::Int(std::numeric_limits<int64_t>::max()), "9223372036854775807"},
      {Value::Float(0.1), "0.1"},
      {Value::Float(3), "3"},
      {Value::Float(-0.5), "-0.5"},
      {Value::Float(1e21), "1e+21"},
      {Value::Float(5e-324), "5e-324"},
      {Value::Float(1.7976931348623157e308), "1.7976931348623157e+308"},
      {Value::String("x\"y"), R"("x\"y")"},
      {Value::RawJson("1.10"), "1.10"},
      {Value::RawJson(R"({"a":[1,null]})"), R"({"a":[1,null]})"},
  };
  for (const Case& c : cases) {
    std::string out;
    CHECK(AppendJsonValue(c.value, &out));
    CHECK(out == c.json);
  }
  std::string out = "kept";
  CHECK_FALSE(AppendJsonValue(Value::Float(NAN), &out));
  CHECK_FALSE(AppendJsonValue(Value::Float(-INFINITY), &out));
  CHECK(out == "kept");
}

TEST_CASE("EncodeJson: data leaves out nulls and numbers that JSON does not have") {
  Event event;
  CHECK(Data(event) == "{}");
  event.Add("nan", Value::Float(NAN));
  event.Add("null", Value::Null());
  CHECK(Data(event) == "{}");
  event.Add("a", Value::Int(1));
  event.Add("inf", Value::Float(INFINITY));
  event.Add("say \"b\"\n", Value::String("x"));
  CHECK(Data(event) == R"({"a":1,"say \"b\"\n":"x"})");
  std::string out;
  CHECK(AppendData(event, &out) == 2);
}

TEST_CASE("EncodeJson: of equal names only the last is written") {
  Event event;
  event.Add("a", Value::Int(1));
  event.Add("b", Value::Int(2));
  event.Add("a", Value::Int(3));
  event.Add("a", Value::Int(4));
  event.Add("b", Value::Null());
  CHECK(Data(event) == R"({"a":4})");
}

TEST_CASE("EncodeJson: equal names are found among any number of fields and lengths") {
  for (const size_t count : {2u, 16u, 17u, 128u, 129u, 3000u}) {
    for (const size_t padding : {0u, 6u, 12u, 30u}) {
      std::vector<std::string> names;
      names.reserve(count);
      for (size_t i = 0; i < count; ++i) {
        names.push_back(std::to_string(i) + std::string(padding, '.'));
      }
      Event event;
      for (const std::string& name : names) event.Add(name, Value::Int(1));
      std::string out;
      CHECK(AppendData(event, &out) == count);
      event.Add(names[0], Value::Int(2));
      out.clear();
      CHECK(AppendData(event, &out) == count);
      CHECK(out.ends_with("\"" + names[0] + "\":2}"));
      CHECK(out.starts_with("{\"" + names[1]));
    }
  }
}

TEST_CASE("EncodeJson: verbatim pieces are joined, and blank ones leave no empty member") {
  const std::string_view pieces[] = {"", R"("a":1.10)", " \t", R"("b":{ "c" : 2 })", ""};
  Event event;
  event.Add("a", Value::RawJson("1.10"));
  event.Add("b", Value::RawJson(R"({ "c" : 2 })"));
  event.SetVerbatim(pieces);
  CHECK(Data(event) == R"({"a":1.10,"b":{ "c" : 2 }})");
  std::string out;
  CHECK(AppendData(event, &out) == 2);

  const std::string_view blank[] = {" "};
  event.Clear();
  event.SetVerbatim(blank);
  CHECK(Data(event) == "{}");
}

}  // namespace
}  // namespace hctail
