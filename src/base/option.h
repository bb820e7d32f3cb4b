// SPDX-License-Identifier: Apache-2.0
// Options as data: whoever has options lists them as OptionSpecs, and help, man page,
// config keys and completions are made from that one table.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hctail {

struct OptionSpec {
  enum class Type { kFlag, kString, kInteger, kDuration, kBytes, kChoice };

  std::string_view name;  // canonical, kebab-case, without dashes: "json.time-format"
  char short_name = 0;    // 'f', or 0
  Type type = Type::kString;
  std::string_view metavar = {};               // "FILE"; for kChoice "zstd|gzip|none"
  std::string_view default_text = {};          // as a user would type it; empty: none
  std::string_view help = {};                  // one sentence, lower case, no final period
  std::vector<std::string_view> aliases = {};  // honeytail's spellings: "json.time_format"
  bool repeated = false;
  std::string_view category = {};  // the heading it stands under
};

// What was typed, by canonical name; only options that were given or have a default are present.
class OptionValues {
 public:
  void Set(std::string_view name, std::vector<std::string> values) {
    values_.insert_or_assign(std::string(name), std::move(values));
  }
  bool Has(std::string_view name) const { return values_.contains(name); }
  // The value (the last one given), or "".  The view lives as long as this object.
  std::string_view Get(std::string_view name) const {
    const auto it = values_.find(name);
    return it == values_.end() || it->second.empty() ? std::string_view() : it->second.back();
  }
  const std::vector<std::string>& All(std::string_view name) const {
    static const std::vector<std::string> kNone;
    const auto it = values_.find(name);
    return it == values_.end() ? kNone : it->second;
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace hctail
