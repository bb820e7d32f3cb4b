// SPDX-License-Identifier: Apache-2.0
#include "cli/honeytail_names.h"

#include <doctest/doctest.h>

#include <string>

#include "cli/flags.h"

namespace hctail {
namespace {

TEST_CASE("HoneytailOptions: each is in the option table or is refused with a hint") {
  for (const HoneytailOption& option : HoneytailOptions()) {
    CAPTURE(option.name);
    if (option.topic == HoneytailTopic::kBuilt) CHECK(FindOption(option.name) != nullptr);
    CHECK_FALSE(NotBuiltYet(option, "").hint.empty());
  }
}

TEST_CASE("FindHoneytailField: a field name of several parsers is the first's, or the section's") {
  CHECK(FindHoneytailField("ScrubFields", "")->name == "scrub_field");
  CHECK(FindHoneytailField("TimeFieldName", "")->name == "csv.timefield");
  CHECK(FindHoneytailField("TimeFieldName", "json.")->name == "json.timefield");
  CHECK(FindHoneytailField("ReadFrom", "tail.")->name == "tail.read_from");
  CHECK(FindHoneytailField("readfrom", "") == nullptr);
  CHECK(FindHoneytailField("", "") == nullptr);
}

TEST_CASE("NotBuiltYet names the option, where it stands, and what to do") {
  const Error error = NotBuiltYet(*FindHoneytailName("drop_field"), "/etc/hctail.conf:3");
  CHECK(error.message == "--drop_field is not built yet (from /etc/hctail.conf:3)");
  CHECK(error.hint ==
        "hctail sends events as they were parsed so far; remove the option to do so.");
  CHECK(NotBuiltYet(*FindHoneytailName("tail.statefile"), "").message ==
        "--tail.statefile is not built yet");
}

}  // namespace
}  // namespace hctail
