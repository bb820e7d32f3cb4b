// SPDX-License-Identifier: Apache-2.0
#include "base/line_pattern.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "base/random.h"
#include "base/regex.h"

namespace hctail {
namespace {

TEST_CASE("LinePattern: what has one way to go on is accepted, and nothing else") {
  struct Case {
    const char* pattern;
    bool accepted;
  };
  constexpr Case kCases[] = {
      {R"(^(?P<a>\S+ \S+) (?<b>\w+) \[([^\]]+)\] (?:x)? - (.*)$)", true},
      {R"(^(\d{4}-\d\d) )", true},
      {R"(^a.*)", true},
      {R"(^a?b)", true},
      {R"(^(?:a=(\d+) )?b)", true},
      {R"(^[a-c_-]+[]x]\.$)", true},
      {R"(^\w+?:)", true},
      {R"(^\w+?$)", true},
      {R"(^\[(.*)$)", true},
      {R"(a)", false},             // no ^
      {R"(^a|b)", false},          // a choice
      {R"(^a*a)", false},          // where does it end?
      {R"(^.*x)", false},          //
      {R"(^\w+\d)", false},        //
      {R"(^\S+(?: x)?y)", false},  // 'y' may be of the run
      {R"(^a?a)", false},          //
      {R"(^(?:a)?a)", false},      //
      {R"(^(?:a*)?b)", false},     // an optional group that may be empty
      {R"(^(?:(?:a)?)?$)", false},
      {R"(^\w+?)", false},       // lazy, and nothing after it
      {R"(^(a)+)", false},       //
      {R"(^.{3})", false},       // characters are not bytes
      {"^\xC3\xA9+", false},     //
      {R"(^\bx)", false},        //
      {R"(^(?i)a)", false},      //
      {R"(^(?i:x)<a>)", false},  //
      {R"(^[[:alpha:]]+)", false},
      {R"(^a$b)", false},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.pattern);
    CHECK(LinePattern::Compile(c.pattern).has_value() == c.accepted);
  }
}

// --- Against RE2 ---

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  std::string Pattern() {
    std::string out = "^";
    for (uint32_t left = 1 + random_.Below(6); left > 0; --left) AppendItem(&out, 0);
    if (random_.Below(2) == 0) out += '$';
    return out;
  }

  std::string Text() {
    static constexpr std::string_view kBytes[] = {"a", "b", "c", "1",  "2",       " ",
                                                  "-", ".", "]", "\n", "\xC3\xA9"};
    std::string out;
    for (uint32_t left = random_.Below(10); left > 0; --left) {
      out += kBytes[random_.Below(std::size(kBytes))];
    }
    return out;
  }

 private:
  void AppendItem(std::string* out, int depth) {
    if (depth < 2 && random_.Below(4) == 0) {
      *out += random_.Below(3) == 0 ? "(?:" : "(";
      for (uint32_t left = 1 + random_.Below(2); left > 0; --left) AppendItem(out, depth + 1);
      *out += random_.Below(2) == 0 ? ")?" : ")";
      return;
    }
    static constexpr std::string_view kAtoms[] = {"a",   "b",    "1",    " ",      "-",     "\\.",
                                                  "\\d", "\\w",  "\\s",  "\\S",    "\\D",   "\\W",
                                                  ".",   "[^ ]", "[ab]", "[a-c1]", "[^\\]]"};
    static constexpr std::string_view kQuantifiers[] = {"",  "",  "",    "",      "+",
                                                        "*", "?", "{2}", "{1,2}", "+?"};
    *out += kAtoms[random_.Below(std::size(kAtoms))];
    *out += kQuantifiers[random_.Below(std::size(kQuantifiers))];
  }

  Random random_;
};

TEST_CASE("LinePattern: it matches what RE2 matches, group by group") {
  Maker maker(4711);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string pattern = maker.Pattern();
    const auto line_pattern = LinePattern::Compile(pattern);
    if (!line_pattern) continue;
    // An empty alternative keeps it from being one of ours.
    const auto regex = Regex::Compile("(?:" + pattern + "|[^\\x00-\\x{10FFFF}])");
    REQUIRE(regex.has_value());
    REQUIRE(!LinePattern::Compile("(?:" + pattern + ")").has_value());
    ++accepted;
    for (int i = 0; i < 10; ++i) {
      const std::string text = maker.Text();
      std::array<std::string_view, 12> ours;
      std::array<std::string_view, 12> theirs;
      const bool matches = line_pattern->Match(text, ours);
      CAPTURE(pattern);
      CAPTURE(text);
      REQUIRE(matches == regex->Search(text, theirs));
      if (!matches) continue;
      for (size_t g = 0; g < ours.size(); ++g) {
        CAPTURE(g);
        CHECK(ours[g] == theirs[g]);
        CHECK((ours[g].data() == nullptr) == (theirs[g].data() == nullptr));
      }
    }
  }
  CHECK(accepted > 2000);
}

}  // namespace
}  // namespace hctail
