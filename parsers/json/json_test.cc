// SPDX-License-Identifier: Apache-2.0
#include "parsers/json/json.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_format.h"
#include "base/time_zone.h"

namespace hctail::json {
namespace {

constexpr Timestamp kNow{1709618828, 0};  // 2024-03-05T06:07:08Z

using Options = std::vector<std::pair<std::string, std::string>>;

class Harness {
 public:
  explicit Harness(const Options& options = {}, std::string_view zone = "") {
    OptionValues values;
    for (const auto& [name, value] : options) values.Set(name, {value});
    parser_ = kJson.create({values, FindZone(zone).value(), kNow}).value();
  }

  Parsed Parse(std::string_view record) {
    event.Clear();
    padded_.assign(record);
    padded_.append(kRecordPadding, '}');  // whatever stands there must not matter
    return parser_->Parse(std::string_view(padded_).substr(0, record.size()), &event);
  }

  // The verbatim text of the event, after '@' its time, and what else is unusual; or the reason.
  std::string Show(std::string_view record) {
    const Parsed parsed = Parse(record);
    if (parsed.outcome == Parsed::Outcome::kSkip) return fmt::format("skip: {}", parsed.why);
    if (parsed.outcome == Parsed::Outcome::kMalformed) return std::string(parsed.why);
    std::string text;
    for (const std::string_view piece : event.verbatim()) {
      if (!text.empty()) text += ',';
      text += piece;
    }
    if (event.time) text += " @" + FormatRfc3339(*event.time);
    if (event.presampled) text += fmt::format(" rate {}", event.sample_rate);
    if (!event.dataset.empty()) text += fmt::format(" to {}", event.dataset);
    if (!parsed.why.empty()) text += fmt::format(" ({})", parsed.why);
    return text;
  }

  Event event;

