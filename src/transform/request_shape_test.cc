// SPDX-License-Identifier: Apache-2.0
#include "transform/request_shape.h"

#include <doctest/doctest.h>

#include "event/encode_json.h"

namespace hctail {
namespace {

// What is derived from `value` in the field `f`, as JSON without `f` itself.
std::string Derive(const RequestShapeOptions& options, std::string_view value) {
  auto shape = RequestShape::Create(options);
  REQUIRE(shape.has_value());
  Event event;
  event.Add(options.fields[0], Value::String(value));
  shape->Apply({}, &event);
  event.Remove(options.fields[0]);
  std::string json;
  AppendData(event, &json);
  return json;
}

TEST_CASE("RequestShape: honeytail's examples") {
  const RequestShapeOptions patterns = {.fields = {"path"},
                                        .prefix = "web",
                                        .patterns = {"/users/:id", "/users/:id/*"},
                                        .query_keys = {"q", "tag"}};
  CHECK(Derive(patterns, "/users/42?q=shoes&tag=b&tag=a&page=2") ==
        R"({"web_path_uri":"/users/42?q=shoes&tag=b&tag=a&page=2","web_path_path":"/users/42",)"
        R"("web_path_query":"q=shoes&tag=b&tag=a&page=2","web_path_query_q":"shoes",)"
        R"("web_path_query_tag":"a, b","web_path_path_id":"42",)"
        R"("web_path_shape":"/users/:id?page=?&q=?&tag=?&tag=?",)"
        R"("web_path_queryshape":"page=?&q=?&tag=?&tag=?","web_path_pathshape":"/users/:id"})");
  CHECK(Derive(patterns, "/users/42/orders/7") ==
        R"({"web_path_uri":"/users/42/orders/7","web_path_path":"/users/42/orders/7",)"
        R"("web_path_path_id":"42","web_path_shape":"/users/:id/*",)"
        R"("web_path_pathshape":"/users/:id/*"})");
  CHECK(Derive({.fields = {"path"}, .all_query_keys = true}, "/s?b=2&a=1&a=0&flag") ==
        R"({"path_uri":"/s?b=2&a=1&a=0&flag","path_path":"/s","path_query":"b=2&a=1&a=0&flag",)"
        R"("path_query_a":"0, 1","path_query_b":"2","path_query_flag":"",)"
        R"("path_shape":"/s?a=?&a=?&b=?&flag=?","path_queryshape":"a=?&a=?&b=?&flag=?",)"
        R"("path_pathshape":"/s"})");
  CHECK(Derive({.fields = {"request"}}, "CONNECT 1.2.3.4:443 HTTP/1.1") ==
        R"({"request_method":"CONNECT","request_protocol_version":"HTTP/1.1"})");
  CHECK(Derive({.fields = {"request"}}, "GET /a/b?x=1&y=2&x=0 HTTP/1.1") ==
        R"({"request_method":"GET","request_protocol_version":"HTTP/1.1",)"
        R"("request_uri":"/a/b?x=1&y=2&x=0","request_path":"/a/b","request_query":"x=1&y=2&x=0",)"
        R"("request_shape":"/a/b?x=?&x=?&y=?","request_queryshape":"x=?&x=?&y=?",)"
        R"("request_pathshape":"/a/b"})");
}

TEST_CASE("RequestShape: methods, targets and protocols of odd requests") {
  struct Case {
    std::string_view request;
    std::string_view start;  // of the result
  };
  constexpr Case kCases[] = {
      {"GET /x", R"({"f_method":"GET","f_uri":"/x",)"},
      {"GET /a b HTTP/1.1", R"({"f_method":"GET","f_protocol_version":"HTTP/1.1","f_uri":"/a b",)"},
      {"a b c", R"({"f_method":"a","f_protocol_version":"c","f_uri":"b",)"},
      {"a b c d", R"({"f_uri":"a",)"},
      {"/x y", R"({"f_uri":"/x",)"},
      {"HELP", R"({"f_uri":"HELP","f_path":"HELP",)"},
      {"", R"({"f_uri":"","f_path":"",)"},
      {"\\x16\\x03", R"({"f_uri":"\\x16\\x03",)"},
      {"OPTIONS * HTTP/1.1",
       R"({"f_method":"OPTIONS","f_protocol_version":"HTTP/1.1","f_uri":"*",)"},
  };
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.request));
    CHECK(Derive({.fields = {"f"}}, c.request).starts_with(c.start));
  }
}

TEST_CASE("ParseUrl: accepts and refuses what Go does") {
  struct Case {
    std::string_view url;
    std::string_view result;  // "path|query", or "no"
  };
  constexpr Case kCases[] = {
      {"/a%20b", "/a b|"},
      {"/caf%C3%A9?x=%zz", "/caf\xC3\xA9|x=%zz"},
      {"/a%2", "no"},
      {"/a%zz", "no"},
      {"/a\tb", "no"},
      {"/a#b?c", "/a|"},
      {"/a#%zz", "no"},
      {"/a?b?c", "/a|b?c"},
      {"/a?", "/a|"},
      {"//h/p", "/p|"},
      {"///p", "///p|"},
      {"http://user:pw@h:80/p?q", "/p|q"},
      {"http://h:8x/p", "no"},
      {"http://[::1]:80/p", "/p|"},
      {"http://[::1/p", "no"},
      {"http://a b/p", "no"},
      {"http://h%41/p", "no"},
      {"1.2.3.4:443", "no"},
      {":80", "no"},
      {"example.com:443", "|"},
      {"a/b:c", "a/b:c|"},
      {"*", "*|"},
      {"", "|"},
  };
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.url));
    TextArena arena;
    const auto url = ParseUrl(c.url, &arena);
    const std::string result =
        url ? std::string(url->path) + "|" + std::string(url->query) : std::string("no");
    CHECK(result == c.result);
  }
}

TEST_CASE("ParseQuery: pairs with ';' or a bad escape are left out") {
  CHECK(Derive({.fields = {"f"}}, "/?a=1;b=2&c=%zz&d=4&=5&e")
            .contains(R"("f_queryshape":"=?&d=?&e=?")"));
  CHECK(Derive({.fields = {"f"}, .query_keys = {"a b"}}, "/?a+b=c%2Bd+e&&")
            .contains(R"("f_query_a b":"c+d e")"));
}

TEST_CASE("RequestShape: patterns are regular expressions that match the whole path") {
  const RequestShapeOptions options = {
      .fields = {"f"}, .patterns = {"/exact", "/(\\d+)/x", "/a/:one/:two", "/:any/*"}};
  CHECK(Derive(options, "/exact").contains(R"("f_pathshape":"/exact")"));
  CHECK(Derive(options, "/exact/").contains(R"("f_pathshape":"/:any/*")"));
  CHECK(Derive(options, "/12/x").contains(R"("f_path_":"12","f_shape":"/(\\d+)/x")"));
  CHECK(Derive(options, "/a/b/c").contains(R"("f_path_two":"c","f_path_one":"b")"));
  CHECK(Derive(options, "/one").contains(R"("f_pathshape":"/one")"));
  const auto bad = RequestShape::Create({.fields = {"f"}, .patterns = {"/a("}});
  REQUIRE(!bad.has_value());
  CHECK(bad.error().message == "request pattern '/a(' is not a regular expression: missing ')'");
}

// The names of what is derived from `json` as the JSON text of the field `request`.
std::string NamesFrom(const RequestShapeOptions& options, std::string_view request_field,
                      Value value) {
  auto shape = RequestShape::Create(options);
  REQUIRE(shape.has_value());
  std::string names;
  Event event;
  event.Add("request", value);
  shape->Apply(request_field, &event);
  for (const Field& field : event.fields()) names += std::string(field.name) + " ";
  return names;
}

TEST_CASE("RequestShape: a format's own field, unless that is not wanted") {
  const Value value = Value::String("GET /");
  constexpr const char* kAll =
      "request request_method request_uri request_path request_shape request_pathshape ";
  CHECK(NamesFrom({}, "request", value) == kAll);
  CHECK(NamesFrom({.fields = {"request"}}, "request", value) == kAll);
  CHECK(NamesFrom({.fields = {"request"}, .formats_too = false}, "", value) == kAll);
  CHECK(NamesFrom({.formats_too = false}, "request", value) == "request ");
  CHECK(NamesFrom({}, "", value) == "request ");
}

TEST_CASE("RequestShape: a format that has only the target") {
  auto shape = RequestShape::Create({.prefix = "web"});
  REQUIRE(shape.has_value());
  Event event;
  event.Add("request_method", Value::String("GET"));
  event.Add("request_uri", Value::String("/a?x=1"));
  shape->Apply("request", &event);
  std::string json;
  AppendData(event, &json);
  CHECK(json == R"({"request_method":"GET","request_uri":"/a?x=1","web_request_uri":"/a?x=1",)"
                R"("web_request_path":"/a","web_request_query":"x=1","web_request_shape":"/a?x=?",)"
                R"("web_request_queryshape":"x=?","web_request_pathshape":"/a"})");
}

TEST_CASE("RequestShape: strings that are still JSON") {
  auto shape = RequestShape::Create({.fields = {"f"}});
  REQUIRE(shape.has_value());
  for (const auto& [json, path] :
       {std::pair(R"("\/a\u0062?x")", "/ab"), std::pair(R"("/c")", "/c")}) {
    Event event;
    event.Add("f", Value::RawJson(json));
    shape->Apply({}, &event);
    REQUIRE(event.Find("f_path") != nullptr);
    CHECK(event.Find("f_path")->text() == path);
  }
  Event number;
  number.Add("f", Value::RawJson("17"));
  shape->Apply({}, &number);
  CHECK(number.fields().size() == 1);
}

TEST_CASE("RequestShape: fields that are missing or no text are left alone") {
  auto shape = RequestShape::Create({.fields = {"f", "g"}});
  REQUIRE(shape.has_value());
  Event event;
  event.Add("f", Value::Int(5));
  shape->Apply({}, &event);
  CHECK(event.fields().size() == 1);
}

}  // namespace
}  // namespace hctail
