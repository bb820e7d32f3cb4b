// SPDX-License-Identifier: Apache-2.0
#include "event/text_time.h"

#include <bit>

#include "base/civil.h"
#include "base/time_epoch.h"
#include "base/time_iso.h"
#include "event/typed_text.h"

namespace hctail {
namespace {

constexpr int kHoneytailNames = 11;                               // the first ones
constexpr int kIsoOnly = std::size(kTextTimeNames) - 2;           // "t"
constexpr int kZone = std::size(kTextTimeNames) - 1;              // "tz"
constexpr int kClocks[] = {0, 1};                                 // "time", "Time"
constexpr int kDates[] = {5, 6};                                  // "date", "Date"
constexpr Timestamp kGoZero = {.seconds = kMinTimestampSeconds};  // how Go programs write "not set"

bool IsNumber(std::string_view text) { return TypedText(text).kind() != Value::Kind::kString; }

}  // namespace

Result<TextTime> TextTime::Create(std::string_view name, std::string_view format,
                                  std::string_view option, const date::time_zone* zone,
                                  Timestamp now) {
  Result<TimeParser> parser = TimeParser::Create(format, zone);
  if (!parser) {
    Error error = parser.error();
    error.message += " (from --" + std::string(option) + ")";
    return std::unexpected(std::move(error));
  }
  return TextTime(name, *std::move(parser), now);
}

// Runs for every field of every record.
int TextTime::Rank(std::string_view name) const {
  if (!name_.empty()) return name == name_ ? 0 : kNone;
  static constexpr uint32_t kSizes = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 9 | 1u << 10;
  if (name.size() > 10 || (kSizes >> name.size() & 1) == 0) return kNone;
  static constexpr std::string_view kFirst = "tTdDm@";
  if (!kFirst.contains(name[0])) return kNone;
  for (size_t i = 0; i < std::size(kTextTimeNames); ++i) {
    if (name == kTextTimeNames[i]) return static_cast<int>(i);
  }
  return kNone;
}

std::optional<Timestamp> TextTime::Read(std::string_view text) {
  const std::optional<Timestamp> time = parser_.Parse(text, now_);
  if (!time || *time == kGoZero) return std::nullopt;
  Remember(*time);
  return time;
}

void TextTime::Remember(Timestamp time) {
  if (time > now_ && time.seconds - now_.seconds <= kSecondsPerDay) now_ = time;
}

// The rank of the field that says the time, or kNone.
int TextTime::Find(std::optional<Timestamp>* time) const {
  // With one field only there is nothing to choose, and Parse begins with honeytail's formats.
  const bool several = std::popcount(offered_) > 1;
  for (uint32_t left = several ? offered_ : 0; left != 0; left &= left - 1) {
    const int rank = std::countr_zero(left);
    const std::string_view text = texts_[static_cast<size_t>(rank)];
    if (rank >= kHoneytailNames) break;
    if (text.empty() || IsNumber(text)) continue;
    *time = parser_.ParseAsHoneytail(text, now_);
    if (*time) return rank;
  }
  for (uint32_t left = offered_; left != 0; left &= left - 1) {
    const int rank = std::countr_zero(left);
    const std::string_view text = texts_[static_cast<size_t>(rank)];
    if (text.empty() || rank == kZone || (rank == kIsoOnly && !ParseIso(text))) continue;
    if (IsNumber(text) && !IsPlausibleEpoch(text)) continue;
    *time = parser_.Parse(text, now_);
    if (*time) return rank;
  }
  return kNone;
}

// The date in one field and the time of day in another.
void TextTime::FinishJoined(Event* event) {
  for (const int date : kDates) {
    for (const int clock : kClocks) {
      if (OfferedAs(date).empty() || OfferedAs(clock).empty()) continue;
      std::string text = std::string(OfferedAs(date)) + ' ' + std::string(OfferedAs(clock));
      if (const std::string_view zone = OfferedAs(kZone);
          zone.starts_with('+') || zone.starts_with('-')) {
        text += zone;
      }
      const auto time = parser_.Parse(text, now_);
      if (!time) continue;
      event->Remove(kTextTimeNames[date]);
      event->Remove(kTextTimeNames[clock]);
      event->time = time;
      event->time_from = "date and time";
      Remember(*time);
      return;
    }
  }
}

void TextTime::Finish(Event* event) {
  if (offered_ == 0) return;
  std::optional<Timestamp> time;
  std::string_view name = name_;
  if (!name_.empty()) {
    time = parser_.Parse(texts_[0], now_);
  } else {
    const int rank = Find(&time);
    if (rank == kNone) return FinishJoined(event);
    name = kTextTimeNames[rank];
  }
  event->Remove(name);
  if (!time || *time == kGoZero) return;
  event->time = time;
  event->time_from = name;
  Remember(*time);
}

}  // namespace hctail
