// SPDX-License-Identifier: Apache-2.0
#include "tail/chunk.h"

#include <doctest/doctest.h>

#include <cstring>

namespace hctail {
namespace {

Segment Put(Chunk* chunk, FileKey file, uint64_t offset, std::string_view text,
            Segment::Kind kind = Segment::Kind::kLines) {
  std::memcpy(chunk->end(), text.data(), text.size());
  const Segment segment = {
      .file = file, .offset = offset, .length = text.size(), .size = text.size(), .kind = kind};
  chunk->Append(segment);
  return segment;
}

TEST_CASE("Chunk: lines that continue the last segment join it") {
  Chunk chunk(64);
  Put(&chunk, 1, 0, "one\n");
  Put(&chunk, 1, 4, "two\n");
  REQUIRE(chunk.segments().size() == 1);
  CHECK(chunk.text(chunk.segments()[0]) == "one\ntwo\n");
  CHECK(chunk.segments()[0].length == 8);
}

TEST_CASE("Chunk: other files, gaps and other kinds begin a segment") {
  Chunk chunk(64);
  Put(&chunk, 1, 0, "a\n");
  Put(&chunk, 2, 2, "b\n");
  Put(&chunk, 2, 9, "c\n");
  Put(&chunk, 2, 11, "d", Segment::Kind::kUnended);
  Put(&chunk, 2, 12, "e\n");
  REQUIRE(chunk.segments().size() == 5);
  CHECK(chunk.text(chunk.segments()[4]) == "e\n");
}

TEST_CASE("Chunk: the last byte is followed by readable padding") {
  Chunk chunk(4);
  Put(&chunk, 1, 0, "one\n");
  CHECK(chunk.room() == 0);
  const std::string_view text = chunk.text(chunk.segments()[0]);
  CHECK(std::string_view(text.data() + text.size(), kChunkPadding) ==
        std::string(kChunkPadding, '\0'));
}

TEST_CASE("ChunkPool: a buffer comes back empty, one that grew does not come back") {
  ChunkPool pool(16, 1);
  auto chunk = pool.Take();
  Put(chunk.get(), 1, 0, "one\n");
  const char* const buffer = chunk->end() - 4;
  pool.Return(std::move(chunk));
  chunk = pool.Take();
  CHECK(chunk->empty());
  CHECK(chunk->end() == buffer);
  chunk->Reserve(1000);
  pool.Return(std::move(chunk));
  CHECK(pool.Take()->capacity() == 16);
}

TEST_CASE("EndOfShortLines: ends before the first line that is too long") {
  struct Case {
    const char* text;
    size_t max_line;
    size_t end;
  } const kCases[] = {
      {"", 3, 0},
      {"\n", 0, 1},
      {"a\n", 0, 0},
      {"abc\n", 3, 4},
      {"abcd\n", 3, 0},
      {"abc\nabcd\nabc\n", 3, 4},
      {"abc\n\n\nab\nabc", 3, 9},
      {"abcd", 3, 0},
      {"abc\nabcdefgh\n", 100, 13},
      {"a\nb\nc\nabcd\n", 3, 6},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.text);
    CHECK(EndOfShortLines(c.text, c.max_line) == c.end);
  }
}

}  // namespace
}  // namespace hctail
