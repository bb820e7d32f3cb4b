// SPDX-License-Identifier: Apache-2.0
#include "parsers/regex/log_prefix.h"

#include <string>
#include <utility>
#include <vector>

#include "base/regex.h"
#include "event/text_time.h"
#include "event/typed_text.h"

namespace hctail::regex {
namespace {

class PrefixParser final : public Parser {
 public:
  PrefixParser(std::unique_ptr<Parser> inner, Regex regex, TextTime time, bool typed)
      : inner_(std::move(inner)), regex_(std::move(regex)), time_(std::move(time)), typed_(typed) {
    groups_.resize(regex_.names().size() + 1);
    for (const std::string& name : regex_.names()) ranks_.push_back(time_.Rank(name));
  }

  bool StartsRecord(std::string_view line) const override {
    std::string_view match[1];
    if (regex_.Search(line, match)) line.remove_prefix(match[0].size());
    return inner_->StartsRecord(line);
  }

  Parsed Parse(std::string_view record, Event* event) override {
    const bool matches = regex_.Search(record, groups_);
    if (matches) record.remove_prefix(groups_[0].size());
    const Parsed parsed = inner_->Parse(record, event);
    if (matches && parsed.outcome == Parsed::Outcome::kEvent) AddGroups(event);
    return parsed;
  }

 private:
  void AddGroups(Event* event) {
    time_.Begin();
    for (size_t i = 0; i < regex_.names().size(); ++i) {
      const std::string_view text = groups_[i + 1];
      if (regex_.names()[i].empty() || text.data() == nullptr || (typed_ && text == "-")) continue;
      event->Set(regex_.names()[i], typed_ ? TypedText(text) : Value::String(text));
      if (!event->time && ranks_[i] != TextTime::kNone) time_.Offer(ranks_[i], text);
    }
    time_.Finish(event);
  }

  const std::unique_ptr<Parser> inner_;
  const Regex regex_;
  TextTime time_;
  const bool typed_;
  std::vector<int> ranks_;                // of each group
  std::vector<std::string_view> groups_;  // of the record in work
};

}  // namespace

Result<std::unique_ptr<Parser>> WithLogPrefix(std::unique_ptr<Parser> parser,
                                              const ParserSpec& spec, const ParserConfig& config) {
  const std::string_view pattern = config.options.Get("log-prefix");
  if (pattern.empty()) return parser;
  // The pattern alone first, so that a mistake is shown where it was typed.
  if (const auto alone = Regex::Compile(pattern, "--log-prefix"); !alone) {
    return std::unexpected(alone.error());
  }
  Result<Regex> regex = Regex::Compile("^(?:" + std::string(pattern) + ")", "--log-prefix");
  if (!regex) return std::unexpected(regex.error());
  if (regex->names().size() >= kMaxRegexGroups) return Fail("--log-prefix has too many groups");
  const std::string format_option = std::string(spec.name) + ".time-format";
  Result<TextTime> time =
      TextTime::Create(config.options.Get(std::string(spec.name) + ".timefield"),
                       config.options.Get(format_option), format_option, config.zone, config.now);
  if (!time) return std::unexpected(time.error());
  return std::make_unique<PrefixParser>(std::move(parser), *std::move(regex), *std::move(time),
                                        spec.name == "nginx");
}

}  // namespace hctail::regex
