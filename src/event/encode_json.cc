// SPDX-License-Identifier: Apache-2.0
// Nearly all strings can be copied as they are.  So each is first copied eight bytes at a time,
// testing whether one of the eight needs more care (Warren, "Hacker's Delight", 6-1: finding a
// zero byte).  If so the copy is dropped and the string is done in the slow and thorough way.
#include "event/encode_json.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace hctail {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

constexpr uint64_t Repeat(uint64_t byte) { return byte * 0x0101010101010101u; }

uint64_t Load64(const char* from) {
  uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// The high bit is set in the first byte, in memory order, that is not plain.  (A borrow can set
// it in later bytes wrongly; only the first one is used.)
uint64_t NotPlain(uint64_t word) {
  const uint64_t quote = word ^ Repeat('"');
  const uint64_t backslash = word ^ Repeat('\\');
  const uint64_t found = word | ((word - Repeat(0x20)) & ~word) | ((quote - Repeat(1)) & ~quote) |
                         ((backslash - Repeat(1)) & ~backslash);
  return found & Repeat(0x80);
}

// Appends at most `most` bytes: `fill` writes to the address that it gets and returns the end.
// Unlike resize, this does not write zeros first.
template <typename Fill>
void AppendAtMost(size_t most, std::string* out, Fill fill) {
  const size_t before = out->size();
  out->resize_and_overwrite(before + most, [&](char* data, size_t) {
    return static_cast<size_t>(fill(data + before) - data);
  });
}

// Fewer than eight bytes as a word, with bytes of the text again or 'a' in the rest.
uint64_t LoadShort(const char* from, size_t size) {
  if (size >= 4) {
    uint32_t head = 0;
    uint32_t tail = 0;
    std::memcpy(&head, from, sizeof head);
    std::memcpy(&tail, from + size - 4, sizeof tail);
    return head | uint64_t{tail} << 32;
  }
  if (size == 0) return Repeat('a');
  const auto byte = [from](size_t i) { return uint64_t{static_cast<unsigned char>(from[i])}; };
  return (Repeat('a') << 24) | byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

void CopyShort(const char* from, size_t size, char* to) {
  if (size >= 4) {
    uint32_t head = 0;
    uint32_t tail = 0;
    std::memcpy(&head, from, sizeof head);
    std::memcpy(&tail, from + size - 4, sizeof tail);
    std::memcpy(to, &head, sizeof head);
    std::memcpy(to + size - 4, &tail, sizeof tail);
  } else if (size > 0) {
    to[0] = from[0];
    to[size / 2] = from[size / 2];
    to[size - 1] = from[size - 1];
  }
}

// Copies `text` to `to` and returns the end, or null if not all of it is plain.
char* CopyPlain(std::string_view text, char* to) {
  const char* from = text.data();
  const size_t size = text.size();
  if (size < 8) {
    CopyShort(from, size, to);
    return NotPlain(LoadShort(from, size)) == 0 ? to + size : nullptr;
  }
  for (size_t at = 0; at + 8 <= size; at += 8) {
    const uint64_t word = Load64(from + at);
    if (NotPlain(word) != 0) return nullptr;
    std::memcpy(to + at, &word, sizeof word);
  }
  const uint64_t last = Load64(from + size - 8);  // overlaps what is done
  std::memcpy(to + size - 8, &last, sizeof last);
  return NotPlain(last) == 0 ? to + size : nullptr;
}

bool IsPlain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// The first byte in [at, end) that is not plain ASCII, or `end`.
const char* SkipPlain(const char* at, const char* end) {
  for (; end - at >= 8; at += 8) {
    uint64_t word = Load64(at);
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    const uint64_t found = NotPlain(word);
    if (found != 0) return at + std::countr_zero(found) / 8;
  }
  while (at != end && IsPlain(*at)) ++at;
  return at;
}

// Length of the valid UTF-8 sequence at `at` (Unicode 15, table 3-7), whose first byte is not
// ASCII; 0 if there is none.
ptrdiff_t Utf8Sequence(const char* at, const char* end) {
  const auto byte = [at](ptrdiff_t i) { return static_cast<unsigned char>(at[i]); };
  const auto follows = [&](ptrdiff_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  const ptrdiff_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || end - at < length || !follows(1)) return 0;
  // Overlong forms, surrogates and what lies beyond U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  for (ptrdiff_t i = 2; i < length; ++i) {
    if (!follows(i)) return 0;
  }
  return length;
}

void AppendEscape(char c, std::string* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\f':
      out->append("\\f");
      return;
    default:
      const auto byte = static_cast<unsigned char>(c);
      const char escape[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
      out->append(escape, sizeof escape);
  }
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  constexpr size_t kMost = 32;
  AppendAtMost(kMost, out, [&](char* to) { return std::to_chars(to, to + kMost, number).ptr; });
}

// `head`, the string in its quotes, and `tail`; nothing and false if not all of it is plain.
bool AppendPlain(std::string_view head, std::string_view text, std::string_view tail,
                 std::string* out) {
  const size_t before = out->size();
  AppendAtMost(head.size() + text.size() + tail.size() + 2, out, [&](char* to) {
    char* const begin = to;
    for (const char c : head) *to++ = c;
    *to++ = '"';
    to = CopyPlain(text, to);
    if (to == nullptr) return begin;
    *to++ = '"';
    for (const char c : tail) *to++ = c;
    return to;
  });
  return out->size() != before;
}

void AppendWithEscapes(std::string_view text, std::string* out) {
  const char* const end = text.data() + text.size();
  const char* copied = text.data();
  const char* at = copied;
  out->push_back('"');
  while ((at = SkipPlain(at, end)) != end) {
    const bool ascii = static_cast<unsigned char>(*at) < 0x80;
    const ptrdiff_t sequence = ascii ? 0 : Utf8Sequence(at, end);
    if (sequence != 0) {
      at += sequence;
      continue;
    }
    out->append(copied, at);
    if (ascii) {
      AppendEscape(*at, out);
    } else {
      out->append(kReplacement);
    }
    copied = ++at;
  }
  out->append(copied, end);
  out->push_back('"');
}

size_t HashName(std::string_view name) {
  const char* const text = name.data();
  const size_t size = name.size();
  const bool is_short = size < 8;
  const uint64_t head = is_short ? LoadShort(text, size) : Load64(text);
  const uint64_t tail = is_short ? 0 : Load64(text + size - 8);
  const uint64_t mixed = (head ^ std::rotl(tail, 23) ^ size) * 0x9E3779B97F4A7C15u;
  return mixed ^ (mixed >> 32);
}

// Fills `replaced`, from the last one down, with the fields that a later one of the same name
// replaces: almost always none.  `slots` are all 0, a power of two, and at least twice the fields.
void FindReplaced(std::span<const Field> fields, std::span<uint8_t> slots,
                  std::vector<size_t>* replaced) {
  const size_t mask = slots.size() - 1;
  for (size_t i = fields.size(); i-- > 0;) {
    size_t at = HashName(fields[i].name) & mask;
    while (slots[at] != 0 && fields[slots[at] - 1u].name != fields[i].name) at = (at + 1) & mask;
    if (slots[at] != 0) {
      replaced->push_back(i);
    } else {
      slots[at] = static_cast<uint8_t>(i + 1);
    }
  }
}

// The same by sorting, whose cost no choice of names can drive up.
void FindReplacedAmongMany(std::span<const Field> fields, std::vector<size_t>* replaced) {
  std::vector<size_t> order(fields.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return fields[i].name; });
  for (size_t i = 1; i < order.size(); ++i) {
    if (fields[order[i - 1]].name == fields[order[i]].name) replaced->push_back(order[i - 1]);
  }
  std::ranges::sort(*replaced, std::greater());
}

