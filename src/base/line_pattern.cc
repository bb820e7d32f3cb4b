// SPDX-License-Identifier: Apache-2.0
#include "base/line_pattern.h"

#include <algorithm>
#include <limits>

namespace hctail {
namespace {

using Bytes = LinePattern::Bytes;
using Step = LinePattern::Step;

constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
constexpr size_t kMaxRepeat = 1000;
constexpr size_t kMaxSteps = 2000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }
size_t IndexOf(char c) { return static_cast<unsigned char>(c); }

void AddRange(char first, char last, Bytes* bytes) {
  for (size_t c = IndexOf(first); c <= IndexOf(last); ++c) bytes->set(c);
}

// The bytes of \d, \w, \s and their opposites.
std::optional<Bytes> ClassCalled(char letter) {
  Bytes bytes;
  switch (letter | 0x20) {
    case 'd':
      AddRange('0', '9', &bytes);
      break;
    case 'w':
      AddRange('0', '9', &bytes);
      AddRange('a', 'z', &bytes);
      AddRange('A', 'Z', &bytes);
      bytes.set(IndexOf('_'));
      break;
    case 's':
      for (const char c : {' ', '\t', '\n', '\f', '\r'}) bytes.set(IndexOf(c));
      break;
    default:
      return std::nullopt;
  }
  return letter >= 'a' ? bytes : ~bytes;
}

// The byte that a backslash and `letter` stand for.
std::optional<char> EscapedByte(char letter) {
  switch (letter) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 'f':
      return '\f';
    default:
      break;
  }
  const bool word = IsDigit(letter) || (letter >= 'a' && letter <= 'z') ||
                    (letter >= 'A' && letter <= 'Z') || letter == '_' || !IsAscii(letter);
  if (word) return std::nullopt;
  return letter;
}

