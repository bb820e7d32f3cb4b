// SPDX-License-Identifier: Apache-2.0
// Finds the time in a line of which nothing else is known, at its beginning or not far behind it.
//
// Understood are ISO 8601 and RFC 3339 (with ' ' or 'T', any fraction, any offset or none), Go's
// and nginx's 2024/03/05 06:07:08, access logs' 05/Mar/2024:06:07:08 +0100, syslog's Mar  5
// 06:07:08, ctime's and Apache's Tue Mar 05 06:07:08.123 2024, mail's Tue, 05 Mar 2024 06:07:08
// GMT, 05 Mar 2024 06:07:08,123 and 05-Mar-2024 06:07:08 (Redis, Tomcat, PHP), Mar 05, 2024
// 6:07:08 AM (java.util.logging), 3/5/2024 6:07:08 AM (Windows; the day first if it must be),
// 05.03.2024 06:07:08, 24/03/05 06:07:08 and 240305 060708 (Hadoop), 20240305T060708Z, klog's
// I0305 06:07:08.123456, and the epoch in s, ms, us or ns as the first word.
//
// What the text does not say (zone, year) is completed as in base/time_parse.h.
// Serves one thread.  Tested by line_time_test.cc.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace date {
class time_zone;
}

namespace hctail {

class LineTime {
 public:
  // `zone` of times that name none; null: UTC.  `now` is where dates without a year are sought; it
  // follows the times found, but no jump into the future.
  LineTime(const date::time_zone* zone, Timestamp now) : zone_(zone), now_(now) {}

  // The leftmost time of the first line of `text`.
  std::optional<Timestamp> Find(std::string_view text);

 private:
  const date::time_zone* zone_;
  Timestamp now_;
};

}  // namespace hctail
