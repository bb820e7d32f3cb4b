// SPDX-License-Identifier: Apache-2.0
#include "tail/stdin_source.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/tailing.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::LinesOf;
using testing::Strings;

// A StdinSource at the end of a pipe.
struct Piped {
  explicit Piped(size_t max = 1000) : Piped(LineOptions{.max_line = max}) {}
  explicit Piped(const LineOptions& lines) : max_line(lines.max_line) {
    int ends[2];
    HC_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    out.Reset(ends[0]);
    in.Reset(ends[1]);
    HC_CHECK(::fcntl(in.get(), F_SETPIPE_SZ, 1 << 20) > 0);
    source.emplace(out.get(), lines, std::chrono::seconds(2), clock, listener);
  }
  void Write(std::string_view bytes) { HC_CHECK(WriteFully(in.get(), bytes) == 0); }
  void End() { in.Reset(); }
  Strings ReadOnce(size_t capacity = 1000) {
    Chunk chunk(capacity);
    source->Read(&chunk);
    return LinesOf(chunk);
  }
  Strings Read(size_t capacity = 1000) {
    Strings lines = ReadOnce(capacity);
    while (source->ready()) {
      const Strings more = ReadOnce(capacity);
      lines.insert(lines.end(), more.begin(), more.end());
    }
    return lines;
  }

  const size_t max_line;
  Fd out, in;
  testing::FakeClock clock;
  testing::RecordingListener listener;
  std::optional<StdinSource> source;
};

TEST_CASE("StdinSource: whole lines come at once, an unfinished one with the end") {
  Piped p;
  CHECK(p.source->ready());
  CHECK(p.ReadOnce().empty());
  CHECK_FALSE(p.source->ready());
  p.Write("one\ntwo\r\nunf");
  CHECK(p.Read() == Strings{"one\n", "two\r\n"});
  CHECK_FALSE(p.source->done());
  CHECK(p.source->poll_fd() == p.out.get());
  p.Write("inished");
  CHECK(p.Read().empty());
  p.End();
  CHECK(p.Read() == Strings{"unended 10: unfinished"});
  CHECK(p.source->done());
  CHECK(p.source->poll_fd() == -1);
  CHECK(p.listener.Take() == Strings{"opened stdin at 0", "closed stdin at 19: finished"});
  CHECK_FALSE(p.listener.opened()[0].resumable);
  CHECK(p.listener.opened()[0].present_at_start);
}

TEST_CASE("StdinSource: what is held back is asked for when nothing comes, and at a stop") {
  Piped p;
  CHECK_FALSE(p.source->next_wake());
  p.listener.holding = true;
  p.Write("one\n");
  CHECK(p.Read() == Strings{"one\n"});
  CHECK(p.source->next_wake() == p.clock.Now() + std::chrono::seconds(2));
  p.clock.Advance(std::chrono::seconds(1));
  CHECK(p.Read().empty());
  p.clock.Advance(std::chrono::seconds(1));
  CHECK(p.Read() == Strings{"idle"});
  CHECK(p.source->next_wake() == p.clock.Now() + std::chrono::seconds(2));  // after four
  Chunk chunk(1000);
  p.source->Stop(&chunk);
  CHECK(LinesOf(chunk) == Strings{"shutdown"});
  p.listener.holding = false;
  p.clock.Advance(std::chrono::seconds(2));
  CHECK(p.Read().empty());
  CHECK_FALSE(p.source->next_wake());
}

TEST_CASE("StdinSource: it is closed once, however often it is read afterwards") {
  Piped p;
  p.Write("one\n");
  p.End();
  CHECK(p.Read() == Strings{"one\n"});
  for (int i = 0; i < 3; ++i) CHECK(p.Read().empty());
  CHECK(p.listener.Take() == Strings{"opened stdin at 0", "closed stdin at 4: finished"});
}

TEST_CASE("StdinSource: no input at all is done at once") {
  Piped p;
  p.End();
  CHECK(p.Read().empty());
  CHECK(p.source->done());
}

// "a\n" as a\0\n\0.
std::string Utf16(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) wide += {c, '\0'};
  return wide;
}

TEST_CASE("StdinSource: UTF-16 is found, with a mark or without, and decoded") {
  for (const std::string mark : {"\xff\xfe", ""}) {
    Piped p;
    p.Write(mark + Utf16("one and more\ntwo"));
    CHECK(p.Read() == Strings{"one and more\n"});
    p.Write(Utf16(" and th") + "r");
    CHECK(p.Read().empty());
    p.Write(std::string(1, '\0') + Utf16("ee\nlast"));
    CHECK(p.Read() == Strings{"two and three\n"});
    p.End();
    CHECK(p.Read() == Strings{"last\n"});
    CHECK(p.source->done());
    CHECK(p.listener.Take().back() ==
          fmt::format("closed stdin at {}: finished", mark.size() + 2 * 31));
  }
}

TEST_CASE("StdinSource: the charset that is asked for, and lone CRs") {
  Piped latin({.max_line = 1000, .charset = *ParseCharset("latin1")});
  latin.Write("caf\xe9\n");
  CHECK(latin.Read() == Strings{"caf\xc3\xa9\n"});
  Piped mac({.max_line = 1000, .lone_cr = true});
  mac.Write("one line\rtwo\nthree\r");
  CHECK(mac.Read() == Strings{"one line\n", "two\n"});
  mac.End();
  CHECK(mac.Read() == Strings{"three\n"});
}

