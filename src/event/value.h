// SPDX-License-Identifier: Apache-2.0
// One field value of an Event.
#pragma once

#include <cstdint>
#include <string_view>

namespace hctail {

// Small and trivially copyable.  Text is a view: it lives as long as whatever the parser
// pointed it at (the chunk, or the parser's scratch until its next record).
class Value {
 public:
  enum class Kind : uint8_t {
    kNull,
    kBool,
    kInt,
    kFloat,
    kString,   // text() is the string itself, any bytes; escaped when encoded
    kRawJson,  // text() is one valid JSON value, copied as it is: 1.10 stays 1.10
  };

  static Value Null() { return Value(Kind::kNull); }
  static Value Bool(bool value) {
    Value v(Kind::kBool);
    v.int_ = value ? 1 : 0;
    return v;
  }
  static Value Int(int64_t value) {
    Value v(Kind::kInt);
    v.int_ = value;
    return v;
  }
  static Value Float(double value) {
    Value v(Kind::kFloat);
    v.float_ = value;
    return v;
  }
  static Value String(std::string_view text) {
    Value v(Kind::kString);
    v.text_ = text;
    return v;
  }
  static Value RawJson(std::string_view json) {
    Value v(Kind::kRawJson);
    v.text_ = json;
    return v;
  }

  Kind kind() const { return kind_; }
  bool as_bool() const { return int_ != 0; }       // kBool
  int64_t as_int() const { return int_; }          // kInt
  double as_float() const { return float_; }       // kFloat
  std::string_view text() const { return text_; }  // kString, kRawJson

 private:
  explicit Value(Kind kind) : kind_(kind) {}

  std::string_view text_;
  union {
    int64_t int_ = 0;
    double float_;
  };
  Kind kind_;
};

}  // namespace hctail
