// SPDX-License-Identifier: Apache-2.0
#include "tail/charset.h"

#include <algorithm>
#include <cstring>

#include "tail/iconv_handle.h"

namespace hctail {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LeMark = "\xFF\xFE";
constexpr std::string_view kUtf16BeMark = "\xFE\xFF";

const Charset kUtf16Le = {.kind = Charset::Kind::kUtf16Le, .name = "UTF-16LE"};
const Charset kUtf16Be = {.kind = Charset::Kind::kUtf16Be, .name = "UTF-16BE"};

std::string Upper(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

// "utf-16le", "UTF16LE" and "utf_16_le" are one.
std::string WithoutHyphens(std::string name) {
  std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
  return name;
}

// The characters that lines, numbers and names are made of are their own bytes.
bool HasAscii(IconvHandle* iconv) {
  constexpr std::string_view kProbe = "\n\r 0123456789 ABCXYZ abcxyz.:,";
  for (const char c : kProbe) {
    char out[8];
    iconv->Reset();
    const auto step = iconv->Convert({&c, 1}, out, sizeof out);
    const size_t held = step.error == 0 ? iconv->Flush(out + step.written, 1).written : 0;
    if (step.error != 0 || step.written + held != 1 || out[0] != c) return false;
  }
  return true;
}

bool IsText(unsigned char c) { return (c >= 0x20 && c < 0x7F) || (c >= '\t' && c <= '\r'); }

// Whether every fourth pair of bytes or more is ASCII in UTF-16, whose byte in a pair is the one at
// `text_at`.  Holes, which are NULs only, do not count.
//
// Most of these pairs must follow one another, as the letters of words and numbers do: not so if
// bytes of ASCII text stand beside a NUL here and there.
bool IsUtf16(std::string_view text, size_t text_at) {
  size_t all = 0;
  size_t ours = 0;
  size_t in_a_row = 0;
  bool was_ours = false;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    const char letter = text[i + text_at];
    const bool narrow = text[i + 1 - text_at] == '\0';
    const bool is_ours = narrow && IsText(static_cast<unsigned char>(letter));
    all += narrow && letter == '\0' ? 0 : 1;
    ours += is_ours ? 1 : 0;
    in_a_row += is_ours && was_ours ? 1 : 0;
    was_ours = is_ours;
  }
  return ours > 0 && ours * 4 >= all && in_a_row * 2 >= ours;
}

}  // namespace

Result<Charset> ParseCharset(std::string_view name) {
  const std::string upper = Upper(name);
  const std::string plain = WithoutHyphens(upper);
  if (plain == "UTF8") return Charset{};
  if (plain == "UTF16LE") return kUtf16Le;
  if (plain == "UTF16BE") return kUtf16Be;
  const std::string unknown = "unknown encoding '" + std::string(name) + "'";
  if (plain == "UTF16" || plain == "UNICODE") {
    return Fail(unknown, "Say utf-16le or utf-16be; auto goes by the byte order mark.");
  }
  // iconv takes more than names, like "//TRANSLIT" after one, and an empty one as the locale's.
  const bool is_name = !upper.empty() && std::ranges::all_of(upper, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-_.:()+"sv.contains(c);
  });
  std::optional<IconvHandle> iconv;
  if (is_name) iconv.emplace(upper);
  if (!iconv || !iconv->ok()) {
    return Fail(unknown, "Known are auto, utf-8, utf-16le, utf-16be and what 'iconv -l' lists.");
  }
  if (!HasAscii(&*iconv)) {
    return Fail("encoding '" + std::string(name) + "' cannot be read: it has no ASCII line ends",
                "Convert the file with iconv(1), and read that.");
  }
  return Charset{.kind = Charset::Kind::kIconv, .name = upper};
}

std::optional<Charset> DetectCharset(std::string_view first_bytes, bool all) {
  first_bytes = first_bytes.substr(0, kDetectBytes);
  if (first_bytes.starts_with(kUtf8Mark)) return Charset{};
  if (first_bytes.starts_with(kUtf16LeMark)) return kUtf16Le;
  if (first_bytes.starts_with(kUtf16BeMark)) return kUtf16Be;
  // Without a newline there is no line to be decoded yet.  (In UTF-16LE its NUL may be missing.)
  const bool enough = all || first_bytes.size() == kDetectBytes ||
                      (first_bytes.size() >= 4 && first_bytes.contains('\n'));
  const bool no_nul = !first_bytes.contains('\0');
  if (no_nul && (enough || first_bytes.contains('\n'))) return Charset{};
  if (!enough) return std::nullopt;
  if (IsUtf16(first_bytes, 0)) return kUtf16Le;
  if (IsUtf16(first_bytes, 1)) return kUtf16Be;
  return Charset{};
}

size_t MarkLength(const Charset& charset, std::string_view first_bytes) {
  std::string_view mark;
  switch (charset.kind) {
    case Charset::Kind::kUtf8:
      mark = kUtf8Mark;
      break;
    case Charset::Kind::kUtf16Le:
      mark = kUtf16LeMark;
      break;
    case Charset::Kind::kUtf16Be:
      mark = kUtf16BeMark;
      break;
    case Charset::Kind::kIconv:
      break;
  }
  return first_bytes.starts_with(mark) ? mark.size() : 0;
}

size_t LeadingNuls(std::string_view line) {
  size_t at = 0;
  for (uint64_t word = 0; at + sizeof word <= line.size(); at += sizeof word) {
    std::memcpy(&word, line.data() + at, sizeof word);
    if (word != 0) break;
  }
  while (at < line.size() && line[at] == '\0') ++at;
  return at;
}

}  // namespace hctail
