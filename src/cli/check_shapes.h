// SPDX-License-Identifier: Apache-2.0
// The shapes that events have: which pattern they were read by, where their time stood, and which
// fields of which types they have.  Events of one shape differ only in their values.
//
// Whole numbers and decimals are one type here, or durations alone would make two shapes of each.
// Serves one thread; keeps copies of what it shows and nothing else.  Tested by
// check_shapes_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/span.h"
#include "event/event.h"

namespace hctail {

enum class FieldType : uint8_t { kString, kInteger, kFloat, kBoolean, kNull, kObject, kArray };

// "string", "integer" and so on.
std::string_view NameOf(FieldType type);
FieldType TypeOf(const Value& value);
// `value` as text, cut to at most `limit` bytes between characters; strings without quotes.
std::string ExampleOf(const Value& value, size_t limit);

struct ShapeField {
  std::string name = {};
  FieldType type = FieldType::kString;
  std::string example = {};  // the first that is not empty
};

struct Shape {
  std::string pattern = {};    // empty: its parser has only one
  std::string time_from = {};  // empty: the time is when the record was read
  Timestamp time = {};         // of the first event
  std::vector<ShapeField> fields = {};
  uint64_t events = 0;
  FileKey file = 0;     // where the first one stands
  uint64_t offset = 0;  //
};

// Shapes that differ only in some fields, as lines of one kind do: they are shown together.
struct ShapeGroup {
  struct Member {
    const ShapeField* field = nullptr;
    uint64_t events = 0;  // that have it, and with this type
  };
  const Shape* first = nullptr;  // the one of most events
  uint64_t events = 0;
  std::vector<Member> members = {};
};

// `shapes`: those of most events first.  Each joins the first group that has its pattern, its place
// of the time, and most of its fields.
std::vector<ShapeGroup> GroupShapes(const std::vector<const Shape*>& shapes);

class ShapeTable {
 public:
  static constexpr size_t kMostShapes = 1000;
  static constexpr size_t kExampleSize = 200;

  void Add(const Event& event, bool invented_time, FileKey file, uint64_t offset);

  // Those of most events first; of equals the one met first.
  std::vector<const Shape*> Sorted() const;
  uint64_t events() const { return events_; }
  // Of further shapes, when there are more than kMostShapes.
  uint64_t other_events() const { return other_events_; }

 private:
  static void Refine(const Event& event, Shape* shape);

  std::vector<Shape> shapes_;  // as they were met
  std::unordered_map<uint64_t, size_t> by_hash_;
  uint64_t events_ = 0;
  uint64_t other_events_ = 0;
};

}  // namespace hctail
