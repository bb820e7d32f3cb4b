// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json_walk.h"

#include <doctest/doctest.h>
#include <simdjson.h>

#include "base/random.h"

namespace hctail::json {
namespace {

// "name=value;" for each member, or why there is none.
std::string Walk(std::string_view text) {
  Walker walker;
  const std::string terminated(text);  // a readable byte follows
  if (const Fault fault = walker.Walk(terminated); fault != Fault::kNone) {
    return std::string(Why(fault));
  }
  std::string shown;
  for (const Member& member : walker.members()) {
    shown += std::string(member.name) + "=" + std::string(member.value) + ";";
  }
  return shown;
}

TEST_CASE("Walker: members are slices of the text, without the spaces around them") {
  struct Case {
    std::string text, members;
  } const kCases[] = {
      {"{}", ""},
      {"{ }", ""},
      {R"({"a":1})", "a=1;"},
      {R"({ "a" : 1.10 , "b" : "x y" })", "a=1.10;b=\"x y\";"},
      {R"({"a":true,"b":false,"c":null})", "a=true;b=false;c=null;"},
      {R"({"a":[1, {"b":[]} ,"]"] ,"c":{}})", R"(a=[1, {"b":[]} ,"]"];c={};)"},
      {R"({"a":{"b":{"c":{}}}})", R"(a={"b":{"c":{}}};)"},
      {R"({"":""})", "=\"\";"},
      {R"({"a\"b":"c\\"})", R"(a\"b="c\\";)"},
      {"{\n\t\"a\"\r\n:\n[\n]\n}", "a=[\n];"},
      {R"({"a":1,"a":2})", "a=1;a=2;"},
      {R"({"n":-0.5e+10,"big":123456789012345678901234567890})",
       "n=-0.5e+10;big=123456789012345678901234567890;"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Walk(c.text) == c.members);
  }
}

TEST_CASE("Walker: what is wrong has a name") {
  struct Case {
    std::string text, why;
  } const kCases[] = {
      {"", "not a JSON object"},
      {"[1]", "not a JSON object"},
      {"{", "bad JSON: cut short"},
      {R"({"a)", "bad JSON: unclosed string"},
      {R"({"a")", "bad JSON: cut short"},
      {R"({"a":)", "bad JSON: cut short"},
      {R"({"a":1)", "bad JSON: cut short"},
      {R"({"a":1,)", "bad JSON: cut short"},
      {R"({"a":[1,2)", "bad JSON: cut short"},
      {R"({"a":{"b":1})", "bad JSON: cut short"},
      {R"({"a":1}})", "bad JSON: trailing text"},
      {R"({"a":1}{"b":2})", "bad JSON: trailing text"},
      {R"({"a":1} x)", "bad JSON: trailing text"},
      {R"({"a":1,})", "bad JSON: name is not a string"},
      {R"({a:1})", "bad JSON: name is not a string"},
      {R"({,})", "bad JSON: name is not a string"},
      {R"({"a" 1})", "bad JSON: missing colon"},
      {R"({"a","b"})", "bad JSON: missing colon"},
      {R"({"a":1 "b":2})", "bad JSON: missing comma"},
      {R"({"a":[1 2]})", "bad JSON: missing comma"},
      {R"({"a":[1}})", "bad JSON: missing comma"},
      {R"({"a":[1,]})", "bad JSON: bad value"},
      {R"({"a":[,]})", "bad JSON: bad value"},
      {R"({"a":})", "bad JSON: bad value"},
      {R"({"a":tru})", "bad JSON: bad value"},
      {R"({"a":True})", "bad JSON: bad value"},
      {R"({"a":nulll})", "bad JSON: bad value"},
      {R"({"a":'x'})", "bad JSON: bad value"},
      {R"({"a":01})", "bad JSON: bad number"},
      {R"({"a":-})", "bad JSON: bad number"},
      {R"({"a":1.})", "bad JSON: bad number"},
      {R"({"a":1"b"})", "bad JSON: bad number"},
      {R"({"a":[1e]})", "bad JSON: bad number"},
      {R"({"a":1e999})", "bad JSON: number out of range"},
      {R"({"a":"\x"})", "bad JSON: bad escape"},
      {R"({"\u12":1})", "bad JSON: bad escape"},
      {R"({"a":["\u12g4"]})", "bad JSON: bad escape"},
      {"{\"a\":\"\t\"}", "bad JSON: control character in a string"},
      {"{\"a\":\"\x80\"}", "bad JSON: invalid UTF-8"},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(Walk(c.text) == c.why);
  }
}

