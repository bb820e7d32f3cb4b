// SPDX-License-Identifier: Apache-2.0
// What lines become stands in testdata/syslog; here are options, grouping and structured data.
#include "parsers/syslog/syslog.h"

#include <doctest/doctest.h>

#include <string>

#include "base/time_format.h"
#include "parsers/syslog/message.h"

namespace hctail::syslog {
namespace {

TEST_CASE("syslog: bad options are answered") {
  OptionValues mode;
  mode.Set("syslog.mode", {"rfc1"});
  CHECK(kSyslog.create({.options = mode}).error().message == "bad value 'rfc1' for --syslog.mode");
  OptionValues structured;
  structured.Set("syslog.structured-data", {"json"});
  CHECK(kSyslog.create({.options = structured}).error().message ==
        "bad value 'json' for --syslog.structured-data");
}

TEST_CASE("syslog: a line that does not begin with a time continues the record before it") {
  struct Case {
    std::string_view line;
    bool starts;
  };
  constexpr Case kCases[] = {
      {"Mar  5 06:07:08 web-1 x: y", true},
      {"<13>Mar  5 06:07:08 web-1 x: y", true},
      {"<13> Mar  5 06:07:08 web-1 x: y", true},
      {"2024-03-05T06:07:08+01:00 web-1 x: y", true},
      {"<34>1 2024-03-05T06:07:08Z h a p m - x", true},
      {"<34>1 - h a p m - x", true},
      {"", true},
      {"\tcontinued", false},
      {"May the force be with you", false},
      {"Mar 5th of 2024 at 06:07:08", false},
      {"2024-03-05 is a date", false},
      {"<13>hello", false},
  };
  const OptionValues none;
  const auto parser = kSyslog.create({.options = none});
  REQUIRE(parser.has_value());
  for (const Case& c : kCases) {
    CAPTURE(std::string(c.line));
    CHECK((*parser)->StartsRecord(c.line) == c.starts);
  }
}

TEST_CASE("syslog: the year is followed over New Year") {
  const OptionValues none;
  const auto parser = kSyslog.create({.options = none, .now = {1735603200, 0}});  // 2024-12-31
  REQUIRE(parser.has_value());
  Event event;
  for (const auto& [line, time] : {std::pair{"Dec 31 23:00:00 h x: y", "2024-12-31T23:00:00Z"},
                                   std::pair{"Jan  1 22:00:00 h x: y", "2025-01-01T22:00:00Z"},
                                   std::pair{"Jan  2 21:00:00 h x: y", "2025-01-02T21:00:00Z"}}) {
    event.Clear();
    (*parser)->Parse(line, &event);
    REQUIRE(event.time.has_value());
    CHECK(FormatRfc3339(*event.time) == time);
  }
}

TEST_CASE("syslog: cut anywhere, a message is an event or is refused, and nothing worse") {
  for (const std::string_view line :
       {" bbb-cccccTddddddddddddd", "<34>Mar  5 06:07:08.123 web-1 sshd[42]: x",
        "2024-03-05T06:07:08Z INFO x[1]: y",
        "<165>1 2024-03-05T06:07:08Z h a p m [ex@1 a=\"b\\]c\"][x@2 y=\"z\"] hello"}) {
    for (size_t size = 0; size <= line.size(); ++size) {
      const std::string part(line.substr(0, size));  // so that reading past its end is seen
      Message message;
      (void)Read3164(part, &message);
      Message other;
      (void)Read5424(part, &other);
      StructuredData data(part.substr(part.find('[') == std::string::npos ? 0 : part.find('[')));
      (void)BeginsMessage(part);
    }
  }
}

TEST_CASE("StructuredData: parameters in order, with their elements' ids") {
  StructuredData data(R"([a@1 x="1" y="say \"hi\""][b][c@2 z=""])");
  std::string out;
  for (Parameter p; data.Next(&p);) {
    out.append(p.id).append(".").append(p.name).append("=").append(p.value).append(" ");
  }
  CHECK(out == R"(a@1.x=1 a@1.y=say \"hi\" c@2.z= )");
  CHECK(data.at_end());
}

}  // namespace
}  // namespace hctail::syslog
