// SPDX-License-Identifier: Apache-2.0
#include "cli/head_source.h"

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <map>
#include <string>

namespace hctail {
namespace {

// Adds what it is told to.
class ScriptedSource final : public Source {
 public:
  void Read(Chunk* chunk) override { next(chunk); }
  bool ready() const override { return true; }
  bool done() const override { return false; }
  int poll_fd() const override { return 5; }
  std::optional<Instant> next_wake() const override { return std::nullopt; }

  std::function<void(Chunk*)> next;
};

struct Fixture {
  explicit Fixture(uint64_t lines, bool only_file = false) : first(lines) {
    auto source = std::make_unique<ScriptedSource>();
    inner = source.get();
    first.SetInner(std::move(source), only_file);
  }

  // Reads `text` of `file` in one go.
  void Read(FileKey file, std::string_view text, Segment::Kind kind = Segment::Kind::kLines) {
    inner->next = [&](Chunk* into) {
      std::memcpy(into->end(), text.data(), text.size());
      into->Append({.file = file,
                    .offset = offsets[file],
                    .length = text.size(),
                    .size = text.size(),
                    .kind = kind});
    };
    first.Read(&chunk);
    offsets[file] += text.size();
  }

  // "7:a\nb\n" for the lines of file 7, "7!3" for a shutdown behind byte 3.
  std::string Shown() const {
    std::string shown;
    for (const Segment& segment : chunk.segments()) {
      shown += std::to_string(segment.file);
      if (segment.kind == Segment::Kind::kPause) {
        shown += segment.pause == Segment::Pause::kShutdown ? "!" : "end";
        shown += std::to_string(segment.offset) + " ";
      } else {
        CHECK(segment.length == segment.size);
        shown += ":" + std::string(chunk.text(segment)) + " ";
      }
    }
    return shown;
  }

  HeadSource first;
  ScriptedSource* inner = nullptr;
  std::map<FileKey, uint64_t> offsets;
  Chunk chunk{1 << 16};
};

TEST_CASE("HeadSource: 0 is all lines") {
  Fixture f(0);
  f.Read(7, "a\nb\nc\n");
  CHECK(f.Shown() == "7:a\nb\nc\n ");
  CHECK_FALSE(f.first.Enough(7));
}

TEST_CASE("HeadSource: a file is cut behind the last line wanted, as by a shutdown") {
  Fixture f(2);
  f.Read(7, "a\nb\nc\n");
  CHECK(f.Shown() == "7:a\nb\n 7!4 ");
  CHECK(f.first.Enough(7));
}

TEST_CASE("HeadSource: a file with just as many lines is whole") {
  Fixture f(2);
  f.Read(7, "a\nb\n");
  CHECK(f.Shown() == "7:a\nb\n ");
  CHECK_FALSE(f.first.Enough(7));
  f.inner->next = [](Chunk* chunk) {
    chunk->Append(
        {.file = 7, .offset = 4, .kind = Segment::Kind::kPause, .pause = Segment::Pause::kEnd});
  };
  f.first.Read(&f.chunk);
  CHECK(f.Shown() == "7:a\nb\n 7end4 ");
}

TEST_CASE("HeadSource: lines that join those read before are counted once") {
  Fixture f(3);
  f.Read(7, "a\nb\n");
  f.Read(7, "c\nd\n");  // joins the segment
  CHECK(f.Shown() == "7:a\nb\nc\n 7!6 ");
}

TEST_CASE("HeadSource: what comes behind the cut is dropped, of that file only") {
  Fixture f(1);
  f.Read(7, "a\nb\n");
  f.Read(8, "x\n");
  f.Read(7, "c\n");
  f.Read(8, "y\n");
  CHECK(f.Shown() == "7:a\n 7!2 8:x\n 8!2 ");
}

TEST_CASE("HeadSource: a segment of which no line is wanted leaves only the pause") {
  Fixture f(1);
  f.Read(7, "a\n");
  f.Read(8, "x\n");
  f.Read(7, "b\n");
  CHECK(f.Shown() == "7:a\n 8:x\n 7!2 ");
}

TEST_CASE("HeadSource: an unfinished or overlong line is a line") {
  Fixture f(1);
  SUBCASE("wanted") {
    f.Read(7, "abc", Segment::Kind::kUnended);
    CHECK(f.Shown() == "7:abc ");
  }
  SUBCASE("not wanted") {
    f.Read(7, "a\n");
    f.Read(7, "abc", Segment::Kind::kOverlong);
    CHECK(f.Shown() == "7:a\n 7!2 ");
  }
}

TEST_CASE("HeadSource: the lines of decoded text are cut where they stand in the file") {
  Fixture f(1);
  f.inner->next = [](Chunk* chunk) {
    std::memcpy(chunk->end(), "a\nb\n", 4);
    const size_t lengths = chunk->line_lengths().size();
    chunk->line_lengths().insert(chunk->line_lengths().end(), {6, 4});  // UTF-16 with a mark
    chunk->Append({.file = 7, .offset = 0, .length = 10, .size = 4, .lengths = lengths});
  };
  f.first.Read(&f.chunk);
  REQUIRE(f.chunk.segments().size() == 2);
  CHECK(f.chunk.text(f.chunk.segments()[0]) == "a\n");
  CHECK(f.chunk.segments()[0].length == 6);
  CHECK(f.chunk.segments()[1].offset == 6);
}

TEST_CASE("HeadSource: with enough of its only file the source has ended") {
  Fixture f(1, /*only_file=*/true);
  f.Read(7, "a\n");
  CHECK_FALSE(f.first.done());
  CHECK(f.first.poll_fd() == 5);
  f.Read(7, "b\n");
  CHECK(f.first.done());
  CHECK_FALSE(f.first.ready());
  CHECK(f.first.poll_fd() == -1);
}

}  // namespace
}  // namespace hctail