std::vector<size_t> ReplacedFields(std::span<const Field> fields) {
  std::vector<size_t> replaced;
  if (fields.size() <= 16) {
    std::array<uint8_t, 32> slots{};
    FindReplaced(fields, slots, &replaced);
  } else if (fields.size() <= 128) {
    std::array<uint8_t, 256> slots{};
    FindReplaced(fields, slots, &replaced);
  } else {
    FindReplacedAmongMany(fields, &replaced);
  }
  return replaced;
}

size_t AppendFields(std::span<const Field> fields, std::string* out) {
  std::vector<size_t> replaced = ReplacedFields(fields);
  size_t written = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!replaced.empty() && replaced.back() == i) {
      replaced.pop_back();
      continue;
    }
    const Field& field = fields[i];
    if (field.value.kind() == Value::Kind::kNull) continue;
    const size_t before = out->size();
    const std::string_view comma = std::string_view(",").substr(0, written == 0 ? 0 : 1);
    if (!AppendPlain(comma, field.name, ":", out)) {
      out->append(comma);
      AppendWithEscapes(field.name, out);
      out->push_back(':');
    }
    if (AppendJsonValue(field.value, out)) {
      ++written;
    } else {
      out->resize(before);
    }
  }
  return written;
}

bool IsBlank(std::string_view piece) {
  return piece.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  if (!AppendPlain("", text, "", out)) AppendWithEscapes(text, out);
}

bool AppendJsonValue(const Value& value, std::string* out) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      out->append("null");
      return true;
    case Value::Kind::kBool:
      out->append(value.as_bool() ? "true" : "false");
      return true;
    case Value::Kind::kInt:
      AppendNumber(value.as_int(), out);
      return true;
    case Value::Kind::kFloat:
      if (!std::isfinite(value.as_float())) return false;
      AppendNumber(value.as_float(), out);
      return true;
    case Value::Kind::kString:
      AppendJsonString(value.text(), out);
      return true;
    case Value::Kind::kRawJson:
      out->append(value.text());
      return true;
  }
  return false;
}

size_t AppendData(const Event& event, std::string* out) {
  size_t members = 0;
  out->push_back('{');
  if (event.verbatim().empty()) {
    members = AppendFields(event.fields(), out);
  } else {
    bool first = true;
    for (const std::string_view piece : event.verbatim()) {
      if (IsBlank(piece)) continue;  // what is left of an object whose only member was taken out
      if (!first) out->push_back(',');
      first = false;
      out->append(piece);
    }
    members = event.fields().size();
  }
  out->push_back('}');
  return members;
}

}  // namespace hctail
