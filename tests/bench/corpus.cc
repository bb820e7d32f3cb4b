// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/corpus.h"

#include <fmt/format.h>

#include <iterator>

#include "base/time_format.h"

namespace hctail::bench {
namespace {

constexpr const char* kLevels[] = {"info", "info", "info", "info", "warn", "error", "debug"};
constexpr const char* kMethods[] = {"GET", "GET", "GET", "POST", "PUT", "DELETE"};
constexpr const char* kPaths[] = {"/api/v1/users", "/api/v1/orders", "/healthz", "/api/v1/items",
                                  "/login"};
constexpr int kStatuses[] = {200, 200, 200, 200, 201, 304, 404, 500};
constexpr const char* kMessages[] = {"request completed", "cache miss, fetching from origin",
                                     "user \\\"admin\\\" logged in", "retrying upstream call",
                                     "payload validated against schema v2"};

template <typename T, size_t N>
const T& Pick(const T (&from)[N], Random& random) {
  return from[random.Below(N)];
}

}  // namespace

void JsonCorpus::AppendLine(std::string* out) {
  const Timestamp time{1709618828 + static_cast<int64_t>(line_ / 1000),
                       static_cast<int32_t>(line_ % 1000) * 1'000'000};
  char text[40];
  *FormatRfc3339(time, text) = '\0';
  Random& r = random_;
  const uint32_t user = r.Below(100000);
  fmt::format_to(
      std::back_inserter(*out),
      R"({{"time":"{}","level":"{}","service":"checkout","host":"web-{:02}","pid":{},"request_id":"{:08x}{:08x}","method":"{}","path":"{}/{}","status":{},"duration_ms":{}.{:03},"bytes":{},"user":{{"id":{},"plan":"{}"}},"tags":["eu-west-1","blue"],"msg":"{}","trace_id":"{:08x}{:08x}{:08x}{:08x}"}})",
      text, Pick(kLevels, r), r.Below(20), 1000 + r.Below(30000), r.Next(), r.Next(),
      Pick(kMethods, r), Pick(kPaths, r), user, Pick(kStatuses, r), r.Below(900), r.Below(1000),
      r.Below(200000), user, r.Below(3) == 0 ? "enterprise" : "free", Pick(kMessages, r), r.Next(),
      r.Next(), r.Next(), r.Next());
  *out += '\n';
  ++line_;
}

std::string JsonCorpus::Make(size_t bytes) {
  JsonCorpus corpus;
  std::string text;
  text.reserve(bytes + 1024);
  while (text.size() < bytes) corpus.AppendLine(&text);
  return text;
}

}  // namespace hctail::bench
