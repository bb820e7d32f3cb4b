// SPDX-License-Identifier: Apache-2.0
// Turns the text of a time field into an instant: the format that was given, then the usual ones.
//
// Precedence (parity.md, section 3.1; 1 to 4 are honeytail's):
//  1. the given format: strftime (then the same text as a Go layout), a Go layout, or epoch seconds
//     for `unixepoch`, `%s(%L)?` and `%s(.%L)?`;
//  2. RFC 3339, `2006-01-02 15:04:05.9 -0700 MST`, `Mon Jan 02 15:04:05 -0700 2006`,
//     `Mon Jan _2 15:04:05 MST 2006`;
//  3. a number, by magnitude (time_epoch.h);
//  4. otherwise it is no time.  Where honeytail stops, Parse goes on:
//  5. ISO 8601 with a space, without a zone, or with +hhmm or +hh; then the layouts of Apache,
//     nginx's error log, ctime, mail, Go and syslog.
// A ',' counts as '.' in formats and texts.
//
// What the text does not say:
//  - Zone: the zone the parser was made with.  An offset or "Z" in the text beats it.
//    Abbreviations are those that this zone uses, UTC, and GMT+n; others count as UTC.
//    Clock changes: see OffsetAtWall.
//  - Year: the one that makes the time closest to now but not more than a day after it.
//  - Date: the day that makes the time closest to now.
//
// Times outside the years 1 to 9999 are no times.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/time_layout.h"
#include "base/time_zone.h"

namespace hctail {

// Immutable once made, so one may serve all threads.
class TimeParser {
 public:
  // No format, UTC.
  TimeParser() = default;

  // `format` may be empty; `zone` is null for UTC.  Error: "bad time format 'X': ...".
  static Result<TimeParser> Create(std::string_view format, const date::time_zone* zone);

  // The instant that `text` names.  `now` serves only to complete dates without a year or a day.
  std::optional<Timestamp> Parse(std::string_view text, Timestamp now) const;

  // Steps 1 to 4 only: for a field that merely looks like a time, where honeytail's choice between
  // several fields must be ours.
  std::optional<Timestamp> ParseAsHoneytail(std::string_view text, Timestamp now) const;

 private:
  std::optional<Timestamp> ParseGiven(std::string_view text, Timestamp now) const;
  std::optional<Timestamp> ParseFirst(const std::vector<TimeLayout>& layouts, std::string_view text,
                                      Timestamp now) const;
  std::optional<Timestamp> ParseExtra(std::string_view text, Timestamp now) const;

  std::vector<TimeLayout> layouts_;  // the given format: none, one, or as strftime and as Go layout
  bool epoch_seconds_ = false;
  const date::time_zone* zone_ = nullptr;
};

// The instant of `time` in `zone`, completed as said above; empty if there is no such day.
std::optional<Timestamp> Resolve(const CivilTime& time, const date::time_zone* zone, Timestamp now);

}  // namespace hctail
