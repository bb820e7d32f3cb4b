// SPDX-License-Identifier: Apache-2.0
// A condition on one event: tests of fields, joined by and, or and not.
//
// Written on the command line it is read by ParseCondition:
//
//   status >= 500
//   error exists
//   level in (warn, error) or not (path starts-with /health or user = 'probe')
//
// `and` binds closer than `or`.  The operators are = (or ==), !=, <, <=, >, >=, contains,
// does-not-contain, starts-with, in (...), not-in (...), matches (a regular expression), exists and
// not-exists.  A number is compared with numbers and with strings that are numbers; true and false
// with booleans; anything else as text.  Names and texts stand in quotes, '...' or "...", if they
// hold blanks, commas, parentheses or operators, or are words of the language; a backslash quotes
// the character after it.
//
// A field that is missing or null does not exist, equals nothing and is neither less nor greater
// than anything; so != and the two with "not" are true of it.
//
// The tests and their data types are those of Refinery's rules (sample/rules.go,
// config/sampler_config.go), whose file refinery_rules.h reads.
//
// Immutable and thread-safe.  Tested by condition_test.cc and tests/fuzz/rules_fuzz.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "base/result.h"
#include "event/event.h"
#include "sample/field_path.h"

namespace hctail {

enum class TestOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kContains,
  kDoesNotContain,
  kStartsWith,
  kIn,
  kNotIn,
  kMatches,
  kExists,
  kNotExists,
};

// The operator of this name, as in Refinery.
std::optional<TestOperator> FindTestOperator(std::string_view name);

// As what the two sides are compared.
enum class Datatype : uint8_t {
  kAny,  // Refinery's default: what they are; different kinds do not compare
  kString,
  kInt,  // numbers cut to whole ones, and strings that are whole numbers
  kFloat,
  kBool,
};

struct Literal {
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString };
  Kind kind = Kind::kString;
  std::string text = {};  // as it was written, without quotes
  double number = 0;
  bool truth = false;
};

// What a word without quotes means: a number, true, false or null, or itself.
Literal MakeLiteral(std::string_view word);

struct FieldTest {
  std::vector<FieldPath> fields;  // the first that exists counts
  TestOperator op = TestOperator::kExists;
  Datatype datatype = Datatype::kAny;
  std::vector<Literal> values;   // one, but for kIn and kNotIn
  std::shared_ptr<Regex> regex;  // kMatches

  bool Matches(const Event& event, std::string* scratch) const;
};

class Condition {
 public:
  enum class Kind : uint8_t { kAll, kAny, kNot, kTest };

  // True of every event.
  Condition() = default;
  static Condition Of(FieldTest test);
  // kNot has one part.
  static Condition Join(Kind kind, std::vector<Condition> parts);

  // `scratch` is overwritten.
  bool Matches(const Event& event, std::string* scratch) const;

 private:
  Kind kind_ = Kind::kAll;
  std::vector<Condition> parts_;
  std::shared_ptr<const FieldTest> test_;
};

// Error: what is wrong with `text`, and the place as its hint.
Result<Condition> ParseCondition(std::string_view text);

}  // namespace hctail
