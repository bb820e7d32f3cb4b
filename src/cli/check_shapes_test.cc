// SPDX-License-Identifier: Apache-2.0
#include "cli/check_shapes.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

Event Request(std::string_view path, Value status) {
  Event event;
  event.pattern = "combined";
  event.time_from = "ts";
  event.time = Timestamp{.seconds = 1709618828};
  event.Add("path", Value::String(path));
  event.Add("status", status);
  return event;
}

TEST_CASE("ShapeTable: events with the same fields and types are of one shape") {
  ShapeTable table;
  table.Add(Request("/a", Value::Int(200)), false, 7, 100);
  table.Add(Request("/b", Value::Int(404)), false, 7, 200);
  REQUIRE(table.Sorted().size() == 1);
  const Shape& shape = *table.Sorted()[0];
  CHECK(shape.events == 2);
  CHECK(shape.file == 7);
  CHECK(shape.offset == 100);
  CHECK(shape.pattern == "combined");
  CHECK(shape.time_from == "ts");
  CHECK(shape.time == Timestamp{.seconds = 1709618828});
  REQUIRE(shape.fields.size() == 2);
  CHECK(shape.fields[0].name == "path");
  CHECK(shape.fields[0].type == FieldType::kString);
  CHECK(shape.fields[0].example == "/a");
  CHECK(shape.fields[1].type == FieldType::kInteger);
  CHECK(shape.fields[1].example == "200");
}

TEST_CASE("ShapeTable: the order of fields makes no shape") {
  Event turned;
  turned.pattern = "combined";
  turned.time_from = "ts";
  turned.Add("status", Value::Int(1));
  turned.Add("path", Value::String("/"));
  ShapeTable table;
  table.Add(Request("/a", Value::Int(200)), false, 1, 0);
  table.Add(turned, false, 1, 10);
  CHECK(table.Sorted().size() == 1);
}

TEST_CASE("ShapeTable: another type, field, pattern or place of the time is another shape") {
  ShapeTable table;
  table.Add(Request("/a", Value::Int(200)), false, 1, 0);
  SUBCASE("type") { table.Add(Request("/a", Value::String("x")), false, 1, 9); }
  SUBCASE("time invented") { table.Add(Request("/a", Value::Int(200)), true, 1, 9); }
  SUBCASE("field") {
    Event event = Request("/a", Value::Int(200));
    event.Add("more", Value::Bool(true));
    table.Add(event, false, 1, 9);
  }
  SUBCASE("pattern") {
    Event event = Request("/a", Value::Int(200));
    event.pattern = "common";
    table.Add(event, false, 1, 9);
  }
  SUBCASE("time") {
    Event event = Request("/a", Value::Int(200));
    event.time_from = "date";
    table.Add(event, false, 1, 9);
  }
  CHECK(table.Sorted().size() == 2);
}

TEST_CASE("ShapeTable: whole numbers and decimals are one type, called float if one has decimals") {
  ShapeTable table;
  table.Add(Request("/a", Value::Int(2)), false, 1, 0);
  table.Add(Request("/a", Value::Float(2.5)), false, 1, 9);
  table.Add(Request("/a", Value::RawJson("3")), false, 1, 18);
  REQUIRE(table.Sorted().size() == 1);
  CHECK(table.Sorted()[0]->fields[1].type == FieldType::kFloat);
  CHECK(table.Sorted()[0]->fields[1].example == "2");
}

TEST_CASE("ShapeTable: the example is the first that is not empty") {
  ShapeTable table;
  for (const char* path : {"", "/second", "/third"}) {
    table.Add(Request(path, Value::Int(1)), false, 1, 0);
  }
  CHECK(table.Sorted()[0]->fields[0].example == "/second");
}

