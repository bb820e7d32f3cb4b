// SPDX-License-Identifier: Apache-2.0
// Options as data: whoever has options lists them as OptionSpecs, and help, man page,
// config keys and completions are made from that one table.
#pragma once

#include <cstdint>
#include <limits>
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
  // More sentences for --help and the man page, each with its period.
  std::string_view detail = {};
  // What is allowed: a count (kInteger) or bytes (kBytes).
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();
  std::string_view unit = "s";       // kDuration: what a plain number counts, "s" or "ms"
  std::string_view stands_for = {};  // kFlag: another way to write "output=stdout"
  bool common = false;               // -h shows it too
  bool in_config_file = true;
};

// What was typed, by canonical name; only options that were given or have a default are present.
// A flag that was given has the value "true".
class OptionValues {
 public:
  // `origin` says where the values stand: "--parser", "/etc/hctail.conf:14"; empty: the default.
  void Set(std::string_view name, std::vector<std::string> values, std::string origin = {}) {
    origins_.insert_or_assign(std::string(name), std::move(origin));
    values_.insert_or_assign(std::string(name), std::move(values));
  }
  void Erase(std::string_view name) {
    if (const auto it = values_.find(name); it != values_.end()) values_.erase(it);
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
  // Where the (last) value stands, or "" for a default; the view lives as long as this object.
  std::string_view Origin(std::string_view name) const {
    const auto it = origins_.find(name);
    return it == origins_.end() ? std::string_view() : std::string_view(it->second);
  }
  // The same in a message: " (from --parser)", or "".
  std::string From(std::string_view name) const {
    const std::string_view origin = Origin(name);
    return origin.empty() ? std::string() : " (from " + std::string(origin) + ")";
  }
  // Takes over everything that `stronger` has.
  void Override(const OptionValues& stronger) {
    for (const auto& [name, values] : stronger.values_) {
      Set(name, values, std::string(stronger.Origin(name)));
    }
  }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> origins_;
};

}  // namespace hctail
