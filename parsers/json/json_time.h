// SPDX-License-Identifier: Apache-2.0
// Which member of a JSON object is its time.
//
// With json.timefield: that member, a string or a number.  It is taken out of the event in any
// case; if it says no time, there is none (parity.md, section 3.1).
//
// Without: the names of kTimeNames, in that order, of which the first that says a time wins and is
// taken out; the others stay.  First only as honeytail would: strings, in the formats that it
// knows, under the names that it knows.  If that finds nothing, all names, all formats, and also
//  - numbers that are plausible as an epoch: 10 to 19 digits before the point;
//  - {"$date": ...}, as MongoDB writes times; the name "t" counts only so;
//  - {"epochSecond": ..., "nanoOfSecond": ...}, as Log4j 2 does; "instant" counts only so.
// So whatever honeytail takes as the time is taken here.
//
// __REALTIME_TIMESTAMP is journald's (journalctl -o json).
//
// Of equal names the last counts.  Go's zero time, 0001-01-01T00:00:00Z, and all of that year mean
// "none".
//
// Immutable once made.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time_parse.h"
#include "parsers/json/json_walk.h"

namespace hctail::json {

inline constexpr std::string_view kTimeNames[] = {
    "time",    "Time", "timestamp",  "Timestamp", "TimeStamp",
    "date",    "Date", "datetime",   "Datetime",  "DateTime",
    "msec",    "ts",   "@timestamp", "@t",        "__REALTIME_TIMESTAMP",
    "instant", "t"};
inline constexpr size_t kHoneytailTimeNames = 11;  // the first ones

class TimeField {
 public:
  // `name` is empty to look under the usual names.
  TimeField(std::string_view name, TimeParser parser) : name_(name), parser_(std::move(parser)) {}

  // Finds the time of `members` and puts it into `time`, which is empty before.  Returns the mark
  // of those that are to be taken out (it sets marks), or 0.
  uint8_t Find(std::span<Member> members, Timestamp now, std::optional<Timestamp>* time) const;

 private:
  uint8_t FindNamed(std::span<Member> members, Timestamp now, std::optional<Timestamp>* time) const;

  std::string name_;
  TimeParser parser_;
};

// What the value of an envelope's or a usual time field says: a string, a plausible epoch, a $date.
std::optional<Timestamp> ReadTime(std::string_view value, const TimeParser& parser, Timestamp now);

}  // namespace hctail::json