TEST_CASE("Walker: nesting has a limit, which is not the stack's") {
  const auto nested = [](size_t depth) {
    return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(Walk(nested(kMaxDepth - 1)).starts_with("a=[[["));
  CHECK(Walk(nested(kMaxDepth)) == "bad JSON: nested too deep");
  CHECK(Walk(nested(1'000'000)) == "bad JSON: nested too deep");
  CHECK(Walk(R"({"a":)" + std::string(1'000'000, '[')) == "bad JSON: nested too deep");
}

TEST_CASE("Walker: what stands behind the text is not read as part of it") {
  const std::string texts[] = {R"({"a":1)",     R"({"a":{"b":1})", R"({"a":)",   R"({"a":[)",
                               R"({"a":[[1]])", R"({"a")",         R"({"a":1,)", "{"};
  Walker walker;
  for (const std::string& text : texts) {
    for (const std::string behind :
         {"{", "}", "[", "]", ",", ":", "\"", "1", "}}}}", "]}", "[[[["}) {
      CAPTURE(text);
      CAPTURE(behind);
      const std::string both = text + behind;
      CHECK(walker.Walk(std::string_view(both).substr(0, text.size())) == Fault::kCutShort);
    }
  }
  const std::string good = R"({"a":1}})";
  CHECK(walker.Walk(std::string_view(good).substr(0, good.size() - 1)) == Fault::kNone);
}

TEST_CASE("Walker: lone surrogates are reported, pairs and escaped backslashes are not") {
  Walker walker;
  const auto lone = [&](const std::string& text) {
    REQUIRE(walker.Walk(text) == Fault::kNone);
    return walker.has_lone_surrogate();
  };
  CHECK(lone(R"({"a":"\ud800"})"));
  CHECK(lone(R"({"a":["\udc00"]})"));
  CHECK(lone(R"({"\ud800x":1})"));
  CHECK_FALSE(lone(R"({"a":"\ud83d\ude00"})"));
  CHECK_FALSE(lone(R"({"a":"\\ud800"})"));
}

TEST_CASE("Walker: the members of a member") {
  Walker walker;
  const std::string text = R"({"x":"\n","data":{"a\n":1,"b":[2]},"y":{}})";
  REQUIRE(walker.Walk(text) == Fault::kNone);
  const Member data = walker.members()[1];
  const Member y = walker.members()[2];
  const auto inner = walker.MembersOf(data);
  REQUIRE(inner.size() == 2);
  CHECK(inner[0].name == "a\\n");
  CHECK(inner[0].name_is_escaped);
  CHECK(inner[1].value == "[2]");
  CHECK_FALSE(inner[1].name_is_escaped);
  CHECK(walker.MembersOf(y).empty());
  CHECK(walker.members().size() == 3);
}

TEST_CASE("Walker: a huge line after a small one, and a small one after it") {
  Walker walker;
  const std::string small = R"({"a":1})";
  std::string long_value;
  long_value.resize(10'000'000, 'x');
  const std::string huge = R"({"a":")" + long_value + R"(","b":2})";
  for (const std::string& text : {small, huge, small, huge}) {
    REQUIRE(walker.Walk(text) == Fault::kNone);
    CHECK(walker.members()[0].name == "a");
    CHECK(walker.members().size() == (text.size() == small.size() ? 1u : 2u));
  }
}

template <size_t kCount>
std::string_view AnyOf(const std::string_view (&pieces)[kCount], Random* random) {
  return pieces[random->Below(kCount)];
}

std::string RandomString(Random* random) {
  static constexpr std::string_view kPieces[] = {
      "a",        "xyz", R"(\n)", R"(\\)", R"(\")", R"(\u00e9)", R"(\ud83d\ude00)",
      "\xc3\xa9", ",",   "{",     ""};
  std::string text = "\"";
  for (uint32_t left = random->Below(4); left > 0; --left) text += AnyOf(kPieces, random);
  return text + "\"";
}

std::string RandomValue(int depth, Random* random) {
  static constexpr std::string_view kScalars[] = {"1",    "-0.5e3", "0",    "12.50", "1E+2",
                                                  "true", "false",  "null", "[]",    "{}"};
  static constexpr std::string_view kSpaces[] = {"", "", "", " ", "\n\t"};
  const uint32_t kind = random->Below(depth > 3 ? 4 : 6);
  if (kind < 2) return RandomString(random);
  if (kind < 4) return std::string(AnyOf(kScalars, random));
  std::string text = kind == 4 ? "[" : "{";
  const uint32_t count = random->Below(4);
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text += AnyOf(kSpaces, random);
    if (kind == 5) text += RandomString(random) + ":";
    text += RandomValue(depth + 1, random);
    text += AnyOf(kSpaces, random);
  }
  return text + (kind == 4 ? "]" : "}");
}

// Mostly a small wound: a piece put in, a few bytes taken out or doubled.
void Wound(std::string* text, Random* random) {
  static constexpr std::string_view kPieces[] = {
      "{", "}",  "[",  "]",  ",",    ":",    "\"",  "\\",     "x",       "0",    "-",
      ".", "e5", "\n", " ",  "\xff", "\x01", "01",  "\"a\":", "\\u12",   "null", "tru",
      "1", ",,", "1.", "}}", "[[",   "\"\"", "\\x", "{\"",    "\xc3\xa9"};
  const size_t at = random->Below(static_cast<uint32_t>(text->size() + 1));
  switch (random->Below(3)) {
    case 0:
      text->insert(at, AnyOf(kPieces, random));
      break;
    case 1:
      text->erase(at, 1 + random->Below(3));
      break;
    default:
      text->insert(at, text->substr(at, 1 + random->Below(5)));
      break;
  }
}

TEST_CASE("Walker: accepts what simdjson's DOM accepts, and nothing else") {
  Random random(4711);
  Walker walker;
  simdjson::dom::parser parser;
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = R"({"a":)" + RandomValue(0, &random) + "}";
    for (uint32_t wounds = random.Below(3); wounds > 0; --wounds) Wound(&text, &random);
    if (!text.starts_with('{')) continue;
    const bool dom = parser.parse(text).error() == simdjson::SUCCESS;
    const bool ours = walker.Walk(text) == Fault::kNone;
    ++(ours ? accepted : refused);
    if (dom == ours || walker.has_lone_surrogate()) continue;
    CAPTURE(text);
    REQUIRE(dom == ours);
  }
  // Else the texts test nothing.
  CHECK(accepted > 50'000);
  CHECK(refused > 50'000);
}

}  // namespace
}  // namespace hctail::json
