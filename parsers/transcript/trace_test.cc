// SPDX-License-Identifier: Apache-2.0
// Ids, contexts, the saved form of a session, and elapsed time.
#include "parsers/transcript/trace.h"

#include <doctest/doctest.h>

#include "base/time_zone.h"
#include "parsers/transcript/events.h"
#include "parsers/transcript/session.h"

namespace hctail::transcript {
namespace {

TEST_CASE("Ids: of the right size, and the same for ever") {
  CHECK(TraceId("a").size() == 32);
  CHECK(TraceId("a") == TraceId("a"));
  CHECK(TraceId("a") != TraceId("b"));
  CHECK(SpanId("a", "session").size() == 16);
  CHECK(SpanId("a", 12) != SpanId("a", 13));
  CHECK(SpanId("a", 12) != SpanId("b", 12));
}

constexpr std::string_view kTraceparent = "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01";

TEST_CASE("ReadTraceContext: W3C and Honeycomb") {
  const auto w3c = ReadTraceContext(kTraceparent);
  REQUIRE(w3c);
  CHECK(w3c->trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(w3c->parent_id == "b7ad6b7169203331");
  const auto honeycomb = ReadTraceContext("1;trace_id=t-1,parent_id=p-1,context=e30=");
  REQUIRE(honeycomb);
  CHECK(honeycomb->trace_id == "t-1");
  CHECK(honeycomb->parent_id == "p-1");
  for (const char* bad :
       {"", "00", "1;trace_id=t", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"}) {
    CAPTURE(bad);
    CHECK_FALSE(ReadTraceContext(bad).has_value());
  }
}

TEST_CASE("FindTraceContext: in commands, headers and environments") {
  for (const char* before : {"traceparent=", "$env:TRACEPARENT = \"",
                             "  TraceParent: ", "TRACEPARENT                    "}) {
    const std::string text = "x " + std::string(before) + std::string(kTraceparent) + "\" y";
    CAPTURE(text);
    const bool far = std::string_view(before).size() > 25;
    CHECK(FindTraceContext(text).has_value() == !far);
  }
  CHECK(FindTraceContext("X-Honeycomb-Trace: 1;trace_id=t,parent_id=p\n")->parent_id == "p");
  CHECK_FALSE(FindTraceContext("traceparent").has_value());
  CHECK_FALSE(FindTraceContext(kTraceparent).has_value());
}

TEST_CASE("Session: comes back as it was saved") {
  Session session;
  session.phase = Session::Phase::kOpen;
  Header header;
  header.machine = "HOST";
  header.host_application = "a:b\n5:c";
  header.version = "7.4";
  session.header = std::make_shared<const Header>(header);
  session.start = Timestamp{1709630100, 0};
  session.next.time = Timestamp{1709630101, 5};
  session.next.bare_prompt = "";
  session.next.timed = true;
  session.commands = 7;
  session.sent = {true, 99, true, true, true};
  session.sent.here = true;
  session.trace_id = "t";
  const std::string saved = Save(session);
  const Session back = Restore(saved);
  CHECK(Save(back) == saved);
  CHECK(back.header->host_application == "a:b\n5:c");
  CHECK(back.commands == 7);
  CHECK(back.sent == session.sent);
  CHECK(back.next.time == session.next.time);
  CHECK(back.next.bare_prompt.has_value());
  CHECK(back.next.timed);
  CHECK_FALSE(back.last.has_value());
  CHECK(Save(Session()).empty());
}

TEST_CASE("Session: a damaged state is none") {
  Session session;
  session.phase = Session::Phase::kClosed;
  const std::string saved = Save(session);
  CHECK(Restore(saved).phase == Session::Phase::kClosed);
  for (size_t size = 0; size < saved.size(); ++size) {
    CHECK(Restore(saved.substr(0, size)).phase == Session::Phase::kNone);
  }
  CHECK(Restore("T1" + saved.substr(2)).phase == Session::Phase::kNone);
  CHECK(Restore(saved + "x").phase == Session::Phase::kNone);
  CHECK(Restore("T11:9").phase == Session::Phase::kNone);
}

TEST_CASE("Elapsed: across an hour that comes twice, and when the clock was set back") {
  const date::time_zone* const berlin = FindZone("Europe/Berlin").value();
  bool exact = false;
  CHECK(Elapsed({100, 0}, {103, 0}, nullptr, &exact) == 3000);
  CHECK(exact);
  // 02:59:55 in summer, 02:00:10 in winter but read as summer.
  CHECK(Elapsed({1729990795, 0}, {1729987210, 0}, berlin, &exact) == 15000);
  CHECK_FALSE(exact);
  CHECK(Elapsed({200, 0}, {100, 0}, nullptr, &exact) == 0);
  CHECK_FALSE(exact);
}

}  // namespace
}  // namespace hctail::transcript
