// SPDX-License-Identifier: Apache-2.0
#include "ship/letter_reader.h"

#include <doctest/doctest.h>

namespace hctail {
namespace {

TEST_CASE("LetterReader: a raw record, as it was before it was escaped") {
  LetterReader reader;
  Letter letter;
  REQUIRE(reader.Read(R"({"time":"2024-03-05T06:07:08Z","file":"/var/log/\"a\".log","offset":1234,)"
                      R"("reason":"not a JSON object","record":"a \"line\"\twith \u00fc"})",
                      &letter));
  CHECK(letter.file == "/var/log/\"a\".log");
  CHECK(letter.offset == 1234);
  CHECK(letter.time == "2024-03-05T06:07:08Z");
  CHECK(letter.dataset.empty());
  CHECK(letter.record == "a \"line\"\twith ü");
  CHECK_FALSE(letter.is_event);
}

TEST_CASE("LetterReader: an event that the API refused, byte for byte") {
  LetterReader reader;
  Letter letter;
  REQUIRE(reader.Read(R"({"file":"a.log","offset":0,"reason":"bad","status":400,"dataset":"app",)"
                      R"("record":{"time":"t","samplerate":4,"data":{"x":1.10, "y":[{}]}}})",
                      &letter));
  CHECK(letter.dataset == "app");
  CHECK(letter.is_event);
  CHECK(letter.record == R"({"time":"t","samplerate":4,"data":{"x":1.10, "y":[{}]}})");
}

TEST_CASE("LetterReader: nothing is left over from the letter before") {
  LetterReader reader;
  Letter letter;
  REQUIRE(reader.Read(R"({"file":"a","offset":7,"dataset":"d","record":{}})", &letter));
  REQUIRE(reader.Read(R"({"record":"x"})", &letter));
  CHECK(letter.file.empty());
  CHECK(letter.dataset.empty());
  CHECK(letter.offset == 0);
  CHECK_FALSE(letter.is_event);
}

TEST_CASE("LetterReader: what is no letter") {
  LetterReader reader;
  Letter letter;
  for (const char* const line :
       {"", "no JSON", "[]", "{}", R"({"file":"a"})", R"({"record":1})", R"({"record":"x")",
        R"({"record":"x"} x)", R"({"record":"x","offset":-1})", R"({"record":"x","file":1})",
        R"({"record":["x"]})"}) {
    CAPTURE(line);
    CHECK_FALSE(reader.Read(line, &letter));
  }
}

}  // namespace
}  // namespace hctail