// Reads a pattern into steps; every function is false where it is of another kind.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool Read(std::vector<Step>* steps, size_t* groups) {
    steps_ = steps;
    if (!text_.starts_with('^')) return false;
    at_ = 1;
    if (!ReadSequence() || at_ != text_.size()) return false;
    steps_->push_back({});
    *groups = groups_;
    return true;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }

  bool ReadSequence() {
    while (!AtEnd() && text_[at_] != ')') {
      if (steps_->size() > kMaxSteps) return false;
      if (text_[at_] == '$') {
        if (at_ + 1 != text_.size()) return false;
        ++at_;
        steps_->push_back({.kind = Step::Kind::kEnd});
      } else if (text_[at_] == '(') {
        if (!ReadGroup()) return false;
      } else if (!ReadRun()) {
        return false;
      }
    }
    return true;
  }

  bool ReadGroup() {
    ++at_;
    bool captures = true;
    if (text_.substr(at_).starts_with("?:")) {
      captures = false;
      at_ += 2;
    } else if (text_.substr(at_).starts_with('?')) {
      const std::string_view rest = text_.substr(at_);
      if (!rest.starts_with("?P<") && !rest.starts_with("?<")) return false;  // flags
      at_ = text_.find('>', at_) + 1;
    }
    const size_t begin = steps_->size();
    const size_t number = groups_;
    if (captures) {
      ++groups_;
      steps_->push_back({.kind = Step::Kind::kOpen, .number = number});
    }
    if (!ReadSequence() || AtEnd()) return false;
    ++at_;  // the ')'
    if (captures) steps_->push_back({.kind = Step::Kind::kClose, .number = number});
    if (AtEnd() || !IsQuantifier()) return true;
    if (text_[at_] != '?') return false;
    ++at_;
    if (!AtEnd() && IsQuantifier()) return false;
    // What is inside moves by one, and so do the places it goes on at.
    for (size_t i = begin; i < steps_->size(); ++i) {
      if ((*steps_)[i].kind == Step::Kind::kOptional) ++(*steps_)[i].number;
    }
    steps_->insert(steps_->begin() + static_cast<std::ptrdiff_t>(begin),
                   {.kind = Step::Kind::kOptional, .number = steps_->size() + 1});
    return true;
  }

  bool IsQuantifier() const {
    static constexpr std::string_view kMarks = "*+?{";
    return kMarks.contains(text_[at_]);
  }

  bool ReadRun() {
    Step step = {.kind = Step::Kind::kRun};
    if (!ReadBytes(&step.bytes) || !ReadQuantifier(&step)) return false;
    // Of bytes above ASCII several are one character, which counts are of.
    const bool counted = step.max != kUnlimited || step.min > 1;
    if (step.bytes[0x80] && counted) return false;
    steps_->push_back(step);
    return true;
  }

  bool ReadBytes(Bytes* bytes) {
    static constexpr std::string_view kOthers = "|^*+?{})]";
    const char c = text_[at_++];
    if (c == '.') {
      bytes->set();
      bytes->reset(IndexOf('\n'));
      return true;
    }
    if (c == '[') return ReadClass(bytes);
    if (c == '\\') return ReadEscape(bytes);
    if (kOthers.contains(c) || !IsAscii(c)) return false;
    bytes->set(IndexOf(c));
    return true;
  }

  bool ReadEscape(Bytes* bytes) {
    if (AtEnd()) return false;
    const char letter = text_[at_++];
    if (const auto named = ClassCalled(letter)) {
      *bytes |= *named;
      return true;
    }
    const auto byte = EscapedByte(letter);
    if (byte) bytes->set(IndexOf(*byte));
    return byte.has_value();
  }

  bool ReadClass(Bytes* bytes) {
    const bool negated = !AtEnd() && text_[at_] == '^';
    if (negated) ++at_;
    for (bool first = true;; first = false) {
      if (AtEnd()) return false;
      if (text_[at_] == ']' && !first) break;
      if (!ReadClassItem(bytes)) return false;
    }
    ++at_;
    if (negated) bytes->flip();
    return true;
  }

  // One byte, a range, or a named class.
  bool ReadClassItem(Bytes* bytes) {
    const char first = text_[at_++];
    if (!IsAscii(first) || first == '[') return false;
    if (first == '\\') return ReadEscape(bytes) && (AtEnd() || !IsRange());
    if (AtEnd() || !IsRange()) {
      bytes->set(IndexOf(first));
      return true;
    }
    const char last = text_[at_ + 1];
    if (last == '\\' || last == '[' || !IsAscii(last) || last < first) return false;
    at_ += 2;
    AddRange(first, last, bytes);
    return true;
  }

  bool IsRange() const {
    return text_[at_] == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
  }

  bool ReadQuantifier(Step* step) {
    if (AtEnd() || !IsQuantifier()) return true;
    const char mark = text_[at_++];
    if (mark == '{') {
      if (!ReadCounts(step)) return false;
    } else {
      step->min = mark == '+' ? 1 : 0;
      step->max = mark == '?' ? 1 : kUnlimited;
    }
    if (!AtEnd() && text_[at_] == '?') {
      step->lazy = true;
      ++at_;
    }
    return AtEnd() || !IsQuantifier();
  }

  // "3}", "3,}", "3,5}".
  bool ReadCounts(Step* step) {
    if (!ReadCount(&step->min)) return false;
    step->max = step->min;
    if (!AtEnd() && text_[at_] == ',') {
      ++at_;
      step->max = kUnlimited;
      if (!AtEnd() && IsDigit(text_[at_]) && !ReadCount(&step->max)) return false;
    }
    if (AtEnd() || text_[at_] != '}') return false;
    ++at_;
    return step->min <= step->max;
  }

  bool ReadCount(size_t* count) {
    const size_t begin = at_;
    *count = 0;
    while (!AtEnd() && IsDigit(text_[at_]) && *count <= kMaxRepeat) {
      *count = *count * 10 + static_cast<size_t>(text_[at_++] - '0');
    }
    return at_ > begin && *count <= kMaxRepeat;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t groups_ = 1;
  std::vector<Step>* steps_ = nullptr;
};

