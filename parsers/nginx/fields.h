// SPDX-License-Identifier: Apache-2.0
// From the values of a matched line to the fields of an event: types, lists, and the time.
//
// A value "-" is absent.  So is an empty one of a number, and with escape=json and escape=none any
// empty one, for that is how they write what is missing; elsewhere an empty text is sent as "".
//
// Lists of upstreams: one element gives a number or text, several give the text as it stands;
// besides there are NAME_last, NAME_count and, for times and lengths, NAME_sum.
//
// Time, if no field is named for it: time_local, else time_iso8601, else msec, else HAProxy's
// accept_date, else the usual names.  What is chosen is taken out.  If there is msec besides
// time_local or time_iso8601, it gives the fraction and stays a field, as in honeytail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "event/text_time.h"
#include "parsers/nginx/access_time.h"
#include "parsers/nginx/log_format.h"

namespace hctail::nginx {

// What serves all formats of a parser: its clockwork and its memory.
struct FieldTools {
  AccessTime access_time;
  TextTime text_time;
  bool time_is_named = false;  // by an option
  std::string scratch = {};    // of the record in work; has room for all of it
};

class Fields {
 public:
  Fields(const Matcher& matcher, const FieldTools& tools);

  // `values` are those that `matcher` found.  False: there is no field but the time.
  bool Fill(const std::string_view* values, FieldTools* tools, Event* event) const;

 private:
  struct Column {
    std::string name;
    Type type = Type::kGuess;
    int time_rank = TextTime::kNone;
    std::string last = {};  // names of what is derived from a list
    std::string count = {};
    std::string sum = {};  // empty: no sum
  };
  static constexpr size_t kNone = static_cast<size_t>(-1);

  void ReadTime(const std::string_view* values, FieldTools* tools, Event* event,
                size_t* taken_out) const;
  void AddValue(const Column& column, std::string_view raw, FieldTools* tools, Event* event) const;
  void AddList(const Column& column, std::string_view text, Event* event) const;

  std::vector<Column> columns_;
  std::vector<size_t> times_;  // candidates, the best first
  size_t msec_ = kNone;
  bool ranked_ = false;  // some column has a time_rank
  Escape escape_;
};

}  // namespace hctail::nginx
