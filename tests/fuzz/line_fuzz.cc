// SPDX-License-Identifier: Apache-2.0
// Splits any bytes into lines, through chunks of any size, of a file that grows meanwhile and gives
// short reads; must find the lines that a plain loop finds, each once.
//
// The first bytes of the input say how: max_line, the sizes of the chunks, how fast it grows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tail/chunk.h"
#include "tail/tailed_file.h"
#include "tests/testing/fake_file_system.h"

namespace hctail {
namespace {

struct Piece {
  uint64_t offset;
  uint64_t length;
  std::string text;
  friend bool operator==(const Piece&, const Piece&) = default;
};

std::vector<Piece> Expected(std::string_view content, size_t max_line) {
  std::vector<Piece> pieces;
  for (uint64_t at = 0; at < content.size();) {
    const size_t newline = content.find('\n', at);
    const size_t end = newline == std::string_view::npos ? content.size() : newline;
    const size_t length = std::min(end + 1, content.size()) - at;
    const bool overlong = end - at > max_line;
    pieces.push_back({at, length, std::string(content.substr(at, overlong ? max_line : length))});
    at += length;
  }
  return pieces;
}

void Take(const Chunk& chunk, std::vector<Piece>* pieces) {
  for (const Segment& segment : chunk.segments()) {
    std::string_view text = chunk.text(segment);
    if (segment.kind != Segment::Kind::kLines) {
      pieces->push_back({segment.offset, segment.length, std::string(text)});
      continue;
    }
    for (uint64_t offset = segment.offset; !text.empty();) {
      const size_t size = text.find('\n') + 1;
      if (size == 0) std::abort();
      pieces->push_back({offset, size, std::string(text.substr(0, size))});
      text.remove_prefix(size);
      offset += size;
    }
  }
}

void Split(std::string_view how, std::string_view content) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(how[i % how.size()]); };
  const size_t max_line = byte(0) % 64;
  testing::FakeFileSystem files;
  files.ShortReads(byte(1));
  files.Append("/a", "");
  const LineOptions options = {.max_line = max_line, .charset = Charset{}};
  TailedFile file(1, "/a", std::move(*files.Open("/a")), {}, 0, options);
  std::vector<Piece> pieces;
  size_t written = 0;
  for (size_t turn = 2;; ++turn) {
    const bool whole = written == content.size();
    Chunk chunk(1 + byte(turn) % 100);
    const auto progress = file.ReadLines(&chunk);
    if (progress == TailedFile::Progress::kTruncated) std::abort();
    if (progress == TailedFile::Progress::kFailed) std::abort();
    const bool at_end = progress == TailedFile::Progress::kAtEnd;
    const bool done = whole && at_end && file.TakeUnended(&chunk, /*final=*/true);
    Take(chunk, &pieces);
    if (done) break;
    const size_t grow = std::min<size_t>(byte(turn + 1) + 1, content.size() - written);
    files.Append("/a", content.substr(written, grow));
    written += grow;
  }
  if (pieces != Expected(content, max_line)) std::abort();
}

}  // namespace
}  // namespace hctail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size < 8) return 0;
  std::string content(input.substr(8));
  std::ranges::replace(content, '\0', '0');  // runs of NULs are no lines: tailed_file_test.cc
  hctail::Split(input.substr(0, 8), content);
  return 0;
}