TEST_CASE("ShapeTable: shapes of most events come first, of equals the one met first") {
  ShapeTable table;
  table.Add(Request("/", Value::String("a")), false, 1, 0);
  table.Add(Request("/", Value::Bool(true)), false, 1, 1);
  table.Add(Request("/", Value::Int(1)), false, 1, 2);
  table.Add(Request("/", Value::Int(1)), false, 1, 3);
  const auto sorted = table.Sorted();
  REQUIRE(sorted.size() == 3);
  CHECK(sorted[0]->offset == 2);
  CHECK(sorted[1]->offset == 0);
  CHECK(sorted[2]->offset == 1);
}

TEST_CASE("ShapeTable: more shapes than can be kept are counted") {
  ShapeTable table;
  for (size_t i = 0; i < ShapeTable::kMostShapes + 3; ++i) {
    Event event;
    const std::string name = "f" + std::to_string(i);
    event.Add(name, Value::Int(1));
    table.Add(event, true, 1, i);
  }
  CHECK(table.Sorted().size() == ShapeTable::kMostShapes);
  CHECK(table.other_events() == 3);
  CHECK(table.events() == ShapeTable::kMostShapes + 3);
}

TEST_CASE("GroupShapes: shapes that differ in some fields only are shown together") {
  ShapeTable table;
  Event event = Request("/a", Value::Int(200));
  event.Add("agent", Value::String("curl"));
  table.Add(event, false, 1, 0);
  table.Add(event, false, 1, 1);
  event.Add("referer", Value::String("http"));
  table.Add(event, false, 1, 2);
  event.Set("status", Value::Float(2.5));
  table.Add(event, false, 1, 3);
  const auto groups = GroupShapes(table.Sorted());
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].events == 4);
  CHECK(groups[0].first->offset == 0);
  REQUIRE(groups[0].members.size() == 4);
  CHECK(groups[0].members[0].events == 4);
  CHECK(groups[0].members[1].field->name == "status");
  CHECK(groups[0].members[1].field->type == FieldType::kFloat);
  CHECK(groups[0].members[3].field->name == "referer");
  CHECK(groups[0].members[3].events == 2);
}

TEST_CASE("GroupShapes: another pattern, or few fields in common, is another group") {
  ShapeTable table;
  table.Add(Request("/a", Value::Int(200)), false, 1, 0);
  Event event = Request("/a", Value::Int(200));
  SUBCASE("pattern") { event.pattern = "common"; }
  SUBCASE("fields") {
    for (const char* name : {"a", "b", "c"}) event.Add(name, Value::Int(1));
  }
  table.Add(event, false, 1, 9);
  CHECK(GroupShapes(table.Sorted()).size() == 2);
}

TEST_CASE("GroupShapes: a field that is sometimes null has its other type") {
  ShapeTable table;
  table.Add(Request("/a", Value::Null()), false, 1, 0);
  table.Add(Request("/a", Value::Int(200)), false, 1, 1);
  const auto groups = GroupShapes(table.Sorted());
  REQUIRE(groups.size() == 1);
  REQUIRE(groups[0].members.size() == 2);
  CHECK(groups[0].members[1].field->type == FieldType::kInteger);
  CHECK(groups[0].members[1].events == 1);
}

TEST_CASE("TypeOf: values of JSON text have the type that JSON says") {
  const std::pair<const char*, std::string_view> kCases[] = {
      {"\"x\"", "string"}, {"12", "integer"}, {"1.5", "float"}, {"1e3", "float"}, {"-4", "integer"},
      {"true", "boolean"}, {"null", "null"},  {"{}", "object"}, {"[1]", "array"}};
  for (const auto& [json, name] : kCases) {
    CAPTURE(json);
    CHECK(NameOf(TypeOf(Value::RawJson(json))) == name);
  }
}

TEST_CASE("ExampleOf: text is shown without quotes and cut between characters") {
  CHECK(ExampleOf(Value::RawJson("\"abc\""), 10) == "abc");
  CHECK(ExampleOf(Value::Bool(true), 10) == "true");
  CHECK(ExampleOf(Value::String("abcdef"), 3) == "abc…");
  CHECK(ExampleOf(Value::String("aä"), 2) == "a…");
  CHECK(ExampleOf(Value::String("abc"), 3) == "abc");
}

}  // namespace
}  // namespace hctail
