// SPDX-License-Identifier: Apache-2.0
// One field of an event as keys and conditions see it, whatever the parser made of it.
//
// The number 503 is the same as an Int, as the JSON token 503 and, where a number is asked for, as
// the string "503".  A string is compared by the text that it means, without quotes and escapes;
// a JSON number by its text (1.10 is not 1.1).
//
// FieldPath is immutable and thread-safe.  A FieldValue lives as long as the event's text.
// Tested by field_path_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "event/event.h"

namespace hctail {

class FieldValue {
 public:
  enum class Kind { kMissing, kNull, kBool, kNumber, kString, kJson };

  FieldValue() : value_(Value::Null()), kind_(Kind::kMissing) {}
  explicit FieldValue(const Value& value);

  Kind kind() const { return kind_; }
  // There is something to send: neither missing nor null.
  bool Exists() const { return kind_ > Kind::kNull; }
  // A number, or a string that is one; never an infinity.
  std::optional<double> Number() const;
  // kBool only.
  bool Truth() const;
  // Numbers in digits, true and false; "" if there is none; objects and arrays as their JSON.  A
  // view of the event's text or of `scratch`, which may be overwritten.
  std::string_view Text(std::string* scratch) const;

 private:
  Value value_;
  Kind kind_;
};

class FieldPath {
 public:
  // What follows a dot may be a member of a nested object, unless `nested` is kNo.
  enum class Nested { kNo, kYes };
  explicit FieldPath(std::string name, Nested nested = Nested::kYes);

  const std::string& name() const { return name_; }
  // A field that is called exactly so, or else a member of the JSON object in a field whose name
  // `name` begins with, the longest first (see FindJsonMember).  `scratch` is overwritten.
  FieldValue Find(const Event& event, std::string* scratch) const;

 private:
  std::string name_;
  bool nested_;  // has a dot, and may look behind it
};

}  // namespace hctail
