// SPDX-License-Identifier: Apache-2.0
// decode_bench [MEGABYTES]: log lines of several charsets, split and decoded into chunks of 1 MiB,
// as MB/s of raw bytes; and what looking for invalid UTF-8 costs.  The best of several rounds
// counts.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "tail/line_decoder.h"
#include "tests/bench/corpus.h"
#include "tests/bench/measure.h"

namespace hctail::bench {
namespace {

constexpr size_t kChunk = 1 << 20;
constexpr std::string_view kChineseLine =
    "2026-03-05 12:00:00.123 [主线程] 信息 服务器已经启动，正在监听端口 8080，共有四十二个连接\n";
constexpr std::string_view kGermanLine =
    "2026-03-05 12:00:00.123 [main] INFO Der Dienst für größere Übertragungen läuft an Port 8080\n";

void Report(std::string_view name, size_t bytes, const std::function<void()>& run) {
  fmt::print("{:32} {:6.0f} MB/s\n", name, static_cast<double>(bytes) / Quickest(run) / 1e6);
}

std::string Repeated(std::string_view line, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += line;
  return text;
}

// UTF-8 of the Basic Multilingual Plane.
std::string ToUtf16(std::string_view text, bool big) {
  std::string raw;
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) {
      return static_cast<uint32_t>(static_cast<uint8_t>(text[at]));
    };
    uint32_t unit = byte(i);
    size_t size = 1;
    if (unit >= 0xE0) {
      unit = (unit & 0xF) << 12 | (byte(i + 1) & 0x3F) << 6 | (byte(i + 2) & 0x3F);
      size = 3;
    } else if (unit >= 0x80) {
      unit = (unit & 0x1F) << 6 | (byte(i + 1) & 0x3F);
      size = 2;
    }
    i += size;
    raw.push_back(static_cast<char>(big ? unit >> 8 : unit & 0xFF));
    raw.push_back(static_cast<char>(big ? unit & 0xFF : unit >> 8));
  }
  return raw;
}

void RunDecode(std::string_view name, const char* charset, std::string_view raw,
               bool lone_cr = false) {
  LineDecoder decoder(*ParseCharset(charset), {.lone_cr = lone_cr});
  std::string out(kChunk, '\0');
  std::vector<uint32_t> lengths;
  Report(name, raw.size(), [&] {
    uint64_t at = 0;
    DecodeCounts counts;
    while (at < raw.size()) {
      lengths.clear();
      const std::string_view block = raw.substr(at, kChunk);
      const auto taken =
          decoder.Decode(block, at, block.size() < kChunk, out.data(), kChunk, &lengths, &counts);
      HC_CHECK(taken.taken > 0);
      at += taken.taken;
    }
  });
}

void RunAll(size_t bytes) {
  const std::string json = JsonCorpus::Make(bytes);
  const std::string chinese = Repeated(kChineseLine, bytes);
  const std::string german = Repeated(kGermanLine, bytes);
  RunDecode("utf-16le, ASCII JSON", "utf-16le", ToUtf16(json, false));
  RunDecode("utf-16be, ASCII JSON", "utf-16be", ToUtf16(json, true));
  RunDecode("utf-16le, German", "utf-16le", ToUtf16(german, false));
  RunDecode("utf-16le, Chinese", "utf-16le", ToUtf16(chinese, false));
  RunDecode("latin1, ASCII JSON", "latin1", json);
  RunDecode("latin1, high bytes", "latin1", german);
  RunDecode("gb18030, ASCII JSON", "gb18030", json);
  RunDecode("gb18030, malformed", "gb18030", german);
  RunDecode("utf-8, lone CRs allowed", "utf-8", json, true);
  for (const auto& [name, text] : {std::pair<const char*, const std::string&>{"JSON", json},
                                   {"German", german},
                                   {"Chinese", chinese}}) {
    Report(fmt::format("IsUtf8, {}", name), text.size(), [&] {
      for (size_t at = 0; at < text.size();) {
        // Whole lines, as in a chunk.
        const size_t end = text.rfind('\n', std::min(at + kChunk, text.size()) - 1) + 1;
        HC_CHECK(IsUtf8(std::string_view(text).substr(at, end - at)));
        at = end;
      }
    });
    Report(fmt::format("IsUtf8 of each line, {}", name), text.size(), [&] {
      for (size_t at = 0; at < text.size();) {
        const size_t end = text.find('\n', at);
        HC_CHECK(IsUtf8(std::string_view(text).substr(at, end - at)));
        at = end + 1;
      }
    });
  }
}

}  // namespace
}  // namespace hctail::bench

int main(int argc, char** argv) {
  const size_t megabytes = argc > 1 ? static_cast<size_t>(std::atoi(argv[1])) : 32;
  hctail::bench::RunAll(megabytes << 20);
  return 0;
}
