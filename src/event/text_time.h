// SPDX-License-Identifier: Apache-2.0
// Which of the fields that a parser reads as text is the time of the record.
//
// With a name given: that field.  It is taken out of the event in any case; if it says no time,
// there is none (parity.md, section 3.1).
//
// Without: the usual names, in the order of kTextTimeNames, of which the first that says a time
// wins and is taken out; the others stay.  First only as honeytail would: under the names and in
// the formats that it knows, and no numbers.  If that finds nothing, all names, all formats, and
// numbers that are plausible as an epoch.  "t" counts only if it is an ISO 8601 time.
//
// Nothing yet, and a date in one of them ("date", "Date") and a time of day in another ("time",
// "Time"): these two together, in the zone that "tz" names, if it is "+hhmm"; both are taken out.
//
// Dates without a year are completed from the newest time seen, which begins as the start of
// hctail.
//
// Serves one thread.  Tested by text_time_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/time_parse.h"
#include "event/event.h"

namespace hctail {

inline constexpr std::string_view kTextTimeNames[] = {
    "time",     "Time",     "timestamp", "Timestamp", "TimeStamp",  "date", "Date", "datetime",
    "Datetime", "DateTime", "msec",      "ts",        "@timestamp", "@t",   "t",    "tz"};

class TextTime {
 public:
  // `name` and `format` may be empty; `option` is where the format comes from, for the error.
  static Result<TextTime> Create(std::string_view name, std::string_view format,
                                 std::string_view option, const date::time_zone* zone,
                                 Timestamp now);

  // What Offer wants to know of a field called `name`; kNone: it cannot be the time.
  static constexpr int kNone = -1;
  int Rank(std::string_view name) const;

  // One record: Begin, Offer for each field that has a rank (of equal ranks the last counts), and
  // Finish, which sets the time and takes its field out.
  void Begin() { offered_ = 0; }
  void Offer(int rank, std::string_view text) {
    texts_[static_cast<size_t>(rank)] = text;
    offered_ |= 1u << rank;
  }
  void Finish(Event* event);

  // The instant that `text` names, in the format given or any that is usual.
  std::optional<Timestamp> Read(std::string_view text);
  // Where dates without a year are sought; follows the times seen, but no jump into the future.
  Timestamp now() const { return now_; }
  void Remember(Timestamp time);

 private:
  TextTime(std::string_view name, TimeParser parser, Timestamp now)
      : name_(name), parser_(std::move(parser)), now_(now) {}
  int Find(std::optional<Timestamp>* time) const;
  void FinishJoined(Event* event);
  std::string_view OfferedAs(int rank) const {
    return (offered_ >> rank & 1) != 0 ? texts_[static_cast<size_t>(rank)] : std::string_view();
  }

  std::string name_;
  TimeParser parser_;
  Timestamp now_;
  std::array<std::string_view, std::size(kTextTimeNames)> texts_;
  uint32_t offered_ = 0;
};

}  // namespace hctail
