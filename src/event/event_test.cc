// SPDX-License-Identifier: Apache-2.0
#include "event/event.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("Event: of two equal names the last one counts, Set replaces it, Remove takes both") {
  Event event;
  event.Add("a", Value::Int(1));
  event.Add("a", Value::Int(2));
  CHECK(event.Find("a")->as_int() == 2);
  event.Set("a", Value::Int(3));
  CHECK(event.fields().size() == 2);
  CHECK(event.Find("a")->as_int() == 3);
  CHECK(event.Remove("a"));
  CHECK_FALSE(event.Remove("a"));
  CHECK(event.Find("a") == nullptr);
}

TEST_CASE("Event: whoever changes fields makes the encoder look at them") {
  const std::string_view text = R"("a":1)";
  Event event;
  event.Add("a", Value::RawJson("1"));
  event.SetVerbatim({&text, 1});
  CHECK_FALSE(event.Remove("b"));
  CHECK(event.verbatim().size() == 1);
  event.Set("b", Value::Bool(true));
  CHECK(event.verbatim().empty());

  event.SetVerbatim({&text, 1});
  event.Remove("b");
  CHECK(event.verbatim().empty());

  event.SetVerbatim({&text, 1});
  event.time = Timestamp{1, 2};
  event.sample_rate = 5;
  event.Clear();
  CHECK(event.verbatim().empty());
  CHECK(event.fields().empty());
  CHECK_FALSE(event.time.has_value());
  CHECK(event.sample_rate == 1);
}

}  // namespace
}  // namespace hctail
