// SPDX-License-Identifier: Apache-2.0
#include "sample/sample_key.h"

namespace hctail {
namespace {

std::string KeyOf(const std::vector<std::string>& fields, const Event& event) {
  std::string key = "left over";
  std::string scratch;
  KeyFields(fields).Build(event, &key, &scratch);
  return key;
}

TEST_CASE("KeyFields: the order in which fields are given does not matter (Refinery 3.2.2)") {
  Event event;
  event.Add("status", Value::Int(200));
  event.Add("method", Value::RawJson("\"GET\""));
  CHECK(KeyOf({"status", "method"}, event) == "GET\u2022200");
  CHECK(KeyOf({"method", "status", "method"}, event) == "GET\u2022200");
  CHECK(KeyFields(std::vector<std::string>{"status:tens", "method"}).Names() ==
        "method,status:tens");
}

TEST_CASE("KeyFields: what is missing or null is empty, and integers are not") {
  Event event;
  event.Add("a", Value::Null());
  event.Add("b", Value::Int(5));
  event.Add("c", Value::Bool(false));
  CHECK(KeyOf({"a", "b", "c", "d"}, event) == "\u20225\u2022false\u2022");
  CHECK(KeyOf({}, event).empty());
}

TEST_CASE("KeyFields: nested fields, and buckets of what is a number") {
  Event event;
  event.Add("http", Value::RawJson(R"({"status":"503","name":"caf\u00e9"})"));
  CHECK(KeyOf({"http.status:hundreds"}, event) == "500");
  CHECK(KeyOf({"http.name:hundreds"}, event) == "caf\u00e9");
  CHECK(KeyOf({"http:status"}, event).empty());
}

TEST_CASE("AppendBucket: a bucket is named by its lower end") {
  const struct {
    double number;
    Bucket bucket;
    const char* text;
  } cases[] = {
      {503, Bucket::kHundreds, "500"},
      {500, Bucket::kHundreds, "500"},
      {99, Bucket::kHundreds, "0"},
      {-1, Bucket::kHundreds, "-100"},
      {17, Bucket::kTens, "10"},
      {1999, Bucket::kThousands, "1000"},
      {300, Bucket::kLog2, "256"},
      {256, Bucket::kLog2, "256"},
      {0.3, Bucket::kLog2, "0.25"},
      {0, Bucket::kLog2, "0"},
      {-300, Bucket::kLog2, "-256"},
      {1000, Bucket::kLog10, "1000"},
      {999, Bucket::kLog10, "100"},
      {1e15, Bucket::kLog10, "1e+15"},
      {1e14, Bucket::kLog10, "100000000000000"},
      {1, Bucket::kLog2, "1"},
      {-0.0, Bucket::kTens, "0"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.number);
    std::string out;
    AppendBucket(c.number, c.bucket, &out);
    CHECK(out == c.text);
  }
}

TEST_CASE("KeyFields: a long value is cut, and still told apart from others") {
  const std::string long_value(100'000, 'x');
  const std::string other = long_value + "y";
  Event a;
  Event b;
  a.Add("f", Value::String(long_value));
  b.Add("f", Value::String(other));
  CHECK(KeyOf({"f"}, a).size() == KeyFields::kLongestValue);
  CHECK(KeyOf({"f"}, a) != KeyOf({"f"}, b));
}

}  // namespace
}  // namespace hctail
