// SPDX-License-Identifier: Apache-2.0
#include "ship/compress.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace hctail {
namespace {

constexpr Compression kAll[] = {Compression::kNone, Compression::kGzip, Compression::kZstd};

std::string Text(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) {
    text += R"({"n":)" + std::to_string(i % 977) + "},";
  }
  text.resize(size);
  return text;
}

TEST_CASE("Compress: what is packed comes back, again and again with one compressor") {
  for (const Compression compression : kAll) {
    Compressor compressor({compression, 1});
    for (const size_t size : {0u, 1u, 100u, 300'000u, 5'000'000u, 70'000u, 0u, 3u}) {
      const std::string body = Text(size);
      const std::string packed = compressor.Pack(body);
      if (size >= 70'000 && compression != Compression::kNone) CHECK(packed.size() < size / 4);
      const auto unpacked = Unpack(compression, packed, size);
      REQUIRE(unpacked.has_value());
      CHECK(*unpacked == body);
    }
  }
}

TEST_CASE("Compress: noise that cannot get smaller comes back too") {
  Random random(1);
  std::string noise(100'000, '\0');
  for (char& c : noise) c = static_cast<char>(random.Next());
  for (const Compression compression : kAll) {
    for (const int level : {1, 9}) {
      Compressor compressor({compression, level});
      CHECK(Unpack(compression, compressor.Pack(noise), noise.size()) == noise);
    }
  }
}

TEST_CASE("Compress: a body over the limit, cut, damaged or followed by more is an error") {
  for (const Compression compression : kAll) {
    Compressor compressor({compression, 1});
    const std::string packed = compressor.Pack(Text(200'000));
    CHECK_FALSE(Unpack(compression, packed, 199'999).has_value());
    if (compression == Compression::kNone) continue;
    CHECK_FALSE(Unpack(compression, packed.substr(0, packed.size() - 1), 200'000).has_value());
    CHECK_FALSE(Unpack(compression, packed + "x", 200'000).has_value());
    CHECK_FALSE(Unpack(compression, "", 200'000).has_value());
    CHECK_FALSE(Unpack(compression, "[{}]", 200'000).has_value());
  }
}

TEST_CASE("Compress: a compressor can be moved") {
  for (const Compression compression : kAll) {
    Compressor first({compression, 1});
    Compressor second = std::move(first);
    CHECK(Unpack(compression, second.Pack("x"), 1) == "x");
  }
}

TEST_CASE("ParseCompression: names and levels") {
  struct Case {
    const char* text;
    CompressionSetting setting;
  };
  const Case cases[] = {
      {"zstd", {Compression::kZstd, 1}},     {"zstd:3", {Compression::kZstd, 3}},
      {"zstd:19", {Compression::kZstd, 19}}, {"gzip", {Compression::kGzip, 1}},
      {"gzip:9", {Compression::kGzip, 9}},   {"none", {Compression::kNone, 1}},
  };
  for (const Case& c : cases) CHECK(ParseCompression(c.text) == c.setting);
}

TEST_CASE("ParseCompression: the error says what is possible") {
  struct Case {
    const char *text, *message;
  };
  const Case cases[] = {
      {"", "unknown compression ''"},
      {"lz4", "unknown compression 'lz4'"},
      {"zstd:", "invalid compression 'zstd:': the level of zstd is a number from 1 to 19"},
      {"zstd:20", "invalid compression 'zstd:20': the level of zstd is a number from 1 to 19"},
      {"zstd:1x", "invalid compression 'zstd:1x': the level of zstd is a number from 1 to 19"},
      {"gzip:0", "invalid compression 'gzip:0': the level of gzip is a number from 1 to 9"},
      {"none:1", "invalid compression 'none:1': none has no level"},
  };
  for (const Case& c : cases) {
    const auto setting = ParseCompression(c.text);
    REQUIRE_FALSE(setting.has_value());
    CHECK(setting.error().message == c.message);
  }
  CHECK(ParseCompression("lz4").error().hint ==
        "Known are zstd, gzip and none; zstd:3 and gzip:6 choose a level.");
}

TEST_CASE("ContentEncoding: is what the header says") {
  CHECK(ContentEncoding(Compression::kZstd) == "zstd");
  CHECK(ContentEncoding(Compression::kGzip) == "gzip");
  CHECK(ContentEncoding(Compression::kNone).empty());
}

}  // namespace
}  // namespace hctail