TEST_CASE("StdinSource: decoded lines are cut at the maximum, too") {
  const std::string longer(1000, 'x');
  for (const size_t at_once : {size_t{7}, size_t{500}, size_t{10'000}}) {
    Piped p({.max_line = 100});
    const std::string all = "\xff\xfe" + Utf16("one\n" + longer + "\ntwo\n" + longer);
    Strings lines;
    for (size_t at = 0; at < all.size(); at += at_once) {
      p.Write(std::string_view(all).substr(at, at_once));
      std::ranges::move(p.Read(64), std::back_inserter(lines));
    }
    p.End();
    std::ranges::move(p.Read(64), std::back_inserter(lines));
    const std::string cut = "overlong 2002: " + std::string(50, 'x');
    const std::string rest = "overlong 2000: " + std::string(50, 'x');
    CHECK(lines == Strings{"one\n", cut, "two\n", rest});
    CHECK(p.source->done());
  }
}

TEST_CASE("StdinSource: NUL and invalid bytes are kept as they are") {
  Piped p;
  const std::string bytes("\0\n\xff\xfe\0\n", 6);
  p.Write(bytes);
  CHECK(p.Read() == Strings{std::string("\0\n", 2), std::string("\xff\xfe\0\n", 4)});
}

TEST_CASE("StdinSource: lines are cut at the maximum however they arrive") {
  const std::string text = "0123456789\n0123456789X\nshort\n" + std::string(25, 'y') + "\n\nlast";
  const Strings expected = {"0123456789\n", "overlong 12: 0123456789",
                            "short\n",      "overlong 26: yyyyyyyyyy",
                            "\n",           "unended 4: last"};
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    Piped p(10);
    Strings lines;
    for (size_t at = 0; at < text.size(); at += piece) {
      p.Write(std::string_view(text).substr(at, piece));
      const Strings more = p.Read();
      lines.insert(lines.end(), more.begin(), more.end());
    }
    p.End();
    const Strings more = p.Read();
    lines.insert(lines.end(), more.begin(), more.end());
    CHECK(lines == expected);
    CHECK(p.listener.Take().back() == "closed stdin at 60: finished");
  }
}

TEST_CASE("StdinSource: an overlong line without end comes with the end of the input") {
  Piped p(10);
  p.Write(std::string(300'000, 'x'));
  CHECK(p.Read().empty());
  p.Write("more");
  CHECK(p.Read().empty());
  p.End();
  CHECK(p.Read() == Strings{"overlong 300004: xxxxxxxxxx"});
  CHECK(p.source->done());
}

TEST_CASE("StdinSource: more than a chunk holds comes in several, in order") {
  Piped p;
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + "\n";
  p.Write(text);
  p.End();
  const Strings lines = p.Read();
  REQUIRE(lines.size() == 50'000);
  for (int i = 0; i < 50'000; i += 1000) {
    CHECK(lines[static_cast<size_t>(i)] == std::to_string(i) + "\n");
  }
}

TEST_CASE("StdinSource: a chunk that another source has filled is left as it is") {
  Piped p;
  p.Write("its charset\n");
  p.Read();
  p.Write("one\n");
  Chunk chunk(100);
  std::copy_n("abc\n", 4, chunk.end());
  chunk.Append({.file = 1'000'000, .length = 4, .size = 4});
  p.source->Read(&chunk);
  CHECK(LinesOf(chunk) == Strings{"abc\n"});
  CHECK(p.source->ready());
  CHECK(p.Read() == Strings{"one\n"});
}

TEST_CASE("StdinSource: the unfinished end waits for a chunk with room") {
  Piped p;
  p.Write("unfinished");
  p.Read();
  p.End();
  Chunk chunk(70'000);
  const std::string lines = std::string(1999, 'x') + "\n";
  std::copy_n(lines.data(), lines.size(), chunk.end());
  chunk.Append({.file = 1'000'000, .length = lines.size(), .size = lines.size()});
  Chunk full(4);
  std::copy_n("abc\n", 4, full.end());
  full.Append({.file = 1'000'000, .length = 4, .size = 4});
  p.source->Read(&chunk);  // notices the end
  CHECK(LinesOf(chunk).size() == 2);
  CHECK(p.source->done());
}

TEST_CASE("StdinSource: a regular file and an unreadable descriptor end too") {
  testing::TempDir dir;
  testing::FakeClock clock;
  testing::RecordingListener listener;
  const Fd file(::open(dir.Write("in", "one\ntwo").c_str(), O_RDONLY | O_CLOEXEC));
  StdinSource source(file.get(), {.max_line = 100}, {}, clock, listener);
  Chunk chunk(10);
  source.Read(&chunk);
  CHECK(LinesOf(chunk) == Strings{"one\n", "unended 3: two"});
  CHECK(source.done());

  const Fd folder(::open(dir.path().c_str(), O_RDONLY | O_CLOEXEC));
  StdinSource unreadable(folder.get(), {.max_line = 100}, {}, clock, listener);
  Chunk empty(10);
  unreadable.Read(&empty);
  CHECK(unreadable.done());
  CHECK(listener.Take() == Strings{"opened stdin at 0", "closed stdin at 7: finished",
                                   "opened stdin at 0", "unreadable stdin: is a directory",
                                   "closed stdin at 0: finished"});
}

}  // namespace
}  // namespace hctail
