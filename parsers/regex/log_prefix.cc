// SPDX-License-Identifier: Apache-2.0
#include "parsers/regex/log_prefix.h"

#include <string>
#include <utility>
#include <vector>

#include "base/regex.h"
#include "event/text_time.h"
#include "event/typed_text.h"
#include "parsers/open_lines.h"

namespace hctail::regex {
namespace {

// The pattern, and what its groups become.
class Prefix {
 public:
  Prefix(Regex regex, TextTime time, bool typed)
      : regex_(std::move(regex)), time_(std::move(time)), typed_(typed) {
    groups_.resize(regex_.names().size() + 1);
    for (const std::string& name : regex_.names()) ranks_.push_back(time_.Rank(name));
  }

  // Takes it off the front of `text`; false if it is not there.
  bool Take(std::string_view* text) {
    if (!regex_.Search(*text, groups_)) return false;
    text->remove_prefix(groups_[0].size());
    return true;
  }
  size_t SizeIn(std::string_view text) const {
    std::string_view match[1];
    return regex_.Search(text, match) ? match[0].size() : 0;
  }

  // The groups of the last Take; the first is all of it.
  std::vector<std::string_view>& groups() { return groups_; }

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

 private:
  Regex regex_;
  TextTime time_;
  bool typed_;
  std::vector<int> ranks_;                // of each group
  std::vector<std::string_view> groups_;  // of the record in work
};

class PrefixParser final : public Parser {
 public:
  PrefixParser(std::unique_ptr<Parser> inner, Prefix prefix)
      : inner_(std::move(inner)), prefix_(std::move(prefix)) {}

  bool StartsRecord(std::string_view line) const override {
    return inner_->StartsRecord(line.substr(prefix_.SizeIn(line)));
  }

  Parsed Parse(std::string_view record, Event* event) override {
    const bool matches = prefix_.Take(&record);
    const Parsed parsed = inner_->Parse(record, event);
    if (matches && parsed.outcome == Parsed::Outcome::kEvent) prefix_.AddGroups(event);
    return parsed;
  }

 private:
  const std::unique_ptr<Parser> inner_;
  Prefix prefix_;
};

// What was taken off a line, kept until its record is sent.
struct TakenPrefix {
  struct Group {
    size_t offset = std::string::npos;  // in text; npos: it took no part
    size_t size = 0;
  };
  std::string text;
  std::vector<Group> groups;  // none: the line has no such prefix
};

class PrefixFileParser final : public FileParser, private RecordSink {
 public:
  PrefixFileParser(std::unique_ptr<FileParser> inner, Prefix prefix)
      : inner_(std::move(inner)), prefix_(std::move(prefix)) {}

  void TakeHead(std::string_view line) override {
    (void)prefix_.Take(&line);
    inner_->TakeHead(line);
  }

  void Take(const FileLine& line, RecordSink* sink) override {
    sink_ = sink;
    FileLine stripped = line;
    TakenPrefix taken;
    if (prefix_.Take(&stripped.text)) Keep(&taken);
    lines_.Add(line.begin, line.end, std::move(taken));
    inner_->Take(stripped, this);
  }

  void OnPause(Pause pause, Duration quiet, uint64_t end, RecordSink* sink) override {
    sink_ = sink;
    inner_->OnPause(pause, quiet, end, this);
  }

  bool holding() const override { return inner_->holding(); }
  std::string Save() const override { return inner_->Save(); }
  void Restore(std::string_view state) override { inner_->Restore(state); }

 private:
  // The groups of the last Take, with their text.
  void Keep(TakenPrefix* taken) {
    const std::vector<std::string_view>& groups = prefix_.groups();
    taken->text = groups[0];
    for (const std::string_view group : groups) {
      taken->groups.emplace_back();
      if (group.data() == nullptr) continue;
      taken->groups.back() = {static_cast<size_t>(group.data() - groups[0].data()), group.size()};
    }
  }

  Event* NewEvent() override { return event_ = sink_->NewEvent(); }
  void Emit() override {
    if (!lines_.empty() && !lines_.First().groups.empty()) {
      const TakenPrefix& taken = lines_.First();
      for (size_t i = 0; i < taken.groups.size(); ++i) {
        const auto& [offset, size] = taken.groups[i];
        prefix_.groups()[i] = offset == std::string::npos
                                  ? std::string_view()
                                  : std::string_view(taken.text).substr(offset, size);
      }
      prefix_.AddGroups(event_);
    }
    sink_->Emit();
  }
  void Skip() override { sink_->Skip(); }
  void Malformed(std::string_view why, std::string_view record) override {
    sink_->Malformed(why, record);
  }
  void Complete(uint64_t end) override {
    lines_.Complete(end);
    sink_->Complete(end);
  }

  const std::unique_ptr<FileParser> inner_;
  Prefix prefix_;
  OpenLines<TakenPrefix> lines_;  // given to inner_
  RecordSink* sink_ = nullptr;    // during a call
  Event* event_ = nullptr;
};

Result<Prefix> MakePrefix(std::string_view pattern, const ParserSpec& spec,
                          const ParserConfig& config) {
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
  return Prefix(*std::move(regex), *std::move(time), spec.name == "nginx");
}

}  // namespace

Result<std::unique_ptr<Parser>> WithLogPrefix(std::unique_ptr<Parser> parser,
                                              const ParserSpec& spec, const ParserConfig& config) {
  const std::string_view pattern = config.options.Get("log-prefix");
  if (pattern.empty()) return parser;
  auto prefix = MakePrefix(pattern, spec, config);
  if (!prefix) return std::unexpected(prefix.error());
  return std::make_unique<PrefixParser>(std::move(parser), *std::move(prefix));
}

Result<std::unique_ptr<FileParser>> WithLogPrefix(std::unique_ptr<FileParser> parser,
                                                  const ParserSpec& spec,
                                                  const ParserConfig& config) {
  const std::string_view pattern = config.options.Get("log-prefix");
  if (pattern.empty()) return parser;
  auto prefix = MakePrefix(pattern, spec, config);
  if (!prefix) return std::unexpected(prefix.error());
  return std::make_unique<PrefixFileParser>(std::move(parser), *std::move(prefix));
}

}  // namespace hctail::regex
