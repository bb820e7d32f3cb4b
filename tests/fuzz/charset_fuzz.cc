// SPDX-License-Identifier: Apache-2.0
// Splits and decodes any bytes, in pieces of any size into chunks of any size; must find the lines
// that a plain loop finds.  For charsets only iconv knows, pieces of all sizes must agree.
//
// The first bytes of the input say how.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "base/utf8.h"
#include "tail/line_decoder.h"

namespace hctail {
namespace {

constexpr const char* kCharsets[] = {"utf-8",        "utf-16le",  "utf-16be", "latin1",
                                     "cp1252",       "shift_jis", "gb18030",  "iso-2022-jp",
                                     "euc-jisx0213", "utf-7",     "cp1258",   "tscii"};
constexpr size_t kSimple = 4;  // as many does the plain loop below know

struct Line {
  uint64_t offset = 0;
  uint64_t length = 0;
  bool overlong = false;
  std::string text;
  friend bool operator==(const Line&, const Line&) = default;
};

struct Found {
  std::vector<Line> lines;
  uint64_t replaced = 0;
  friend bool operator==(const Found&, const Found&) = default;
};

// Units of a file, one by one.
class Plain {
 public:
  Plain(size_t charset, LineDecoder::Options options, std::string_view file)
      : wide_(charset == 1 || charset == 2),
        big_(charset == 2),
        latin_(charset == 3),
        options_(options),
        file_(file) {}

  Found Lines() {
    if (wide_ && big_ && file_.starts_with("\xFE\xFF")) at_ = 2;
    if (wide_ && !big_ && file_.starts_with("\xFF\xFE")) at_ = 2;
    if (!wide_ && !latin_ && file_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    uint64_t begin = 0;
    while (begin < file_.size()) {
      Line line = {.offset = begin, .text = {}};
      const size_t text = at_;
      const uint64_t replaced = found_.replaced;
      while (at_ < file_.size() && !IsEnd()) TakeOne(&line.text);
      const size_t content = wide_ ? (at_ - text) / 2 * 2 : at_ - text;
      const size_t most = wide_ ? options_.max_line / 2 * 2 : options_.max_line;
      if (content > most) {
        line.overlong = true;
        line.text.clear();
        found_.replaced = replaced;
      }
      at_ = std::min(at_ + Size(), file_.size());
      line.length = at_ - begin;
      begin = at_;
      found_.lines.push_back(line);
    }
    return found_;
  }

 private:
  size_t Size() const { return wide_ ? 2 : 1; }
  int UnitAt(size_t at) const {
    if (at + Size() > file_.size()) return -1;
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(file_[at + i]); };
    if (!wide_) return byte(0);
    return big_ ? byte(0) << 8 | byte(1) : byte(1) << 8 | byte(0);
  }
  bool IsEnd() const {
    if (UnitAt(at_) == '\n') return true;
    return options_.lone_cr && UnitAt(at_) == '\r' && UnitAt(at_ + Size()) != '\n';
  }
  void TakeOne(std::string* out) {
    const int unit = UnitAt(at_);
    if (!wide_ && !latin_) {
      out->push_back(file_[at_++]);
      return;
    }
    at_ = std::min(at_ + Size(), file_.size());
    const int next = UnitAt(at_);
    auto code = static_cast<uint32_t>(unit);
    if (unit >= 0xD800 && unit < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
      code = 0x10000u + (static_cast<uint32_t>(unit - 0xD800) << 10) +
             static_cast<uint32_t>(next - 0xDC00);
      at_ += 2;
    } else if (unit < 0 || (unit >= 0xD800 && unit < 0xE000)) {
      code = 0xFFFD;
      ++found_.replaced;
    }
    AppendUtf8(code, out);
  }

  const bool wide_;
  const bool big_;
  const bool latin_;
  const LineDecoder::Options options_;
  const std::string_view file_;
  size_t at_ = 0;
  Found found_;
};

void AddLines(std::string_view text, const std::vector<uint32_t>& lengths, uint64_t offset,
              Found* found) {
  for (const uint32_t length : lengths) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos || length == 0) std::abort();
    found->lines.push_back({offset, length, false, std::string(text.substr(0, end))});
    text.remove_prefix(end + 1);
    offset += length;
  }
  if (!text.empty()) std::abort();
}

// As a tailer uses it, with a file that grows.
class Tail {
 public:
  Tail(const Charset& charset, LineDecoder::Options options, std::string_view file, Random* random)
      : decoder_(charset, options), options_(options), file_(file), random_(*random) {}

