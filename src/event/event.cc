// SPDX-License-Identifier: Apache-2.0
#include "event/event.h"

#include <algorithm>

namespace hctail {

void Event::Clear() {
  fields_.clear();
  verbatim_.clear();
  time.reset();
  sample_rate = 1;
  presampled = false;
  dataset = {};
  time_from = {};
  pattern = {};
}

const Value* Event::Find(std::string_view name) const {
  for (size_t i = fields_.size(); i-- > 0;) {
    if (fields_[i].name == name) return &fields_[i].value;
  }
  return nullptr;
}

void Event::Set(std::string_view name, Value value) {
  verbatim_.clear();
  for (size_t i = fields_.size(); i-- > 0;) {
    if (fields_[i].name == name) {
      fields_[i].value = value;
      return;
    }
  }
  fields_.emplace_back(name, value);
}

bool Event::Remove(std::string_view name) {
  const size_t removed = std::erase_if(fields_, [&](const Field& f) { return f.name == name; });
  if (removed != 0) verbatim_.clear();
  return removed != 0;
}

}  // namespace hctail
