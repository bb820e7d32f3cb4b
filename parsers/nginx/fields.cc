// SPDX-License-Identifier: Apache-2.0
#include "parsers/nginx/fields.h"

#include <cmath>
#include <cstdlib>

#include "base/time_epoch.h"
#include "base/time_iso.h"
#include "event/typed_text.h"
#include "parsers/nginx/unescape.h"

namespace hctail::nginx {
namespace {

constexpr std::string_view kAbsent = "-";
constexpr std::string_view kIgnored = "_";

// As honeytail types all values: decimal if there is a point, else an integer.
Value Guess(std::string_view text) {
  if (text.contains('.')) {
    const auto decimal = ParseDecimal(text);
    return decimal ? Value::Float(*decimal) : Value::String(text);
  }
  const auto integer = ParseInteger(text);
  return integer ? Value::Int(*integer) : Value::String(text);
}

Value Decimal(std::string_view text) {
  const auto decimal = ParseDecimal(text);
  return decimal ? Value::Float(*decimal) : Value::String(text);
}

Value Integer(std::string_view text) {
  const auto integer = ParseInteger(text);
  return integer ? Value::Int(*integer) : TypedText(text);
}

Value TypedElement(Type type, std::string_view text) {
  if (type == Type::kListInteger) return Integer(text);
  return type == Type::kListDecimal ? Decimal(text) : Value::String(text);
}

// Times are written with three decimals; this takes away what adding doubles puts behind them.
double ToMicros(double seconds) { return std::round(seconds * 1e6) / 1e6; }

// The next element of a list, taken off its front: "a, b : c".
std::string_view NextElement(std::string_view* list) {
  size_t at = 0;
  size_t separator = 0;
  for (;; ++at) {
    at = list->find_first_of(", ", at);
    if (at == std::string_view::npos) break;
    if (list->substr(at).starts_with(" : ")) separator = 3;
    if ((*list)[at] == ',') separator = list->substr(at).starts_with(", ") ? 2 : 1;
    if (separator > 0) break;
  }
  const std::string_view element = list->substr(0, at);
  list->remove_prefix(at == std::string_view::npos ? list->size() : at + separator);
  return element;
}

}  // namespace

Fields::Fields(const Matcher& matcher, const FieldTools& tools) : escape_(matcher.escape()) {
  for (const Matcher::Slot& slot : matcher.slots()) {
    Column column = {.name = slot.name, .type = slot.variable.type};
    column.time_rank = tools.text_time.Rank(slot.name);
    if (IsList(column.type)) {
      column.last = column.name + "_last";
      column.count = column.name + "_count";
      const bool adds_up = column.type != Type::kListText && column.name != "upstream_status";
      if (adds_up) column.sum = column.name + "_sum";
    }
    ranked_ = ranked_ || column.time_rank != TextTime::kNone;
    columns_.push_back(std::move(column));
  }
  if (tools.time_is_named) return;
  for (const Type type : {Type::kTimeLocal, Type::kTimeIso, Type::kSeconds, Type::kDateTime}) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].type != type) continue;
      if (type == Type::kSeconds && !times_.empty()) msec_ = i;
      times_.push_back(i);
    }
  }
}

// Sets the time, and `taken_out` to its column.
void Fields::ReadTime(const std::string_view* values, FieldTools* tools, Event* event,
                      size_t* taken_out) const {
  for (const size_t i : times_) {
    const std::string_view text = values[i];
    switch (columns_[i].type) {
      case Type::kTimeLocal:
        event->time = tools->access_time.ReadLocal(text);
        break;
      case Type::kTimeIso:
        event->time = tools->text_time.Read(text);
        break;
      case Type::kSeconds:
        event->time = ParseEpochSeconds(text);
        break;
      default:
        event->time = tools->access_time.ReadWithoutZone(text);
        break;
    }
    if (!event->time) continue;
    *taken_out = i;
    break;
  }
  if (msec_ == kNone || !event->time || *taken_out == msec_) return;
  const auto precise = ParseEpochSeconds(values[msec_]);
  if (precise && std::llabs(precise->seconds - event->time->seconds) <= 1) event->time = precise;
}

void Fields::AddList(const Column& column, std::string_view text, Event* event) const {
  double sum = 0;
  int64_t integer_sum = 0;
  int64_t count = 0;
  bool has_sum = false;
  bool overflow = false;
  std::string_view last;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view element = NextElement(&rest);
    ++count;
    if (element.empty() || element == kAbsent) continue;
    last = element;
    const Value value = TypedElement(column.type, element);
    if (value.kind() == Value::Kind::kFloat) sum += value.as_float();
    if (value.kind() == Value::Kind::kInt) {
      overflow = overflow || __builtin_add_overflow(integer_sum, value.as_int(), &integer_sum);
    }
    has_sum = has_sum || value.kind() != Value::Kind::kString;
  }
  event->Add(column.name, count == 1 ? TypedElement(column.type, text) : Value::String(text));
  if (!last.empty()) event->Add(column.last, TypedElement(column.type, last));
  if (has_sum && !overflow && !column.sum.empty()) {
    const bool integers = column.type == Type::kListInteger;
    event->Add(column.sum, integers ? Value::Int(integer_sum) : Value::Float(ToMicros(sum)));
  }
  event->Add(column.count, Value::Int(count));
}

void Fields::AddValue(const Column& column, std::string_view raw, FieldTools* tools,
                      Event* event) const {
  if (raw == kAbsent || column.name == kIgnored) return;
  if (raw.empty()) {
    const bool missing = escape_ == Escape::kJson || escape_ == Escape::kNone;
    if (IsText(column.type) && !missing) event->Add(column.name, Value::String(raw));
    return;
  }
  const std::string_view text = Unescape(raw, escape_, &tools->scratch);
  switch (column.type) {
    case Type::kGuess:
      return event->Add(column.name, Guess(text));
    case Type::kInteger:
      return event->Add(column.name, Integer(text));
    case Type::kDecimal:
    case Type::kSeconds:
      return event->Add(column.name, Decimal(text));
    case Type::kListText:
    case Type::kListInteger:
    case Type::kListDecimal:
      return AddList(column, text, event);
    default:
      return event->Add(column.name, Value::String(text));
  }
}

bool Fields::Fill(const std::string_view* values, FieldTools* tools, Event* event) const {
  size_t taken_out = kNone;
  ReadTime(values, tools, event, &taken_out);
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i != taken_out) AddValue(columns_[i], values[i], tools, event);
  }
  if (!event->time && ranked_) {
    tools->text_time.Begin();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].time_rank != TextTime::kNone && values[i] != kAbsent) {
        tools->text_time.Offer(columns_[i].time_rank, values[i]);
      }
    }
    tools->text_time.Finish(event);
  }
  return !event->fields().empty();
}

}  // namespace hctail::nginx