  Found Lines() {
    while (at_ < file_.size()) {
      grown_ = std::min<size_t>(file_.size(), grown_ + random_.Below(40));
      const size_t size = std::min<size_t>(grown_ - at_, most_);
      const bool whole = at_ + size == file_.size();
      Step(file_.substr(at_, size), whole);
    }
    return found_;
  }

 private:
  void Step(std::string_view raw, bool whole) {
    // Memory of exactly its size, so that reading and writing past its end is seen.
    const std::vector<char> input(raw.begin(), raw.end());
    std::vector<char> out(random_.Below(3) == 0 ? decoder_.RoomForLine() : random_.Below(60));
    std::vector<uint32_t> lengths;
    DecodeCounts counts;
    const auto taken = decoder_.Decode({input.data(), input.size()}, at_, whole, out.data(),
                                       out.size(), &lengths, &counts);
    AddLines({out.data(), taken.written}, lengths, at_, &found_);
    found_.replaced += counts.replaced;
    if (counts.lines > lengths.size() || counts.lines > counts.replaced) std::abort();
    at_ += taken.taken;
    uint64_t sum = 0;
    for (const uint32_t length : lengths) sum += length;
    if (sum != taken.taken || taken.taken > raw.size()) std::abort();
    if (taken.stop == LineDecoder::Stop::kNoRoom && lengths.empty() &&
        out.size() >= decoder_.RoomForLine()) {
      std::abort();
    }
    if (taken.stop == LineDecoder::Stop::kOverlong) TakeOverlong();
    // More is needed than was given.
    most_ = taken.taken == 0 && taken.stop == LineDecoder::Stop::kNeedMore ? most_ + 30 : 50;
    if (whole && taken.stop == LineDecoder::Stop::kNeedMore && at_ != file_.size()) std::abort();
  }

  void TakeOverlong() {
    size_t scanned = MarkLength(decoder_.charset(), at_ == 0 ? file_ : "");
    const std::string_view begin = file_.substr(at_, options_.max_line);
    std::vector<char> out(random_.Below(100));
    DecodeCounts counts;
    const size_t size = decoder_.DecodeBegin(begin, at_, out.data(), out.size(), &counts);
    if (size > out.size()) std::abort();
    while (true) {
      const size_t window = std::min<size_t>(file_.size() - at_ - scanned, 4 + random_.Below(30));
      const bool whole = at_ + scanned + window == file_.size();
      const auto end = decoder_.FindEnd(file_.substr(at_ + scanned, window), whole);
      scanned += end.size;
      if (end.found || whole) {
        if (!end.found) scanned = file_.size() - at_;
        break;
      }
    }
    found_.lines.push_back({at_, scanned, true, ""});
    at_ += scanned;
  }

  LineDecoder decoder_;
  const LineDecoder::Options options_;
  const std::string_view file_;
  Random& random_;
  size_t at_ = 0;
  size_t grown_ = 0;
  size_t most_ = 50;
  Found found_;
};

void Run(size_t charset_index, LineDecoder::Options options, std::string_view file, uint64_t seed) {
  const auto charset = ParseCharset(kCharsets[charset_index]);
  HC_CHECK(charset.has_value());
  Random random(seed);
  const Found found = Tail(*charset, options, file, &random).Lines();
  if (charset_index >= kSimple) {
    if (found != Tail(*charset, options, file, &random).Lines()) std::abort();
  } else if (found != Plain(charset_index, options, file).Lines()) {
    std::abort();
  }
  for (const Line& line : found.lines) {
    if (charset_index > 0 && !IsUtf8(line.text)) std::abort();
  }
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 6) return 0;
  const std::string_view file(reinterpret_cast<const char*>(data) + 6, size - 6);
  const hctail::LineDecoder::Options options = {.lone_cr = data[1] % 2 == 1,
                                                .max_line = data[2] % 8 == 0 ? data[3] : 1u << 16};
  const uint64_t seed = static_cast<uint64_t>(data[4]) << 8 | data[5];
  hctail::Run(data[0] % std::size(hctail::kCharsets), options, file, seed);
  for (const bool all : {false, true}) {
    const auto charset = hctail::DetectCharset(file, all);
    if (!charset && (all || file.size() >= hctail::kDetectBytes)) std::abort();
  }
  const size_t nuls = hctail::LeadingNuls(file);
  if (nuls != std::min(file.find_first_not_of('\0'), file.size())) std::abort();
  return 0;
}
