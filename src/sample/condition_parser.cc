// SPDX-License-Identifier: Apache-2.0
// Recursive descent over
//
//   any  = all { "or" all }
//   all  = one { "and" one }
//   one  = "not" one | "(" any ")" | test
//   test = field ( "exists" | "not-exists" | operator value | ( "in" | "not-in" ) list )
//   list = "(" value { "," value } ")" | value
#include <utility>

#include "sample/condition.h"

namespace hctail {
namespace {

constexpr int kDeepest = 64;

struct Token {
  enum class Kind { kEnd, kWord, kQuoted, kSymbol, kBroken };
  Kind kind = Kind::kEnd;
  std::string text = {};
  size_t at = 0;

  bool Is(std::string_view word) const {
    return (kind == Kind::kWord || kind == Kind::kSymbol) && text == word;
  }
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { Advance(); }

  Result<Condition> Whole() {
    Result<Condition> condition = Any(0);
    if (condition && token_.kind != Token::Kind::kEnd) return Expected("'and', 'or' or the end");
    return condition;
  }

 private:
  using Kind = Condition::Kind;

  Result<Condition> Any(int depth) {
    return Joined(Kind::kAny, "or",
                  [&] { return Joined(Kind::kAll, "and", [&] { return One(depth); }); });
  }

  template <typename Part>
  Result<Condition> Joined(Kind kind, std::string_view word, Part parse) {
    std::vector<Condition> parts;
    while (true) {
      Result<Condition> part = parse();
      if (!part) return part;
      parts.push_back(std::move(*part));
      if (!token_.Is(word)) break;
      Advance();
    }
    return parts.size() == 1 ? std::move(parts.front()) : Condition::Join(kind, std::move(parts));
  }

  Result<Condition> One(int depth) {
    if (depth > kDeepest) return Wrong("it is nested too deeply");
    if (token_.Is("not")) {
      Advance();
      Result<Condition> part = One(depth + 1);
      if (!part) return part;
      std::vector<Condition> parts;
      parts.push_back(std::move(*part));
      return Condition::Join(Kind::kNot, std::move(parts));
    }
    if (!token_.Is("(")) return Test();
    Advance();
    Result<Condition> inner = Any(depth + 1);
    if (!inner) return inner;
    if (!token_.Is(")")) return Expected("')'");
    Advance();
    return inner;
  }

  Result<Condition> Test() {
    if (!IsText() || token_.Is("and") || token_.Is("or")) return Expected("the name of a field");
    FieldTest test;
    test.fields.emplace_back(token_.text);
    Advance();
    const auto op =
        token_.kind == Token::Kind::kQuoted ? std::nullopt : FindTestOperator(token_.text);
    if (!op) return Expected("an operator such as =, >=, contains or exists");
    test.op = *op;
    Advance();
    if (*op == TestOperator::kExists || *op == TestOperator::kNotExists) {
      return Condition::Of(std::move(test));
    }
    const size_t at = token_.at;
    if (const Status read = Values(&test); !read) return std::unexpected(read.error());
    return Typed(std::move(test), at);
  }

  Status Values(FieldTest* test) {
    const bool several = test->op == TestOperator::kIn || test->op == TestOperator::kNotIn;
    const bool list = several && token_.Is("(");
    do {
      if (list) Advance();
      if (!IsText()) return Expected("a value");
      Literal literal = MakeLiteral(token_.text);
      if (token_.kind == Token::Kind::kQuoted) literal.kind = Literal::Kind::kString;
      test->values.push_back(std::move(literal));
      Advance();
    } while (list && token_.Is(","));
    if (!list) return {};
    if (!token_.Is(")")) return Expected("',' or ')'");
    Advance();
    return {};
  }

  // Says as what the values are compared.
  Result<Condition> Typed(FieldTest test, size_t at) {
    bool numbers = true;
    for (const Literal& value : test.values) numbers &= value.kind == Literal::Kind::kNumber;
    test.datatype = numbers ? Datatype::kFloat : Datatype::kString;
    if (test.values.front().kind == Literal::Kind::kBool &&
        (test.op == TestOperator::kEqual || test.op == TestOperator::kNotEqual)) {
      test.datatype = Datatype::kBool;
    }
    if (test.op == TestOperator::kMatches) {
      auto regex = Regex::Compile(test.values.front().text);
      if (!regex) return Wrong("not a regular expression: " + regex.error().what, at);
      test.regex = std::make_shared<Regex>(std::move(*regex));
    }
    return Condition::Of(std::move(test));
  }

  bool IsText() const {
    return token_.kind == Token::Kind::kWord || token_.kind == Token::Kind::kQuoted;
  }

  std::unexpected<Error> Expected(std::string_view what) const {
    if (token_.kind == Token::Kind::kBroken) return Wrong("the quotes are not closed");
    return Wrong("expected " + std::string(what));
  }
  std::unexpected<Error> Wrong(std::string what) const { return Wrong(std::move(what), token_.at); }
  std::unexpected<Error> Wrong(std::string what, size_t at) const {
    return Fail("cannot read the condition '" + std::string(text_) + "': " + std::move(what),
                ShowPlace(text_, at));
  }

  void Advance() {
    constexpr std::string_view kSpace = " \t\r\n";
    at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
    token_ = {.at = at_};
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (c == '\'' || c == '"') return Quoted(c);
    if (c == '(' || c == ')' || c == ',') {
      token_.kind = Token::Kind::kSymbol;
      token_.text = c;
      ++at_;
      return;
    }
    constexpr std::string_view kSigns = "=!<>";
    const bool sign = kSigns.find(c) != std::string_view::npos;
    size_t end =
        sign ? text_.find_first_not_of(kSigns, at_) : text_.find_first_of(" \t\r\n=!<>(),'\"", at_);
    end = std::min(end, text_.size());
    token_.kind = sign ? Token::Kind::kSymbol : Token::Kind::kWord;
    token_.text = text_.substr(at_, end - at_);
    at_ = end;
  }

  void Quoted(char quote) {
    token_.kind = Token::Kind::kBroken;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        token_.kind = Token::Kind::kQuoted;
        ++at_;
        return;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      token_.text += text_[at_];
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
  Token token_;
};

}  // namespace

Result<Condition> ParseCondition(std::string_view text) { return Parser(text).Whole(); }

}  // namespace hctail