// What may come at a step: the first bytes, and whether the pattern may be over without any.
struct First {
  Bytes bytes;
  bool nothing = false;
};

// Checks every choice, from the last step to the first, and fills in those of the optional groups.
bool IsDeterministic(std::vector<Step>* steps) {
  std::vector<First> firsts(steps->size());
  for (size_t i = steps->size(); i-- > 0;) {
    Step& step = (*steps)[i];
    First& first = firsts[i];
    switch (step.kind) {
      case Step::Kind::kAccept:
        first.nothing = true;
        break;
      case Step::Kind::kEnd:
        break;
      case Step::Kind::kOpen:
      case Step::Kind::kClose:
        first = firsts[i + 1];
        break;
      case Step::Kind::kRun: {
        const First& next = firsts[i + 1];
        const bool choice = step.min != step.max;
        if (choice && (step.bytes & next.bytes).any()) return false;
        if (choice && step.lazy && next.nothing) return false;
        first.bytes = step.min == 0 ? step.bytes | next.bytes : step.bytes;
        first.nothing = step.min == 0 && next.nothing;
        break;
      }
      case Step::Kind::kOptional: {
        const First& inside = firsts[i + 1];
        const First& after = firsts[step.number];
        // If nothing need follow, a group that begins well and goes on badly must be left out.
        if (inside.nothing || after.nothing) return false;
        if ((inside.bytes & after.bytes).any()) return false;
        step.bytes = inside.bytes;
        first.bytes = inside.bytes | after.bytes;
        first.nothing = after.nothing;
        break;
      }
    }
  }
  return true;
}

// An optional group that may be empty takes part even so; that is not decided by a first byte.
bool MayBeEmpty(const std::vector<Step>& steps, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) {
    if (steps[i].kind == Step::Kind::kRun && steps[i].min > 0) return false;
    if (steps[i].kind == Step::Kind::kOptional) i = steps[i].number - 1;
  }
  return true;
}

bool HasEmptyGroup(const std::vector<Step>& steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind != Step::Kind::kOptional) continue;
    if (MayBeEmpty(steps, i + 1, steps[i].number)) return true;
  }
  return false;
}

}  // namespace

std::optional<LinePattern> LinePattern::Compile(std::string_view pattern) {
  LinePattern out;
  if (!Reader(pattern).Read(&out.steps_, &out.groups_)) return std::nullopt;
  if (HasEmptyGroup(out.steps_) || !IsDeterministic(&out.steps_)) return std::nullopt;
  return out;
}

bool LinePattern::Match(std::string_view text, std::span<std::string_view> groups) const {
  std::ranges::fill(groups, std::string_view());
  const char* const end = text.data() + text.size();
  const char* at = text.data();
  for (const Step* step = steps_.data();; ++step) {
    switch (step->kind) {
      case Step::Kind::kRun: {
        const auto left = static_cast<size_t>(end - at);
        const char* const limit = step->max < left ? at + step->max : end;
        const char* const begin = at;
        while (at != limit && step->bytes[IndexOf(*at)]) ++at;
        if (static_cast<size_t>(at - begin) < step->min) return false;
        break;
      }
      case Step::Kind::kOpen:
        if (step->number < groups.size())
          groups[step->number] = text.substr(static_cast<size_t>(at - text.data()), 0);
        break;
      case Step::Kind::kClose:
        if (step->number < groups.size()) {
          std::string_view& group = groups[step->number];
          const auto begin = static_cast<size_t>(group.data() - text.data());
          group = text.substr(begin, static_cast<size_t>(at - text.data()) - begin);
        }
        break;
      case Step::Kind::kOptional:
        if (at == end || !step->bytes[IndexOf(*at)]) step = &steps_[step->number] - 1;
        break;
      case Step::Kind::kEnd:
        if (at != end) return false;
        break;
      case Step::Kind::kAccept:
        if (!groups.empty()) groups[0] = text.substr(0, static_cast<size_t>(at - text.data()));
        return true;
    }
  }
}

}  // namespace hctail
