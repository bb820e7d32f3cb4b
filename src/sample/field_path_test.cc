// SPDX-License-Identifier: Apache-2.0
#include "sample/field_path.h"

#include <cmath>

namespace hctail {
namespace {

using Kind = FieldValue::Kind;

TEST_CASE("FieldValue: whatever the parser made of it, a value has one kind, text and number") {
  const struct {
    Value value;
    Kind kind;
    const char* text;
    std::optional<double> number;
  } cases[] = {
      {Value::Null(), Kind::kNull, "", {}},
      {Value::Bool(true), Kind::kBool, "true", {}},
      {Value::Int(-7), Kind::kNumber, "-7", -7},
      {Value::Float(200), Kind::kNumber, "200", 200},
      {Value::Float(0.5), Kind::kNumber, "0.5", 0.5},
      {Value::Float(INFINITY), Kind::kNumber, "inf", {}},
      {Value::String("503"), Kind::kString, "503", 503},
      {Value::String("abc"), Kind::kString, "abc", {}},
      {Value::String("nan"), Kind::kString, "nan", {}},
      {Value::String(""), Kind::kString, "", {}},
      {Value::RawJson("1.10"), Kind::kNumber, "1.10", 1.1},
      {Value::RawJson("\"503\""), Kind::kString, "503", 503},
      {Value::RawJson("\"a\\nb\""), Kind::kString, "a\nb", {}},
      {Value::RawJson("\""), Kind::kString, "", {}},
      {Value::RawJson("false"), Kind::kBool, "false", {}},
      {Value::RawJson("null"), Kind::kNull, "", {}},
      {Value::RawJson("[1]"), Kind::kJson, "[1]", {}},
  };
  std::string scratch;
  for (const auto& c : cases) {
    const FieldValue value(c.value);
    CAPTURE(c.text);
    CHECK(value.kind() == c.kind);
    CHECK(value.Text(&scratch) == c.text);
    CHECK(value.Number() == c.number);
  }
  CHECK(FieldValue(Value::RawJson("true")).Truth());
  CHECK_FALSE(FieldValue(Value::String("true")).Truth());
}

TEST_CASE("FieldPath: a field of the whole name comes before a member of an object") {
  Event event;
  event.Add("request", Value::RawJson(R"({"method":"GET","headers":{"x.y":"1"}})"));
  event.Add("http.status", Value::Int(200));
  event.Add("plain", Value::String("{\"a\":1}"));
  std::string scratch;
  const auto text = [&](const char* path) {
    return std::string(FieldPath(path).Find(event, &scratch).Text(&scratch));
  };
  CHECK(text("http.status") == "200");
  CHECK(text("request.method") == "GET");
  CHECK(text("request.headers.x.y") == "1");
  CHECK(FieldPath("request.path").Find(event, &scratch).kind() == Kind::kMissing);
  CHECK(FieldPath("plain.a").Find(event, &scratch).kind() == Kind::kMissing);
  CHECK(FieldPath(".a").Find(event, &scratch).kind() == Kind::kMissing);
  CHECK(FieldPath("").Find(event, &scratch).kind() == Kind::kMissing);
  event.Set("request.method", Value::String("PUT"));
  CHECK(text("request.method") == "PUT");
  const FieldPath flat("request.headers", FieldPath::Nested::kNo);
  CHECK(flat.Find(event, &scratch).kind() == Kind::kMissing);
}

TEST_CASE("FieldPath: of two fields of one name the last counts") {
  Event event;
  event.Add("a", Value::Int(1));
  event.Add("a", Value::Int(2));
  std::string scratch;
  CHECK(FieldPath("a").Find(event, &scratch).Number() == 2);
}

}  // namespace
}  // namespace hctail
