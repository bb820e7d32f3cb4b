// SPDX-License-Identifier: Apache-2.0
// What one record says: fields, a time, and the rate it arrived with.
//
// One Event is reused for record after record by the worker that owns it.  It owns no text: names
// and values are views into the record or the parser's scratch.  It never crosses a thread and,
// once its vectors have grown, never allocates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/value.h"

namespace hctail {

struct Field {
  std::string_view name;  // unescaped
  Value value;
};

class Event {
 public:
  // Back to no fields, no time, rate 1.  Keeps capacity.
  void Clear();

  std::span<const Field> fields() const { return fields_; }
  // The value of `name`, or null.  Where a name stands twice the last one counts, as in Go's JSON.
  const Value* Find(std::string_view name) const;

  // Appends without looking for an equal name: for parsers, which meet fields in order.
  void Add(std::string_view name, Value value) { fields_.emplace_back(name, value); }
  // Replaces the value of `name`, or appends it.
  void Set(std::string_view name, Value value);
  // Removes every field called `name`; false if there was none.
  bool Remove(std::string_view name);

  // Says that the fields, as they are now, are also the JSON object members `pieces`, to be joined
  // by commas: the encoder then copies those instead of the fields.  Set and Remove forget them.
  // Call it last, when the fields are complete.
  void SetVerbatim(std::span<const std::string_view> pieces) {
    verbatim_.assign(pieces.begin(), pieces.end());
  }
  std::span<const std::string_view> verbatim() const { return verbatim_; }
  // Says that the fields added since are also the members `piece`; nothing if there is no verbatim.
  void ExtendVerbatim(std::string_view piece) {
    if (!verbatim_.empty()) verbatim_.push_back(piece);
  }

  // When it happened.  A parser leaves it empty if the record names no usable time; the worker
  // then takes the time the record was read, and counts it as invented.
  std::optional<Timestamp> time;
  // The weight it arrived with (>= 1); `presampled` means it must not be sampled again.
  uint64_t sample_rate = 1;
  bool presampled = false;
  // The dataset the record itself names; empty: the configured one.
  std::string_view dataset;

  // How the record was understood, for who wants to be told (`hctail check`); may be empty.
  std::string_view time_from;  // the field that said the time, or in words where it stood
  std::string_view pattern;    // of a parser that has several: which

 private:
  std::vector<Field> fields_;
  std::vector<std::string_view> verbatim_;
};

}  // namespace hctail
