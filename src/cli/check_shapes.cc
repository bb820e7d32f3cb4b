// SPDX-License-Identifier: Apache-2.0
#include "cli/check_shapes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/fingerprint.h"
#include "event/encode_json.h"

namespace hctail {
namespace {

FieldType TypeOfJson(std::string_view json) {
  switch (json.empty() ? 'n' : json[0]) {
    case '"':
      return FieldType::kString;
    case '{':
      return FieldType::kObject;
    case '[':
      return FieldType::kArray;
    case 't':
    case 'f':
      return FieldType::kBoolean;
    case 'n':
      return FieldType::kNull;
    default:
      return json.find_first_of(".eE") == std::string_view::npos ? FieldType::kInteger
                                                                 : FieldType::kFloat;
  }
}

// The same for whole numbers and decimals.
uint64_t ClassOf(FieldType type) {
  return static_cast<uint64_t>(type == FieldType::kFloat ? FieldType::kInteger : type);
}

// The order of the fields does not count.
uint64_t HashOf(const Event& event, bool invented_time) {
  uint64_t hash = HashBytes(event.pattern);
  if (!invented_time) hash = 31 * hash + HashBytes(event.time_from) + 1;
  for (const Field& field : event.fields()) {
    hash += HashBytes(field.name) * (2 * ClassOf(TypeOf(field.value)) + 1);
  }
  return hash;
}

// `text` without what is behind its first `limit` bytes; no character is cut in two.
std::string_view Cut(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace

std::string_view NameOf(FieldType type) {
  static constexpr std::string_view kNames[] = {"string", "integer", "float", "boolean",
                                                "null",   "object",  "array"};
  return kNames[static_cast<size_t>(type)];
}

FieldType TypeOf(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return FieldType::kNull;
    case Value::Kind::kBool:
      return FieldType::kBoolean;
    case Value::Kind::kInt:
      return FieldType::kInteger;
    case Value::Kind::kFloat:
      return FieldType::kFloat;
    case Value::Kind::kString:
      return FieldType::kString;
    case Value::Kind::kRawJson:
      return TypeOfJson(value.text());
  }
  return FieldType::kNull;
}

std::string ExampleOf(const Value& value, size_t limit) {
  std::string_view text = value.text();
  std::string encoded;
  if (value.kind() == Value::Kind::kRawJson) {
    const bool is_string = text.size() >= 2 && text[0] == '"';
    if (is_string) text = text.substr(1, text.size() - 2);
  } else if (value.kind() != Value::Kind::kString) {
    AppendJsonValue(value, &encoded);
    text = encoded;
  }
  const std::string_view cut = Cut(text, limit);
  return std::string(cut) + (cut.size() < text.size() ? "…" : "");
}

namespace {

bool IsSame(const ShapeField& a, const ShapeField& b) {
  return a.name == b.name && ClassOf(a.type) == ClassOf(b.type);
}

// They have at least half of the fields of either.
bool AreAlike(const Shape& a, const Shape& b) {
  if (a.pattern != b.pattern || a.time_from != b.time_from) return false;
  const auto common = static_cast<size_t>(std::ranges::count_if(a.fields, [&](const auto& field) {
    return std::ranges::any_of(b.fields, [&](const auto& other) { return IsSame(field, other); });
  }));
  return 2 * common >= std::max(a.fields.size(), b.fields.size());
}

void Join(const Shape& shape, ShapeGroup* group) {
  group->events += shape.events;
  for (const ShapeField& field : shape.fields) {
    const auto known = std::ranges::find_if(
        group->members, [&](const auto& member) { return IsSame(*member.field, field); });
    if (known == group->members.end()) {
      group->members.push_back({&field, shape.events});
    } else {
      known->events += shape.events;
      if (field.type == FieldType::kFloat) known->field = &field;  // some have decimals
    }
  }
}

}  // namespace

std::vector<ShapeGroup> GroupShapes(const std::vector<const Shape*>& shapes) {
  std::vector<ShapeGroup> groups;
  for (const Shape* shape : shapes) {
    auto group = std::ranges::find_if(
        groups, [&](const ShapeGroup& known) { return AreAlike(*known.first, *shape); });
    if (group == groups.end()) group = groups.insert(group, {.first = shape});
    Join(*shape, &*group);
  }
  // A field that is sometimes null is of the type that it has else.
  for (ShapeGroup& group : groups) {
    std::erase_if(group.members, [&](const ShapeGroup::Member& null) {
      return null.field->type == FieldType::kNull &&
             std::ranges::any_of(group.members, [&](const auto& other) {
               return &other != &null && other.field->name == null.field->name;
             });
    });
  }
  std::ranges::stable_sort(groups, std::greater(), &ShapeGroup::events);
  return groups;
}

void ShapeTable::Add(const Event& event, bool invented_time, FileKey file, uint64_t offset) {
  ++events_;
  const uint64_t hash = HashOf(event, invented_time);
  const auto known = by_hash_.find(hash);
  if (known != by_hash_.end()) {
    Shape& shape = shapes_[known->second];
    ++shape.events;
    Refine(event, &shape);
    return;
  }
  if (shapes_.size() == kMostShapes) {
    ++other_events_;
    return;
  }
  by_hash_.emplace(hash, shapes_.size());
  Shape shape{.pattern = std::string(event.pattern),
              .time = event.time.value_or(Timestamp{}),
              .fields = {},
              .events = 1,
              .file = file,
              .offset = offset};
  if (!invented_time) {
    shape.time_from = event.time_from.empty() ? "the record" : std::string(event.time_from);
  }
  for (const Field& field : event.fields()) {
    shape.fields.push_back({.name = std::string(field.name),
                            .type = TypeOf(field.value),
                            .example = ExampleOf(field.value, kExampleSize)});
  }
  shapes_.push_back(std::move(shape));
}

// A number may turn out to have decimals, and an empty example may get a better one.
void ShapeTable::Refine(const Event& event, Shape* shape) {
  for (ShapeField& known : shape->fields) {
    const bool whole = known.type == FieldType::kInteger;
    if (!whole && !known.example.empty()) continue;
    const Value* const value = event.Find(known.name);
    if (value == nullptr) continue;
    if (whole) known.type = TypeOf(*value);
    if (known.example.empty()) known.example = ExampleOf(*value, kExampleSize);
  }
}

std::vector<const Shape*> ShapeTable::Sorted() const {
  std::vector<const Shape*> sorted;
  sorted.reserve(shapes_.size());
  for (const Shape& shape : shapes_) sorted.push_back(&shape);
  std::ranges::stable_sort(sorted, std::greater(), &Shape::events);
  return sorted;
}

}  // namespace hctail
