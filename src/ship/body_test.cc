// SPDX-License-Identifier: Apache-2.0
#include "ship/body.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("Body: events are cut out and put together again") {
  const std::string_view body = R"([{"a":1},{"b":[2,3]},{}])";
  Batch batch;
  batch.events = {{8, 0, 0}, {20, 0, 0}, {23, 0, 0}};
  CHECK(EventIn(batch, body, 0) == R"({"a":1})");
  CHECK(EventIn(batch, body, 1) == R"({"b":[2,3]})");
  CHECK(EventIn(batch, body, 2) == "{}");
  const uint32_t all[] = {0, 1, 2};
  CHECK(BodyOf(batch, body, all) == body);
  const uint32_t some[] = {0, 2};
  CHECK(BodyOf(batch, body, some) == R"([{"a":1},{}])");
}

TEST_CASE("Body: a dataset is one segment of a path, whatever is in it") {
  struct Case {
    const char *dataset, *segment;
  };
  const Case cases[] = {
      {"app", "app"},
      {"my app/v2", "my%20app%2Fv2"},
      {"a-b_c~d.e", "a-b_c~d.e"},
      {"100%?#&=+", "100%25%3F%23%26%3D%2B"},
      {"\xC3\xA9", "%C3%A9"},
      {".", "%2E"},
      {"..", "%2E%2E"},
      {"...", "..."},
      {"", ""},
  };
  for (const Case& c : cases) CHECK(EncodePathSegment(c.dataset) == c.segment);
}

}  // namespace
}  // namespace hctail
