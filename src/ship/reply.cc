// SPDX-License-Identifier: Apache-2.0
#include "ship/reply.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/civil.h"

namespace hctail {
namespace {

constexpr size_t kErrorTextLimit = 300;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// Text of a stranger, fit for one line of a log: short, and without control characters.
std::string OneLine(std::string_view text) {
  std::string line(Trim(text));
  if (line.size() > kErrorTextLimit) {
    size_t end = kErrorTextLimit;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    line.resize(end);
    line += "...";
  }
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

bool ContainsIgnoringCase(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::search(text, word, {}, lower, lower).begin() != text.end();
}

bool IsTransient(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

bool IsOverload(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

bool IsHeld(int status) {
  constexpr std::array kHeld = {401, 402, 403, 404, 405, 407, 410};
  return std::ranges::find(kHeld, status) != kHeld.end() || (status >= 300 && status < 400);
}

Verdict::Kind KindOf(int status) {
  if (status == 413) return Verdict::Kind::kSplit;
  if (status == 400) return Verdict::Kind::kBisect;
  if (IsHeld(status)) return Verdict::Kind::kHold;
  if (status > 400 && status < 500 && !IsTransient(status)) return Verdict::Kind::kRefused;
  return Verdict::Kind::kRetry;
}

std::optional<double> ParseSeconds(std::string_view text) {
  double seconds = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

// Nothing if it is not a number of seconds, "nan" and "inf" included.
std::optional<Duration> ToWait(std::optional<double> seconds) {
  if (!seconds || !(*seconds >= 0)) return std::nullopt;
  const double longest = std::chrono::duration<double>(kLongestWait).count();
  if (*seconds >= longest) return kLongestWait;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
}

std::optional<int> ParseInt(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<int> ParseMonth(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::ranges::find(kMonths, text);
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<int>(found - kMonths.begin()) + 1;
}

std::optional<int> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hour = ParseInt(text.substr(0, 2));
  const auto minute = ParseInt(text.substr(3, 2));
  const auto second = ParseInt(text.substr(6, 2));
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return *hour * 3600 + *minute * 60 + *second;
}

// The three forms of RFC 9110 5.6.7, as seconds since 1970:
// "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994".
std::optional<int64_t> ParseHttpDate(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(" ,-"), text.size());
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::optional<int> day, month, year, time;
  if (words.size() == 6 && words[5] == "GMT") {
    day = ParseInt(words[1]), month = ParseMonth(words[2]), year = ParseInt(words[3]);
    time = ParseTimeOfDay(words[4]);
    if (year && words[3].size() == 2) *year += *year < 70 ? 2000 : 1900;
  } else if (words.size() == 5) {
    month = ParseMonth(words[1]), day = ParseInt(words[2]), time = ParseTimeOfDay(words[3]);
    year = ParseInt(words[4]);
  }
  if (!day || !month || !year || !time || *year < 1970 || *year > 9999) return std::nullopt;
  if (*day < 1 || *day > DaysInMonth(*year, *month)) return std::nullopt;
  return DaysFromCivil(*year, *month, *day) * kSecondsPerDay + *time;
}

}  // namespace

struct ReplyJudge::Parser {
  simdjson::dom::parser json;

  // The body as JSON; it lives until the next call.  Copied, since simdjson reads beyond the end.
  simdjson::simdjson_result<simdjson::dom::element> Parse(std::string_view body) {
    return json.parse(body.data(), body.size(), true);
  }
};

namespace {

// One element of the array; false if it is not {"status":N,...}.
bool ReadStatus(simdjson::dom::element element, int* status, std::string* error) {
  simdjson::dom::object object;
  int64_t number = 0;
  if (element.get(object) != simdjson::SUCCESS ||
      object["status"].get(number) != simdjson::SUCCESS || number < 100 || number > 599) {
    return false;
  }
  *status = static_cast<int>(number);
  std::string_view text;  // null and the like: no text
  if (object["error"].get(text) != simdjson::SUCCESS) text = {};
  *error = OneLine(text);
  return true;
}

}  // namespace

ReplyJudge::ReplyJudge() : parser_(std::make_unique<Parser>()) {}
ReplyJudge::~ReplyJudge() = default;

Verdict ReplyJudge::Judge(const HttpReply& reply, size_t events, Timestamp now) {
  Verdict verdict;
  verdict.status = reply.status;
  if (reply.status == 0) {
    verdict.overloaded = true;
    verdict.reason = OneLine(reply.error);
    return verdict;
  }
  if (reply.status == 200 || reply.status == 202) {
    if (reply.body_cut && events > 1) {
      // Fewer events make a shorter answer; asking the same again would never end.
      verdict.kind = Verdict::Kind::kSplit;
      verdict.reason = "the reply is over 1 MiB";
      return verdict;
    }
    if (ReadStatuses(reply, events, &verdict)) {
      verdict.kind = Verdict::Kind::kJudged;
      return verdict;
    }
    verdict.retried.clear();
    verdict.refused.clear();
    verdict.reason =
        StatusText(reply.status) + ", but the reply does not say what became of each event";
    return verdict;
  }
  const std::string text = ErrorText(reply.body);
  verdict.reason = StatusText(reply.status);
  if (!text.empty()) verdict.reason += ": " + text;
  if (!reply.location.empty()) {
    verdict.reason += fmt::format(" (redirects to '{}')", OneLine(reply.location));
  }
  verdict.kind = KindOf(reply.status);
  if (reply.status == 400 && ContainsIgnoringCase(text, "unknown api key")) {
    verdict.kind = Verdict::Kind::kHold;
    verdict.status = 401;
  }
  verdict.overloaded = IsOverload(reply.status);
  verdict.wait = ParseRetryAfter(reply.retry_after, now);
  if (!verdict.wait && reply.status == 429) verdict.wait = ParseRateLimitReset(reply.rate_limit);
  return verdict;
}

bool ReplyJudge::ReadStatuses(const HttpReply& reply, size_t events, Verdict* verdict) {
  simdjson::dom::array array;
  if (reply.body_cut || parser_->Parse(reply.body).get(array) != simdjson::SUCCESS) return false;
  uint32_t seen = 0;
  std::string error;
  for (const simdjson::dom::element element : array) {
    int status = 0;
    if (seen == events || !ReadStatus(element, &status, &error)) return false;
    if (status < 200 || (status >= 300 && status < 400)) return false;  // means nothing here
    if (status >= 300) {
      const std::string reason = error.empty() ? StatusText(status) : error;
      if (IsTransient(status)) {
        verdict->retried.push_back(seen);
        verdict->reason = fmt::format("{} for some events: {}", status, reason);
      } else {
        verdict->refused.push_back({seen, status, reason});
      }
    }
    ++seen;
  }
  return seen == events;
}

std::string ReplyJudge::ErrorText(std::string_view body) {
  simdjson::dom::object object;
  if (parser_->Parse(body).get(object) == simdjson::SUCCESS) {
    for (const std::string_view name : {"error", "detail", "title", "message"}) {
      std::string_view text;
      if (object[name].get(text) == simdjson::SUCCESS && !text.empty()) return OneLine(text);
    }
    return {};
  }
  const std::string_view text = Trim(body);
  if (text.empty() || text.front() == '<' || text.front() == '[') return {};  // a web page, a list
  return OneLine(text.substr(0, text.find('\n')));
}

std::optional<ReplyJudge::KeyInfo> ReplyJudge::ReadKeyInfo(std::string_view body) {
  simdjson::dom::object object;
  if (parser_->Parse(body).get(object) != simdjson::SUCCESS) return std::nullopt;
  const auto slug = [&](std::string_view name) {
    std::string_view text;
    const auto error = object[name]["slug"].get(text);
    return error == simdjson::SUCCESS ? OneLine(text) : std::string();
  };
  KeyInfo info;
  info.team = slug("team");
  info.environment = slug("environment");
  return info;
}

std::string StatusText(int status) {
  struct Name {
    int status;
    std::string_view text;
  };
  constexpr Name kNames[] = {
      {200, "OK"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {407, "Proxy Authentication Required"},
      {408, "Request Timeout"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  };
  const auto found = std::ranges::find(kNames, status, &Name::status);
  if (found == std::end(kNames)) return std::to_string(status);
  return fmt::format("{} {}", status, found->text);
}

std::optional<Duration> ParseRetryAfter(std::string_view value, Timestamp now) {
  value = Trim(value);
  if (value.empty()) return std::nullopt;
  if (const auto seconds = ParseSeconds(value)) return ToWait(seconds);
  const auto date = ParseHttpDate(value);
  if (!date) return std::nullopt;
  // A date that has passed means now.
  return ToWait(static_cast<double>(std::max<int64_t>(0, *date - now.seconds)));
}

std::optional<Duration> ParseRateLimitReset(std::string_view value) {
  while (!value.empty()) {
    const size_t end = std::min(value.find_first_of(",;"), value.size());
    const std::string_view part = Trim(value.substr(0, end));
    if (part.starts_with("reset=")) return ToWait(ParseSeconds(part.substr(6)));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return std::nullopt;
}

}  // namespace hctail
