// SPDX-License-Identifier: Apache-2.0
#include "sample/condition.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <utility>

#include "base/option_value.h"

namespace hctail {
namespace {

using Op = TestOperator;
using Kind = FieldValue::Kind;

constexpr std::pair<std::string_view, Op> kOperators[] = {
    {"=", Op::kEqual},
    {"!=", Op::kNotEqual},
    {"<", Op::kLess},
    {"<=", Op::kLessOrEqual},
    {">", Op::kGreater},
    {">=", Op::kGreaterOrEqual},
    {"contains", Op::kContains},
    {"does-not-contain", Op::kDoesNotContain},
    {"starts-with", Op::kStartsWith},
    {"in", Op::kIn},
    {"not-in", Op::kNotIn},
    {"matches", Op::kMatches},
    {"exists", Op::kExists},
    {"not-exists", Op::kNotExists},
};

bool Satisfies(Op op, std::partial_ordering order) {
  switch (op) {
    case Op::kEqual:
      return order == 0;
    case Op::kNotEqual:
      return order != 0;
    case Op::kLess:
      return order < 0;
    case Op::kLessOrEqual:
      return order <= 0;
    case Op::kGreater:
      return order > 0;
    case Op::kGreaterOrEqual:
      return order >= 0;
    default:
      return false;
  }
}

// strconv.Atoi of a string; a number loses its fraction.
std::optional<double> WholeNumber(const FieldValue& value, std::string* scratch) {
  if (value.kind() == Kind::kString) {
    std::string_view text = value.Text(scratch);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
    if (value.Text(scratch).starts_with('+')) return FieldValue(Value::String(text)).Number();
  }
  const auto number = value.Number();
  return number ? std::optional(std::trunc(*number)) : std::nullopt;
}

// strconv.ParseBool of its text; what it does not know is false.
bool AsBool(std::string_view text) {
  static constexpr std::string_view kTrue[] = {"1", "t", "T", "TRUE", "true", "True"};
  return std::ranges::count(kTrue, text) > 0;
}

std::optional<double> NumberOf(const FieldValue& value, Datatype datatype, std::string* scratch) {
  return datatype == Datatype::kInt ? WholeNumber(value, scratch) : value.Number();
}

double NumberOf(const Literal& literal, Datatype datatype) {
  return datatype == Datatype::kInt ? std::trunc(literal.number) : literal.number;
}

// How two things of the same kind compare; nothing if they are of different kinds.
std::optional<std::partial_ordering> CompareAny(const FieldValue& value, const Literal& literal,
                                                std::string* scratch) {
  if (literal.kind == Literal::Kind::kNull) return std::partial_ordering::greater;
  if (value.kind() == Kind::kNumber && literal.kind == Literal::Kind::kNumber) {
    const auto number = value.Number();
    return number ? std::optional(*number <=> literal.number) : std::nullopt;
  }
  if (value.kind() == Kind::kBool && literal.kind == Literal::Kind::kBool) {
    return std::partial_ordering(value.Truth() <=> literal.truth);
  }
  if (value.kind() == Kind::kString && literal.kind == Literal::Kind::kString) {
    return std::partial_ordering(value.Text(scratch) <=> literal.text);
  }
  return std::nullopt;
}

bool CompareWith(const FieldTest& test, const FieldValue& value, std::string* scratch) {
  const Literal& literal = test.values.front();
  std::optional<std::partial_ordering> order;
  switch (test.datatype) {
    case Datatype::kString:
      order = std::partial_ordering(value.Text(scratch) <=> literal.text);
      break;
    case Datatype::kInt:
    case Datatype::kFloat:
      if (const auto number = NumberOf(value, test.datatype, scratch)) {
        order = *number <=> NumberOf(literal, test.datatype);
      }
      break;
    case Datatype::kBool:
      order = std::partial_ordering(AsBool(value.Text(scratch)) <=> AsBool(literal.text));
      break;
    case Datatype::kAny:
      order = CompareAny(value, literal, scratch);
      break;
  }
  return order && Satisfies(test.op, *order);
}

bool IsIn(const FieldTest& test, const FieldValue& value, std::string* scratch) {
  if (test.datatype == Datatype::kInt || test.datatype == Datatype::kFloat) {
    const auto number = NumberOf(value, test.datatype, scratch);
    return number && std::ranges::any_of(test.values, [&](const Literal& literal) {
             return NumberOf(literal, test.datatype) == *number;
           });
  }
  const std::string_view text = value.Text(scratch);
  return std::ranges::any_of(test.values,
                             [&](const Literal& literal) { return literal.text == text; });
}

}  // namespace

std::optional<TestOperator> FindTestOperator(std::string_view name) {
  for (const auto& [known, op] : kOperators) {
    if (known == name) return op;
  }
  return name == "==" ? std::optional(Op::kEqual) : std::nullopt;
}

Literal MakeLiteral(std::string_view word) {
  Literal literal{.text = std::string(word)};
  if (const auto number = ReadDecimal(word)) {
    literal.kind = Literal::Kind::kNumber;
    literal.number = *number;
  } else if (word == "true" || word == "false") {
    literal.kind = Literal::Kind::kBool;
    literal.truth = word == "true";
  } else if (word == "null") {
    literal.kind = Literal::Kind::kNull;
  }
  return literal;
}

bool FieldTest::Matches(const Event& event, std::string* scratch) const {
  FieldValue value;
  for (const FieldPath& field : fields) {
    value = field.Find(event, scratch);
    if (value.Exists()) break;
  }
  if (!value.Exists()) {
    const bool unequal = op == Op::kNotEqual && datatype != Datatype::kAny;
    return unequal || op == Op::kNotExists || op == Op::kDoesNotContain || op == Op::kNotIn;
  }
  switch (op) {
    case Op::kExists:
      return true;
    case Op::kNotExists:
      return false;
    case Op::kContains:
      return value.Text(scratch).find(values.front().text) != std::string_view::npos;
    case Op::kDoesNotContain:
      return value.Text(scratch).find(values.front().text) == std::string_view::npos;
    case Op::kStartsWith:
      return value.Text(scratch).starts_with(values.front().text);
    case Op::kIn:
      return IsIn(*this, value, scratch);
    case Op::kNotIn:
      return !IsIn(*this, value, scratch);
    case Op::kMatches:
      return regex->Search(value.Text(scratch));
    default:
      return CompareWith(*this, value, scratch);
  }
}

Condition Condition::Of(FieldTest test) {
  Condition condition;
  condition.kind_ = Kind::kTest;
  condition.test_ = std::make_shared<const FieldTest>(std::move(test));
  return condition;
}

Condition Condition::Join(Kind kind, std::vector<Condition> parts) {
  Condition condition;
  condition.kind_ = kind;
  condition.parts_ = std::move(parts);
  return condition;
}

bool Condition::Matches(const Event& event, std::string* scratch) const {
  const auto matches = [&](const Condition& part) { return part.Matches(event, scratch); };
  switch (kind_) {
    case Kind::kAll:
      return std::ranges::all_of(parts_, matches);
    case Kind::kAny:
      return std::ranges::any_of(parts_, matches);
    case Kind::kNot:
      return !matches(parts_.front());
    case Kind::kTest:
      return test_->Matches(event, scratch);
  }
  return false;
}

}  // namespace hctail
