// SPDX-License-Identifier: Apache-2.0
#include "ship/letter_reader.h"

#include <simdjson.h>

namespace hctail {

using simdjson::ondemand::json_type;

struct LetterReader::Rep {
  bool Take(std::string_view line, Letter* letter);
  bool TakeMember(std::string_view name, simdjson::ondemand::value value, Letter* letter);
  bool TakeRecord(simdjson::ondemand::value value, Letter* letter);

  simdjson::ondemand::parser parser;
  std::string padded;
  std::string time, file, dataset, record;
  bool has_record = false;
};

bool LetterReader::Rep::TakeRecord(simdjson::ondemand::value value, Letter* letter) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  std::string_view text;
  if (type == json_type::string) {
    if (value.get_string().get(text) != simdjson::SUCCESS) return false;
  } else if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    if (object.raw_json().get(text) != simdjson::SUCCESS) return false;
  } else {
    return false;
  }
  record.assign(text);
  record.reserve(record.size() + simdjson::SIMDJSON_PADDING);
  letter->is_event = type == json_type::object;
  has_record = true;
  return true;
}

bool LetterReader::Rep::TakeMember(std::string_view name, simdjson::ondemand::value value,
                                   Letter* letter) {
  if (name == "record") return TakeRecord(value, letter);
  if (name == "offset") return value.get_uint64().get(letter->offset) == simdjson::SUCCESS;
  std::string* const to = name == "time"      ? &time
                          : name == "file"    ? &file
                          : name == "dataset" ? &dataset
                                              : nullptr;
  if (to == nullptr) return true;
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) return false;
  to->assign(text);
  return true;
}

bool LetterReader::Rep::Take(std::string_view line, Letter* letter) {
  padded.assign(line);
  padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
  time.clear();
  file.clear();
  dataset.clear();
  has_record = false;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded.data(), padded.size(), padded.capacity()).get(document) !=
          simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return false;
  }
  for (auto field : object) {
    std::string_view name;
    simdjson::ondemand::value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    const std::string key(name);  // the value's text may take its place
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    if (!TakeMember(key, value, letter)) return false;
  }
  const char* rest = nullptr;
  return has_record && document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
}

LetterReader::LetterReader() : rep_(std::make_unique<Rep>()) {}
LetterReader::~LetterReader() = default;

bool LetterReader::Read(std::string_view line, Letter* letter) {
  *letter = {};
  if (!rep_->Take(line, letter)) return false;
  letter->time = rep_->time;
  letter->file = rep_->file;
  letter->dataset = rep_->dataset;
  letter->record = rep_->record;
  return true;
}

}  // namespace hctail
