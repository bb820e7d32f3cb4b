// SPDX-License-Identifier: Apache-2.0
#include "transform/request_shape_options.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("MakeRequestShapeOptions: each option, and none") {
  OptionValues values;
  const auto none = MakeRequestShapeOptions(values);
  REQUIRE(none.has_value());
  CHECK(none->fields.empty());
  CHECK(none->formats_too);
  CHECK_FALSE(none->all_query_keys);

  values.Set("request-shape", {"path", "referer"});
  values.Set("no-request-shape", {"true"});
  values.Set("shape-prefix", {"web"});
  values.Set("request-pattern", {"/users/:id"});
  values.Set("request-parse-query", {"all"});
  values.Set("request-query-keys", {"q"});
  const auto all = MakeRequestShapeOptions(values);
  REQUIRE(all.has_value());
  CHECK(all->fields == std::vector<std::string>{"path", "referer"});
  CHECK_FALSE(all->formats_too);
  CHECK(all->prefix == "web");
  CHECK(all->patterns == std::vector<std::string>{"/users/:id"});
  CHECK(all->query_keys == std::vector<std::string>{"q"});
  CHECK(all->all_query_keys);
}

TEST_CASE("MakeRequestShapeOptions: a bad pattern, and where it stands") {
  OptionValues values;
  values.Set("request-pattern", {"/a", "/b("}, "hctail.conf:7");
  const auto made = MakeRequestShapeOptions(values);
  REQUIRE(!made.has_value());
  CHECK(made.error().message ==
        "request pattern '/b(' is not a regular expression: missing ')' (from hctail.conf:7)");
}

}  // namespace
}  // namespace hctail
