// SPDX-License-Identifier: Apache-2.0
// What --parser auto would choose: each file of testdata/auto/<format> must be claimed by that
// format and by no other, and those of testdata/auto/none by nobody.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "parsers/parser.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;

constexpr double kConfident = 0.5;

// A container mixes nginx's two logs.
std::string_view FamilyOf(std::string_view format) {
  return format.starts_with("nginx") ? "nginx" : format;
}

struct Claims {
  std::string best = "none";
  std::string text = {};  // "nginx (5 of 5 lines are of an access log) "
  bool foreign = false;   // a format of another family than `wanted` is in it
};

Claims Sniff(const std::vector<std::string_view>& lines, std::string_view wanted) {
  Claims claims;
  double highest = 0;
  for (const ParserSpec& spec : AllParsers()) {
    const Confidence confidence = spec.sniff(lines);
    CHECK(confidence.score >= 0);
    CHECK(confidence.score <= 1);
    CHECK_FALSE(confidence.reason.empty());
    if (confidence.score < kConfident) continue;
    claims.text += std::string(spec.name) + " (" + confidence.reason + ") ";
    claims.foreign = claims.foreign || FamilyOf(spec.name) != FamilyOf(wanted);
    if (confidence.score > highest) {
      highest = confidence.score;
      claims.best = spec.name;
    }
  }
  return claims;
}

TEST_CASE("Sniff: files are claimed by their own format and by no other") {
  int files = 0;
  for (const auto& folder : fs::directory_iterator(fs::path(HCTAIL_TESTDATA) / "auto")) {
    const std::string wanted = folder.path().filename().string();
    if (wanted != "none" && FindParser(wanted) == nullptr) continue;  // a format to come
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string text = ReadWholeFile(entry.path().string()).value();
      const std::string padded = text + std::string(kRecordPadding, '\0');
      std::vector<std::string_view> lines;
      for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        if (end > at) lines.push_back(std::string_view(padded).substr(at, end - at));
        at = end + 1;
      }
      const Claims claims = Sniff(lines, wanted);
      CAPTURE(entry.path().string());
      CAPTURE(claims.text);
      CHECK(claims.best == wanted);
      CHECK_FALSE(claims.foreign);
      ++files;
    }
  }
  CHECK(files > 0);
}

}  // namespace
}  // namespace hctail
