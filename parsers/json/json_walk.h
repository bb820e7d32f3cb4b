// SPDX-License-Identifier: Apache-2.0
// Walks over one JSON object, checks all of it, and says where its members stand.
//
// simdjson's first stage finds the tokens (and checks UTF-8, control characters in strings and that
// strings end); the walk over its token list, here, checks the rest of RFC 8259 and never builds a
// value.  Numbers, strings and nested values remain slices of the text.  What simdjson's DOM
// accepts is accepted here, and nothing else, but for two things: lone surrogates are accepted and
// reported, and integers of any length are numbers.  tests/fuzz/json_fuzz.cc holds us to that.
//
// Not simdjson's On Demand front end: it checks only what it is asked for, and here everything must
// be checked.  On a line of 400 bytes and 15 fields the walk costs 80 ns over the first stage's 70;
// On Demand costs 45 without looking into any value, building the DOM 95.
//
// One Walker serves one thread.  It keeps what it has allocated (five bytes per byte of the longest
// text), but at most for texts of kKeptCapacity once a shorter one follows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace hctail::json {

inline constexpr size_t kKeptCapacity = size_t{1} << 20;  // bytes of text
inline constexpr size_t kMaxDepth = 1024;                 // objects and arrays inside each other

enum class Fault : uint8_t {
  kNone,
  kNotAnObject,
  kInvalidUtf8,
  kUnclosedString,
  kControlCharacter,
  kBadEscape,
  kBadNumber,
  kNumberOutOfRange,
  kBadValue,
  kBadName,
  kNoColon,
  kNoComma,
  kCutShort,
  kTrailingText,
  kTooDeep,
  kTooLong,
};

// "bad JSON: unclosed string".  A literal.
std::string_view Why(Fault fault);

struct Member {
  std::string_view name;   // between the quotes; whoever unescapes it may replace it
  std::string_view value;  // without spaces around it
  const char* begin;       // the opening quote of the name; the end is the end of the value
  uint32_t token;          // of the value
  bool name_is_escaped;
  uint8_t mark;  // the caller's; 0 at first
};

class Walker {
 public:
  Walker();
  ~Walker();
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;

  // Checks `text`, which is followed by at least one readable byte.  Without a fault, members() are
  // its members in order; their views live as long as the text and until the next Walk.
  Fault Walk(std::string_view text);

  std::span<Member> members() { return members_; }
  // The members of the object that the member `outer` of the last text is.
  std::span<Member> MembersOf(const Member& outer);

  // One of the members that the last call gave has name_is_escaped.
  bool has_escaped_name() const { return escaped_name_; }
  // The last text has an escape like \ud800 without its other half.
  bool has_lone_surrogate() const { return lone_surrogate_; }

 private:
  bool Reserve(size_t size);
  Fault Tokenize(std::string_view text);

  // The walk proper: from the first token of a thing to the token after it, or null with fault_
  // set.
  const uint32_t* WalkMembers(const uint32_t* token, std::vector<Member>* members);
  const uint32_t* WalkName(const uint32_t* token);
  const uint32_t* WalkValue(const uint32_t* token);
  const uint32_t* WalkContainer(const uint32_t* token);
  const uint32_t* Open(const uint32_t* token, size_t* depth);
  const uint32_t* CloseOrGoOn(const uint32_t* token, size_t* depth);
  const uint32_t* WalkScalar(const uint32_t* token);
  const uint32_t* WalkString(const uint32_t* token);
  bool IsPlainString(const uint32_t* token) const;
  bool CheckEscapes(size_t begin, size_t end);
  const uint32_t* Failed(const uint32_t* token, Fault fault);
  uint32_t EndBefore(const uint32_t* next) const;

  std::unique_ptr<simdjson::internal::dom_parser_implementation> tokenizer_;
  std::vector<Member> members_;
  std::vector<Member> inner_;
  const char* text_ = nullptr;
  size_t size_ = 0;
  const uint32_t* tokens_ = nullptr;      // the tokenizer's: where in the text each token begins
  const uint32_t* tokens_end_ = nullptr;  // where the fence stands
  std::string guarded_;                   // a copy of the text, if what follows it is dangerous
  size_t next_backslash_ = 0;             // at or after all that has been walked; SIZE_MAX: no more
  Fault fault_ = Fault::kNone;
  bool lone_surrogate_ = false;
  bool escaped_name_ = false;
  std::array<char, kMaxDepth> closers_{};  // the brackets that are awaited
};

}  // namespace hctail::json