 private:
  std::unique_ptr<Parser> parser_;
  std::string padded_;
};

struct Case {
  std::string record, shown;
};

void CheckAll(Harness* harness, std::span<const Case> cases) {
  for (const Case& c : cases) {
    CAPTURE(c.record);
    CHECK(harness->Show(c.record) == c.shown);
  }
}

TEST_CASE("json: an object is an event, and its values stay as they are written") {
  Harness json;
  const Case kCases[] = {
      {R"({"level":"warn","ms":12.50,"tags":["a"],"ctx":{"ip":"10.0.0.1"}})",
       R"("level":"warn","ms":12.50,"tags":["a"],"ctx":{"ip":"10.0.0.1"})"},
      {R"({"big":12345678901234567890,"z":null,"e":1E5})",
       R"("big":12345678901234567890,"z":null,"e":1E5)"},
      {"  {\"a\":1}\r", R"("a":1)"},
      {R"({ "a" : 1 , "b" : [ 1 ] })", R"("a" : 1 , "b" : [ 1 ])"},
      {R"({"a":1,"a":2})", R"("a":1,"a":2)"},
      {R"({"timestamp":1709618828,"m":1})", R"("m":1 @2024-03-05T06:07:08Z)"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: fields have unescaped names and raw values") {
  Harness json;
  REQUIRE(json.Parse(R"({"caf\u00e9":"\u00e9","a\"b":1.10,"plain":{"x":[1, 2]}})").outcome ==
          Parsed::Outcome::kEvent);
  REQUIRE(json.event.fields().size() == 3);
  CHECK(json.event.fields()[0].name == "caf\u00e9");
  CHECK(json.event.fields()[0].value.text() == R"("\u00e9")");
  CHECK(json.event.fields()[1].name == "a\"b");
  CHECK(json.event.fields()[1].value.text() == "1.10");
  CHECK(json.event.fields()[2].name == "plain");
  CHECK(json.event.fields()[2].value.text() == R"({"x":[1, 2]})");
  CHECK(json.event.fields()[2].value.kind() == Value::Kind::kRawJson);
}

TEST_CASE("json: lines that are no event say why") {
  Harness json;
  const Case kCases[] = {
      {"", "skip: blank line"},
      {" \t\r", "skip: blank line"},
      {std::string(5, '\0'), "skip: blank line"},
      {"\xef\xbb\xbf", "skip: blank line"},
      {"{}", "empty object"},
      {"{ }", "empty object"},
      {R"({"time":"2024-03-05T06:07:08Z"})", "no field besides the time"},
      {"null", "not a JSON object"},
      {"[1]", "not a JSON object"},
      {"\"s\"", "not a JSON object"},
      {"level=info msg=x", "not a JSON object"},
      {R"({"a":1}{"b":2})", "bad JSON: trailing text"},
      {R"({"a":"x)", "bad JSON: unclosed string"},
      {R"({"a":1)", "bad JSON: cut short"},
      {std::string("{\"a\":\"\0\"}", 9), "bad JSON: control character in a string"},
      {R"({"a":1e999})", "bad JSON: number out of range"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: what can be mended is, and says so") {
  Harness json;
  const Case kCases[] = {
      {std::string("\0\0{\"a\":1}\0", 10), R"("a":1)"},
      {"\xef\xbb\xbf{\"a\":1}", R"("a":1)"},
      {"{\"a\":\"M\xfcller\"}", "\"a\":\"M\uFFFDller\" (invalid UTF-8 replaced)"},
      {"{\"\xff\":1}", "\"\uFFFD\":1 (invalid UTF-8 replaced)"},
      {"{\"a\":\xff}", "bad JSON: bad value"},
      {R"({"a":"\ud800"})", R"("a":"\ufffd" (lone surrogate replaced))"},
      {R"({"a":"\ud83d\ude00"})", R"("a":"\ud83d\ude00")"},
      {"{\"a\":\"\xff\\ud800\"}", "\"a\":\"\uFFFD\\ufffd\" (invalid UTF-8 replaced)"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: the first of the usual names that says a time wins and is taken out") {
  Harness json;
  const Case kCases[] = {
      {R"({"time":"2024-03-05T06:07:08.9+02:00","msg":"x"})",
       R"("msg":"x" @2024-03-05T04:07:08.9Z)"},
      {R"({"msg":"x","time":"2024-03-05T06:07:08Z","n":1})",
       R"("msg":"x","n":1 @2024-03-05T06:07:08Z)"},
      {R"({"msg":"x","time":"2024-03-05T06:07:08Z"})", R"("msg":"x" @2024-03-05T06:07:08Z)"},
      {R"({"date":"2024-03-05T06:07:08Z","time":"2025-03-05T06:07:08Z"})",
       R"("date":"2024-03-05T06:07:08Z" @2025-03-05T06:07:08Z)"},
      {R"({"time":"soon","Date":"2024-03-05T06:07:08Z"})",
       R"("time":"soon" @2024-03-05T06:07:08Z)"},
      // honeytail does not know the first format, so the other field is its time and ours.
      {R"({"time":"2024-03-05 06:07:08","date":"2024-03-05T06:07:08Z"})",
       R"("time":"2024-03-05 06:07:08" @2024-03-05T06:07:08Z)"},
      {R"({"time":"2024-03-05 06:07:09","date":"yes"})", R"("date":"yes" @2024-03-05T06:07:09Z)"},
      {R"({"msec":"1709618828.5","a":1})", R"("a":1 @2024-03-05T06:07:08.5Z)"},
      {R"({"a":1,"time":"soon"})", R"("a":1,"time":"soon")"},
      {R"({"a":1,"time":""})", R"("a":1,"time":"")"},
      {R"({"TIME":"2024-03-05T06:07:08Z"})", R"("TIME":"2024-03-05T06:07:08Z")"},
      {R"({"a":1,"time":"2024-03-05T06:07:08\u005a"})", R"("a":1 @2024-03-05T06:07:08Z)"},
      {R"({"a":1,"tim\u0065":"2024-03-05T06:07:08Z"})", R"("a":1 @2024-03-05T06:07:08Z)"},
      {R"({"a":1,"time":"0001-01-01T00:00:00Z"})", R"("a":1)"},
      {R"({"a":1,"time":"0001-01-01T00:00:00-07:53"})", R"("a":1)"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: every usual name is found, and they come in honeytail's order") {
  Harness json;
  const std::string_view kNames[] = {"time", "Time", "timestamp",  "Timestamp", "TimeStamp",
                                     "date", "Date", "datetime",   "Datetime",  "DateTime",
                                     "msec", "ts",   "@timestamp", "@t"};
  std::string others;
  int second = 59;
  for (size_t i = std::size(kNames); i-- > 0; --second) {
    // The more important a name is, the later it stands in the line.
    others += fmt::format(R"("{}":"2024-03-05T06:07:{:02}Z",)", kNames[i], second);
    const std::string record = fmt::format(R"({{{}"m":1}})", others);
    CAPTURE(record);
    CHECK(json.Show(record).ends_with(fmt::format(R"("m":1 @2024-03-05T06:07:{:02}Z)", second)));
    CHECK_FALSE(json.Show(record).contains(fmt::format(R"("{}":)", kNames[i])));
  }
}

TEST_CASE("json: times that honeytail does not see count when it would see none") {
  Harness json;
  const Case kCases[] = {
      {R"({"ts":1709618828.3152757,"m":1})", R"("m":1 @2024-03-05T06:07:08.3152757Z)"},
      {R"({"time":1709618828123,"m":1})", R"("m":1 @2024-03-05T06:07:08.123Z)"},
      {R"({"time":1709618828123456789,"m":1})", R"("m":1 @2024-03-05T06:07:08.123456789Z)"},
      {R"({"ts":1.7096188283152757e9,"m":1})", R"("m":1 @2024-03-05T06:07:08.3152757Z)"},
      {R"({"time":1709618828,"date":"2025-03-05T06:07:08Z"})",
       R"("time":1709618828 @2025-03-05T06:07:08Z)"},
      {R"({"@timestamp":"2024-03-05T06:07:08Z","m":1})", R"("m":1 @2024-03-05T06:07:08Z)"},
      {R"({"@t":"2024-03-05T06:07:08Z","m":1})", R"("m":1 @2024-03-05T06:07:08Z)"},
      {R"({"timestamp":"2024-11-12T14:13:36.574+0900","m":1})",
       R"("m":1 @2024-11-12T05:13:36.574Z)"},
      {R"({"t":{"$date":"2020-05-20T19:17:06.188+00:00"},"s":"I"})",
       R"("s":"I" @2020-05-20T19:17:06.188Z)"},
      {R"({"t": { "$date" : {"$numberLong":"1709618828123"} } ,"s":"I"})",
       R"("s":"I" @2024-03-05T06:07:08.123Z)"},
      {R"({"date":{"$date":1709618828123},"s":"I"})", R"("s":"I" @2024-03-05T06:07:08.123Z)"},
      {R"({"__REALTIME_TIMESTAMP" : "1709618828123456", "m":1})",
       R"("m":1 @2024-03-05T06:07:08.123456Z)"},
      {R"({"instant": {"epochSecond" : 1709618828, "nanoOfSecond":123000000 },"m":1})",
       R"("m":1 @2024-03-05T06:07:08.123Z)"},
      // Not times: durations, counters, ranges.
      {R"({"time":0.125,"m":1})", R"("time":0.125,"m":1)"},
      {R"({"time":200,"m":1})", R"("time":200,"m":1)"},
      {R"({"time":-1709618828,"m":1})", R"("time":-1709618828,"m":1)"},
      {R"({"time":true,"date":null,"ts":[1709618828]})",
       R"("time":true,"date":null,"ts":[1709618828])"},
      {R"({"t":"2024-03-05T06:07:08Z"})", R"("t":"2024-03-05T06:07:08Z")"},
      {R"({"t":{"$date":"2020-05-20T19:17:06Z","x":"y"},"s":1})",
       R"("t":{"$date":"2020-05-20T19:17:06Z","x":"y"},"s":1)"},
      {R"({"t":{},"s":1})", R"("t":{},"s":1)"},
      {R"({"instant":"2024-03-05T06:07:08Z"})", R"("instant":"2024-03-05T06:07:08Z")"},
      {R"({"instant":{"epochSecond":5,"nanoOfSecond":1000000000},"s":1})",
       R"("instant":{"epochSecond":5,"nanoOfSecond":1000000000},"s":1)"},
      {R"({"instant":{"epochSecond":-5,"nanoOfSecond":1},"s":1})",
       R"("instant":{"epochSecond":-5,"nanoOfSecond":1},"s":1)"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: of equal time fields the last counts, and all are taken out") {
  Harness json;
  const Case kCases[] = {
      {R"({"time":"2024-03-05T06:07:08Z","m":1,"time":"2024-03-05T06:07:09Z","n":2})",
       R"("m":1,"n":2 @2024-03-05T06:07:09Z)"},
      {R"({"time":"2024-03-05T06:07:08Z","m":1,"time":"soon"})",
       R"("time":"2024-03-05T06:07:08Z","m":1,"time":"soon")"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: a named time field is taken out in any case, and nothing else is tried") {
  Harness json(Options{{"json.timefield", "when"}});
  const Case kCases[] = {
      {R"({"when":"2024-03-05T06:07:08Z","m":1})", R"("m":1 @2024-03-05T06:07:08Z)"},
      {R"({"when":1709618828.5,"m":1})", R"("m":1 @2024-03-05T06:07:08.5Z)"},
      {R"({"when":1709618828123,"m":1})", R"("m":1 @2024-03-05T06:07:08.123Z)"},
      {R"({"when":1709618828.0,"m":1})", R"("m":1 @2024-03-05T06:07:08Z)"},
      {R"({"when":12345,"m":1})", R"("m":1)"},
      {R"({"when":12345.0,"m":1})", R"("m":1)"},
      {R"({"when":"","m":1})", R"("m":1)"},
      {R"({"when":"soon","time":"2024-03-05T06:07:08Z"})", R"("time":"2024-03-05T06:07:08Z")"},
      {R"({"when":true,"m":1})", R"("m":1)"},
      {R"({"when":null,"m":1})", R"("m":1)"},
      {R"({"when":{"$date":"2024-03-05T06:07:08Z"},"m":1})", R"("m":1 @2024-03-05T06:07:08Z)"},
      {R"({"time":"2024-03-05T06:07:08Z","m":1})", R"("time":"2024-03-05T06:07:08Z","m":1)"},
      {R"({"when":1,"m":1,"when":"2024-03-05T06:07:08Z"})", R"("m":1 @2024-03-05T06:07:08Z)"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: the rows of honeytail's time table, through the parser") {
  struct Row {
    std::string value, format, zone, time;
  } const kRows[] = {
      {R"("2024-03-05 06:07:08,25")", "%Y-%m-%d %H:%M:%S", "", "2024-03-05T06:07:08.25Z"},
      {R"("05/Mar/2024:06:07:08 +0530")", "%d/%b/%Y:%H:%M:%S %z", "", "2024-03-05T00:37:08Z"},
      {R"("2024-07-05 06:07:08")", "%Y-%m-%d %H:%M:%S", "America/New_York", "2024-07-05T10:07:08Z"},
      {R"("Tue Mar  5 06:07:08 EST 2024")", "", "America/New_York", "2024-03-05T11:07:08Z"},
      {R"("Mar  5 06:07:08")", "%b %e %T", "", "2024-03-05T06:07:08Z"},
      {R"(1709618828.5)", "", "", "2024-03-05T06:07:08.5Z"},
      {R"("-5.5")", "unixepoch", "", "1969-12-31T23:59:54.5Z"},
      {R"("2024-03-05 06:07:08")", "2006-01-02 15:04:05", "", "2024-03-05T06:07:08Z"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.value);
    Harness json(Options{{"json.timefield", "ts"}, {"json.time-format", row.format}}, row.zone);
    CHECK(json.Show(fmt::format(R"({{"ts":{},"m":1}})", row.value)) == R"("m":1 @)" + row.time);
  }
}

TEST_CASE("json: envelopes are recognised by themselves") {
  Harness json;
  const Case kCases[] = {
      {R"({"data":{"key":"val"},"samplerate":2,"time":"2024-03-05T06:07:08.9Z","dataset":"d"})",
       R"("key":"val" @2024-03-05T06:07:08.9Z rate 2 to d)"},
      {R"({"samplerate":5,"data":{"a":1,"f":{"f":1}},"user_agent":"libhoney-py/1.4.0"})",
       R"("a":1,"f":{"f":1} rate 5)"},
      {R"({"data":{"a":1}})", R"("a":1 rate 1)"},
      {R"({"data":{"time":"2024-03-05T06:07:08Z"}})", R"("time":"2024-03-05T06:07:08Z" rate 1)"},
      {R"({"data":{"a":1},"time":"0001-01-01T00:00:00Z"})", R"("a":1 rate 1)"},
      {R"({"data":{"a":1},"time":"0001-01-01T00:00:01Z"})", R"("a":1 rate 1)"},
      {R"({"data":{"a":1},"time":1709618828})", R"("a":1 @2024-03-05T06:07:08Z rate 1)"},
      {R"({"data":{"a":1},"time":null,"samplerate":null,"dataset":null})", R"("a":1 rate 1)"},
      {R"({"data":{"a":1},"samplerate":2.9})", R"("a":1 rate 2)"},
      {R"({"data":{"a":1},"samplerate":1e3})", R"("a":1 rate 1000)"},
      {R"({"data":{"\u0061":1},"dataset":"caf\u00e9 d"})", "\"\\u0061\":1 rate 1 to caf\u00e9 d"},
      {R"({"data":{},"time":"2024-03-05T06:07:08Z"})", "empty object"},
      {R"({"data":{"a":1},"samplerate":0})", "bad samplerate"},
      {R"({"data":{"a":1},"samplerate":0.5})", "bad samplerate"},
      {R"({"data":{"a":1},"samplerate":-4})", "bad samplerate"},
      {R"({"data":{"a":1},"samplerate":1e300})", "bad samplerate"},
      {R"({"data":{"a":1},"samplerate":18446744073709551615})", "bad samplerate"},
      {R"({"data":{"a":1},"samplerate":"2"})", "bad samplerate"},
      {R"({"data":{"a":1},"dataset":7})", "bad dataset"},
      {R"({"data":{"a":1,}})", "bad JSON: name is not a string"},
      // Not envelopes.
      {R"({"data":{"a":1},"level":"info"})", R"("data":{"a":1},"level":"info")"},
      {R"({"data":"x","time":"2024-03-05T06:07:08Z"})", R"("data":"x" @2024-03-05T06:07:08Z)"},
      {R"({"samplerate":4,"dataset":"d"})", R"("samplerate":4,"dataset":"d")"},
  };
  CheckAll(&json, kCases);
}

TEST_CASE("json: names inside an envelope are unescaped and views stay good") {
  Harness json;
  json.Parse(R"({"dataset":"d\u0061","data":{"k\u0031":1,"k2":2,"k\u0033":3}})");
  REQUIRE(json.event.fields().size() == 3);
  CHECK(json.event.fields()[0].name == "k1");
  CHECK(json.event.fields()[1].name == "k2");
  CHECK(json.event.fields()[2].name == "k3");
  CHECK(json.event.dataset == "da");
}

TEST_CASE("json: json.envelope=yes wants envelopes, =no knows none") {
  Harness yes(Options{{"json.envelope", "yes"}});
  const Case kYes[] = {
      {R"({"data":{"a":1},"level":"info","samplerate":3})", R"("a":1 rate 3)"},
      {R"({"level":"info","time":"2024-03-05T06:07:08Z","data":{"a":1}})",
       R"("a":1 @2024-03-05T06:07:08Z rate 1)"},
      {R"({"a":1})", "envelope without data"},
      {R"({"data":[1]})", "envelope without data"},
  };
  CheckAll(&yes, kYes);
  Harness no(Options{{"json.envelope", "no"}});
  const Case kNo[] = {
      {R"({"data":{"a":1},"samplerate":3})", R"("data":{"a":1},"samplerate":3)"},
  };
  CheckAll(&no, kNo);
}

TEST_CASE("json: options that make no sense are errors") {
  const auto message = [](const std::string& name, const std::string& value) {
    OptionValues values;
    values.Set(name, {value}, "hctail.conf:14");
    const auto parser = kJson.create({.options = values});
    return parser ? std::string("none") : parser.error().message;
  };
  CHECK(message("json.time-format", "%Y-%Q") ==
        "bad time format '%Y-%Q': unknown directive '%Q' at character 4 (from hctail.conf:14)");
  CHECK(message("json.envelope", "maybe") ==
        "bad value 'maybe' for json.envelope (from hctail.conf:14)");
}

TEST_CASE("json: dates without a year follow the log over New Year") {
  Harness json(Options{{"json.timefield", "ts"}});
  // The parser was made in March 2024; a log that it has followed since goes on into 2025.
  std::string last;
  for (int day = 0; day < 310; ++day) {
    const Timestamp time{kNow.seconds + day * 86400, 0};
    const std::string date = FormatRfc3339(time);
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int month = std::stoi(date.substr(5, 2));
    last = json.Show(fmt::format(R"({{"m":1,"ts":"{} {:2} {}"}})", kMonths[month - 1],
                                 std::stoi(date.substr(8, 2)), date.substr(11, 8)));
    REQUIRE(last == R"("m":1 @)" + date);
  }
  CHECK(last == R"("m":1 @2025-01-08T06:07:08Z)");
}

TEST_CASE("json: a line of 10 MB, and one with very many fields") {
  Harness json;
  std::string text;
  text.resize(10'000'000, 'x');
  CHECK(json.Show(R"({"a":")" + text + R"("})") == R"("a":")" + text + '"');
  std::string many = R"({"n\u0030":0)";
  for (int i = 1; i < 100'000; ++i) many += fmt::format(R"(,"n\u0030{}":{})", i, i);
  REQUIRE(json.Parse(many + "}").outcome == Parsed::Outcome::kEvent);
  REQUIRE(json.event.fields().size() == 100'000);
  CHECK(json.event.fields()[0].name == "n0");
  CHECK(json.event.fields()[99'999].name == "n099999");
  CHECK(json.Show(R"({"a":1})") == R"("a":1)");
}

TEST_CASE("json: sniffing counts the lines that are objects") {
  const auto sniff = [](const std::vector<std::string_view>& lines) {
    const Confidence confidence = kJson.sniff(lines);
    return fmt::format("{:.2f} {}", confidence.score, confidence.reason);
  };
  CHECK(sniff({R"({"a":1})", "", R"({"b":{}} )"}) == "1.00 2 of 2 lines are JSON objects");
  CHECK(sniff({R"({"a":1})", "{oops", "x=1", "[1]"}) == "0.25 1 of 4 lines are JSON objects");
  CHECK(sniff({"{\"a\":\"\xff\"}"}) == "1.00 1 of 1 lines are JSON objects");
  CHECK(sniff({}) == "0.00 there are no lines");
  CHECK(sniff({" ", ""}) == "0.00 there are no lines");
}

}  // namespace
}  // namespace hctail::json
