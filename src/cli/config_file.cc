// SPDX-License-Identifier: Apache-2.0
#include "cli/config_file.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/option_value.h"
#include "cli/did_you_mean.h"
#include "cli/flags.h"
#include "cli/honeytail_names.h"

namespace hctail {
namespace {

std::string_view Trimmed(std::string_view text) {
  static constexpr std::string_view kBlank = " \t\r\f\v";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// What a key means: at most one of the two is set.
struct Meaning {
  const OptionSpec* option = nullptr;
  const HoneytailOption* not_built = nullptr;
};

Meaning MeaningOfName(std::string_view name) {
  if (const OptionSpec* option = FindOption(name)) return {.option = option};
  return {.not_built = FindHoneytailName(name)};
}

// honeytail's order: field name, long name with its prefix, short letter; and then ours, the long
// name without the prefix of its section.
Meaning MeaningOfKey(std::string_view key, std::string_view prefix) {
  if (const HoneytailOption* field = FindHoneytailField(key, prefix)) {
    return MeaningOfName(field->name);
  }
  const Meaning whole = MeaningOfName(key);
  if (whole.option != nullptr || whole.not_built != nullptr) return whole;
  for (const OptionSpec& option : AllOptions()) {
    if (key.size() == 1 && option.short_name == key[0]) return {.option = &option};
  }
  if (prefix.empty()) return {};
  return MeaningOfName(std::string(prefix) + std::string(key));
}

std::vector<std::string_view> AllKeys() {
  std::vector<std::string_view> keys;
  for (const OptionSpec& option : AllOptions()) {
    if (!option.in_config_file) continue;
    keys.push_back(option.name);
    keys.insert(keys.end(), option.aliases.begin(), option.aliases.end());
  }
  for (const HoneytailOption& option : HoneytailOptions()) {
    keys.push_back(option.name);
    if (!option.field.empty()) keys.push_back(option.field);
  }
  return keys;
}

class ConfigReader {
 public:
  explicit ConfigReader(const std::string& path) : path_(path) {}

  Status ReadLine(std::string_view line) {
    ++line_number_;
    line = Trimmed(line);
    if (line.empty() || line[0] == ';' || line[0] == '#') return {};
    if (line[0] == '[') return ReadSection(line);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
      return Fail(Here() + ": there is no '=' in this line",
                  "Write KEY = VALUE; a comment line begins with ; or #.");
    }
    return ReadPair(Trimmed(line.substr(0, equals)), Trimmed(line.substr(equals + 1)));
  }

  OptionValues Values() const {
    OptionValues values;
    for (const auto& [name, setting] : settings_) {
      values.Set(name, setting.values, At(setting.line_number));
    }
    return values;
  }

 private:
  struct Setting {
    std::vector<std::string> values;
    int line_number = 0;  // of the last value
  };

  std::string At(int line_number) const { return path_ + ":" + std::to_string(line_number); }
  std::string Here() const { return At(line_number_); }

  Status ReadSection(std::string_view line) {
    if (!line.ends_with(']')) return Fail(Here() + ": the section's name has no ']' after it");
    const std::string_view name = Trimmed(line.substr(1, line.size() - 2));
    std::vector<std::string_view> names;
    for (const HoneytailSection& section : HoneytailSections()) {
      if (EqualIgnoringCase(section.name, name)) {
        prefix_ = section.prefix;
        return {};
      }
      names.push_back(section.name);
    }
    return Fail(Here() + ": unknown section '" + std::string(name) + "'" + DidYouMean(name, names),
                "Sections may be left out; keys are found without them.");
  }

  Status ReadPair(std::string_view key, std::string_view value) {
    const Meaning meaning = MeaningOfKey(key, prefix_);
    if (meaning.not_built != nullptr) {
      // A flag turned off asks for nothing.
      if (value == "false") return {};
      return std::unexpected(NotBuiltYet(*meaning.not_built, Here()));
    }
    if (meaning.option == nullptr) {
      return Fail(Here() + ": unknown key '" + std::string(key) + "'" + DidYouMean(key, AllKeys()),
                  "hctail.conf(5) lists the keys.");
    }
    if (!meaning.option->in_config_file) {
      return Fail(Here() + ": '" + std::string(key) + "' belongs on the command line");
    }
    const std::optional<std::string> meant = GoUnquote(value);
    if (!meant) {
      return Fail(Here() + ": the value of " + std::string(key) +
                      " begins with '\"' but is no quoted string",
                  "Close the quotes, and write a backslash as \\\\.");
    }
    if (meaning.option->type == OptionSpec::Type::kFlag) {
      return SetFlag(*meaning.option, key, *meant);
    }
    return Add(*meaning.option, key, *meant);
  }

  Status SetFlag(const OptionSpec& option, std::string_view key, const std::string& value) {
    const std::optional<bool> on = ReadGoBool(value);
    if (!on) {
      return Fail(Here() + ": '" + value + "' is neither true nor false (key " + std::string(key) +
                  ")");
    }
    return *on ? Add(option, key, "true") : Status();
  }

  Status Add(const OptionSpec& option, std::string_view key, std::string value) {
    Setting& setting = settings_[option.name];
    if (!setting.values.empty() && !option.repeated) {
      return Fail(Here() + ": '" + std::string(key) + "' was already set in line " +
                  std::to_string(setting.line_number));
    }
    setting.values.push_back(std::move(value));
    setting.line_number = line_number_;
    return {};
  }

  const std::string path_;
  int line_number_ = 0;
  std::string_view prefix_;  // of the current section
  std::map<std::string_view, Setting> settings_;
};

}  // namespace

OptionValues ParseConfigFile(const std::string& path, std::string_view text,
                             std::vector<Error>* problems) {
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  ConfigReader reader(path);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (const Status read = reader.ReadLine(text.substr(0, end)); !read) {
      problems->push_back(read.error());
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.Values();
}

Result<OptionValues> ParseConfigFile(const std::string& path, std::string_view text) {
  std::vector<Error> problems;
  OptionValues values = ParseConfigFile(path, text, &problems);
  if (!problems.empty()) return std::unexpected(std::move(problems.front()));
  return values;
}

}  // namespace hctail
