// SPDX-License-Identifier: Apache-2.0
#include "sample/condition.h"

namespace hctail {
namespace {

Event Sample() {
  Event event;
  event.Add("status", Value::RawJson("503"));
  event.Add("code", Value::String("404"));
  event.Add("path", Value::RawJson("\"/health/live\""));
  event.Add("level", Value::String("warn"));
  event.Add("ok", Value::Bool(false));
  event.Add("error", Value::RawJson("null"));
  event.Add("user", Value::RawJson(R"({"id":7,"name":"Zo\u00eb"})"));
  event.Add("an odd, name", Value::Int(1));
  event.Add("ms", Value::Float(0.5));
  return event;
}

TEST_CASE("ParseCondition: what is true of an event") {
  const std::pair<const char*, bool> cases[] = {
      {"status >= 500", true},
      {"status>=500", true},
      {"status < 503", false},
      {"status = 503.0", true},
      {"status == 503", true},
      {"status != 503", false},
      {"status = '503'", true},
      {"status > '6'", false},
      {"code >= 400", true},
      {"code = 404", true},
      {"level > 5", false},
      {"level != 5", false},
      {"level = warn", true},
      {"level = \"warn\"", true},
      {"level in (warn, error)", true},
      {"level not-in (warn, error)", false},
      {"status in (500, 503)", true},
      {"status in 503", true},
      {"path starts-with /health", true},
      {"path contains lth/l", true},
      {"path does-not-contain lth/l", false},
      {"path matches '^/health/(live|ready)$'", true},
      {"path matches live.+", false},
      {"ok = false", true},
      {"ok != false", false},
      {"ok = true", false},
      {"error exists", false},
      {"error not-exists", true},
      {"level exists", true},
      {"user.id = 7", true},
      {"user.name = Zo\u00eb", true},
      {"user.none exists", false},
      {"missing = 1", false},
      {"missing != 1", true},
      {"missing > 1", false},
      {"missing does-not-contain x", true},
      {"missing not-in (1, 2)", true},
      {"missing contains x", false},
      {"'an odd, name' = 1", true},
      {"ms < 1 and status >= 500", true},
      {"ms > 1 and status >= 500", false},
      {"ms > 1 or status >= 500", true},
      {"ms > 1 and status >= 500 or level = warn", true},
      {"ms > 1 and (status >= 500 or level = warn)", false},
      {"not ms > 1", true},
      {"not (level = warn or level = error)", false},
      {"not not level = warn", true},
      {"level = 'wa\\rn'", true},
  };
  const Event event = Sample();
  std::string scratch;
  for (const auto& [text, truth] : cases) {
    CAPTURE(text);
    const auto condition = ParseCondition(text);
    REQUIRE(condition.has_value());
    CHECK(condition->Matches(event, &scratch) == truth);
  }
}

TEST_CASE("ParseCondition: a fault is shown where it is") {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"status >>= 5", "expected an operator", "status >>= 5\n       ^ here"},
      {"status", "expected an operator", "status\n      ^ here"},
      {"status >", "expected a value", "status >\n        ^ here"},
      {"", "expected the name of a field", "\n^ here"},
      {"a = 1 b", "expected 'and', 'or' or the end", "a = 1 b\n      ^ here"},
      {"(a = 1", "expected ')'", "(a = 1\n      ^ here"},
      {"a in (1, ", "expected a value", "a in (1, \n         ^ here"},
      {"a in (1 2)", "expected ',' or ')'", "a in (1 2)\n        ^ here"},
      {"a = 'x", "the quotes are not closed", "a = 'x\n    ^ here"},
      {"a matches '('", "not a regular expression", "a matches '('\n          ^ here"},
      {"and = 1", "expected the name of a field", "and = 1\n^ here"},
  };
  for (const auto& [text, what, place] : cases) {
    CAPTURE(text);
    const auto condition = ParseCondition(text);
    REQUIRE_FALSE(condition.has_value());
    CHECK(condition.error().message.find(what) != std::string::npos);
    CHECK(condition.error().message.find(text) != std::string::npos);
    CHECK(condition.error().hint == place);
  }
  CHECK_FALSE(ParseCondition(std::string(10'000, '(')).has_value());
}

TEST_CASE("FieldTest: without a data type, as in Refinery, different kinds do not compare") {
  const Event event = Sample();
  std::string scratch;
  const auto test = [&](const char* field, TestOperator op, Literal literal, Datatype type) {
    return FieldTest{.fields = {FieldPath(field)},
                     .op = op,
                     .datatype = type,
                     .values = {std::move(literal)},
                     .regex = {}}
        .Matches(event, &scratch);
  };
  const Literal number = MakeLiteral("404");
  CHECK_FALSE(test("code", TestOperator::kEqual, number, Datatype::kAny));
  CHECK_FALSE(test("code", TestOperator::kNotEqual, number, Datatype::kAny));
  CHECK(test("code", TestOperator::kEqual, number, Datatype::kInt));
  CHECK(test("code", TestOperator::kEqual, number, Datatype::kFloat));
  CHECK(test("status", TestOperator::kGreater, number, Datatype::kAny));
  CHECK(test("ok", TestOperator::kEqual, MakeLiteral("false"), Datatype::kAny));
  CHECK(test("ms", TestOperator::kEqual, MakeLiteral("0"), Datatype::kInt));
  CHECK_FALSE(test("missing", TestOperator::kNotEqual, number, Datatype::kAny));
  CHECK(test("missing", TestOperator::kNotEqual, number, Datatype::kInt));
  CHECK(test("level", TestOperator::kGreater, MakeLiteral("null"), Datatype::kAny));
  CHECK_FALSE(test("level", TestOperator::kEqual, MakeLiteral("null"), Datatype::kAny));
}

}  // namespace
}  // namespace hctail
