// SPDX-License-Identifier: Apache-2.0
// The times of access and error logs, read quickly.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace date {
class time_zone;
}

namespace hctail::nginx {

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Whether `text` begins as `shape`, in which '0' stands for any digit and 'a' for any byte: a
// glance, before the time is read.
constexpr bool HasShape(std::string_view text, std::string_view shape) {
  if (text.size() < shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == '0' ? !IsDigit(text[i]) : shape[i] != 'a' && shape[i] != text[i]) return false;
  }
  return true;
}

// Consecutive lines have the same day, so it is looked up once.  Serves one thread.
class AccessTime {
 public:
  explicit AccessTime(const date::time_zone* zone) : zone_(zone) {}

  // "07/Feb/2020:11:48:51 +0000".
  std::optional<Timestamp> ReadLocal(std::string_view text);
  // "25/Feb/2019:16:19:48.143", in the zone.
  std::optional<Timestamp> ReadWithoutZone(std::string_view text) const;
  // "2021/01/09 22:03:14", in the zone; or in the one in which it was then about `instant`.
  std::optional<Timestamp> ReadError(std::string_view text,
                                     std::optional<Timestamp> instant = {}) const;

 private:
  const date::time_zone* zone_;
  char date_[11] = {};  // "07/Feb/2020"
  int64_t day_ = 0;     // of it, since 1970
};

}  // namespace hctail::nginx
