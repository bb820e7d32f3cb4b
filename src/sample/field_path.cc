// SPDX-License-Identifier: Apache-2.0
#include "sample/field_path.h"

#include <charconv>
#include <cmath>

#include "base/option_value.h"
#include "event/json_string.h"
#include "sample/json_path.h"

namespace hctail {
namespace {

FieldValue::Kind KindOfJson(std::string_view json) {
  if (json.empty()) return FieldValue::Kind::kNull;
  switch (json.front()) {
    case '"':
      return FieldValue::Kind::kString;
    case '{':
    case '[':
      return FieldValue::Kind::kJson;
    case 't':
    case 'f':
      return FieldValue::Kind::kBool;
    case 'n':
      return FieldValue::Kind::kNull;
    default:
      return FieldValue::Kind::kNumber;
  }
}

FieldValue::Kind KindOf(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return FieldValue::Kind::kNull;
    case Value::Kind::kBool:
      return FieldValue::Kind::kBool;
    case Value::Kind::kInt:
    case Value::Kind::kFloat:
      return FieldValue::Kind::kNumber;
    case Value::Kind::kString:
      return FieldValue::Kind::kString;
    case Value::Kind::kRawJson:
      return KindOfJson(value.text());
  }
  return FieldValue::Kind::kNull;
}

std::optional<double> NumberIn(std::string_view text) {
  // Most numbers in logs are short and whole, and those need no from_chars.
  if (!text.empty() && text.size() <= 9) {
    int64_t whole = 0;
    size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      whole = whole * 10 + (text[at] - '0');
    }
    if (at == text.size()) return static_cast<double>(whole);
  }
  return ReadDecimal(text);
}

// Event::Find, but looks at a name's first byte before it compares the rest: a key is built for
// every event.
const Value* FindField(const Event& event, std::string_view name) {
  if (name.empty()) return event.Find(name);
  const std::span<const Field> fields = event.fields();
  const char first = name.front();
  for (size_t i = fields.size(); i-- > 0;) {
    const std::string_view other = fields[i].name;
    if (other.size() == name.size() && other.front() == first && other == name) {
      return &fields[i].value;
    }
  }
  return nullptr;
}

template <typename Number>
std::string_view Digits(Number number, std::string* scratch) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  scratch->assign(text, end);
  return *scratch;
}

}  // namespace

FieldValue::FieldValue(const Value& value) : value_(value), kind_(KindOf(value)) {}

std::optional<double> FieldValue::Number() const {
  if (kind_ != Kind::kNumber && kind_ != Kind::kString) return std::nullopt;
  switch (value_.kind()) {
    case Value::Kind::kInt:
      return static_cast<double>(value_.as_int());
    case Value::Kind::kFloat:
      return std::isfinite(value_.as_float()) ? std::optional(value_.as_float()) : std::nullopt;
    default:
      break;
  }
  std::string_view text = value_.text();
  if (value_.kind() == Value::Kind::kRawJson && kind_ == Kind::kString) {
    if (text.size() < 2) return std::nullopt;
    text = text.substr(1, text.size() - 2);  // a number holds nothing that is escaped
  }
  return NumberIn(text);
}

bool FieldValue::Truth() const {
  if (kind_ != Kind::kBool) return false;
  return value_.kind() == Value::Kind::kBool ? value_.as_bool() : value_.text() == "true";
}

std::string_view FieldValue::Text(std::string* scratch) const {
  if (!Exists()) return {};
  switch (value_.kind()) {
    case Value::Kind::kBool:
      return value_.as_bool() ? "true" : "false";
    case Value::Kind::kInt:
      return Digits(value_.as_int(), scratch);
    case Value::Kind::kFloat:
      return Digits(value_.as_float(), scratch);
    case Value::Kind::kRawJson:
      return kind_ == Kind::kString ? UnquoteJson(value_.text(), scratch) : value_.text();
    default:
      return value_.text();
  }
}

FieldPath::FieldPath(std::string name, Nested nested)
    : name_(std::move(name)),
      nested_(nested == Nested::kYes && name_.find('.') != std::string::npos) {}

FieldValue FieldPath::Find(const Event& event, std::string* scratch) const {
  if (const Value* const value = FindField(event, name_)) return FieldValue(*value);
  if (!nested_) return {};
  const std::string_view name = name_;
  for (size_t dot = name.rfind('.'); dot != 0 && dot != std::string_view::npos;
       dot = name.rfind('.', dot - 1)) {
    const Value* const outer = FindField(event, name.substr(0, dot));
    if (outer == nullptr || outer->kind() != Value::Kind::kRawJson) continue;
    const auto found = FindJsonMember(outer->text(), name.substr(dot + 1), scratch);
    if (found) return FieldValue(Value::RawJson(*found));
  }
  return {};
}

}  // namespace hctail
