// SPDX-License-Identifier: Apache-2.0
#include "sample/json_path.h"

namespace hctail {
namespace {

struct PathCase {
  const char* object;
  const char* path;
  const char* value;  // null: nothing
};

const PathCase kPaths[] = {
    {R"({"a":1})", "a", "1"},
    {R"( { "a" : 1 , "b" : "x,}" } )", "b", R"("x,}")"},
    {R"({"a":{"b":{"c":[1,{"c":2}]}}})", "a.b.c", R"([1,{"c":2}])"},
    {R"({"a":{"b.c":1},"a.b":{"c":2}})", "a.b.c", "2"},
    {R"({"a":{"b.c":1},"a.b":{"c":2},"a.b.c":3})", "a.b.c", "3"},
    {R"({"a":{"b.c":1}})", "a.b.c", "1"},
    {R"({"a":1,"a":2})", "a", "2"},
    {R"({"a\u0062":true})", "ab", "true"},
    {R"({"a":"\"}","b":-1.5e3})", "b", "-1.5e3"},
    {R"({"a":{}})", "a.b", nullptr},
    {R"({"a":[{"b":1}]})", "a.b", nullptr},
    {R"([1])", "a", nullptr},
    {R"({})", "a", nullptr},
    {"", "a", nullptr},
    {R"({"a":1)", "b", nullptr},
    {R"({"a":)", "a", nullptr},
    {R"({"a)", "a", nullptr},
    {R"({"a":"x\)", "a", nullptr},
    {R"({"a":{"b":1)", "a.b", nullptr},
};

TEST_CASE("FindJsonMember: the longest name that fits wins, and broken text gives nothing") {
  std::string scratch;
  for (const PathCase& c : kPaths) {
    CAPTURE(c.object);
    CAPTURE(c.path);
    const auto found = FindJsonMember(c.object, c.path, &scratch);
    REQUIRE(found.has_value() == (c.value != nullptr));
    if (found) CHECK(*found == c.value);
  }
}

}  // namespace
}  // namespace hctail
