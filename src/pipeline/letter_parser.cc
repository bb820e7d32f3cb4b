// SPDX-License-Identifier: Apache-2.0
#include "pipeline/letter_parser.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/time_iso.h"
#include "pipeline/file_table.h"
#include "pipeline/parser_chooser.h"
#include "ship/letter_reader.h"

namespace hctail {
namespace {

constexpr size_t kMostSniffed = 64 * 1024;  // bytes of one file's records

class LetterParser final : public Parser {
 public:
  struct Source {
    Parser* parser = nullptr;  // null: of no known format
    std::string dataset;
  };

  static Result<std::unique_ptr<Parser>> Create(const ParserConfig& config);

  Parsed Parse(std::string_view record, Event* event) override {
    if (record.empty()) return {.outcome = Parsed::Outcome::kSkip};
    if (!reader_.Read(record, &letter_)) {
      return {.outcome = Parsed::Outcome::kMalformed, .why = "not a dead letter"};
    }
    return letter_.is_event ? ParseEvent(event) : ParseRecord(event);
  }

 private:
  Parsed ParseEvent(Event* event) {
    const Parsed parsed = events_->Parse(letter_.record, event);
    if (parsed.outcome != Parsed::Outcome::kEvent) return parsed;
    event->presampled = true;
    event->dataset = letter_.dataset.empty() ? std::string_view(SourceOf(letter_.file).dataset)
                                             : letter_.dataset;
    TakeTime(event);
    return parsed;
  }

  Parsed ParseRecord(Event* event) {
    const Source& source = SourceOf(letter_.file);
    if (source.parser == nullptr) {
      return {.outcome = Parsed::Outcome::kMalformed,
              .why = "the format of its file cannot be told: name it with --parser"};
    }
    const Parsed parsed = source.parser->Parse(letter_.record, event);
    if (parsed.outcome != Parsed::Outcome::kEvent) return parsed;
    if (event->dataset.empty()) event->dataset = source.dataset;
    TakeTime(event);
    return parsed;
  }

  // A record that names no time was read about when the letter was written.
  void TakeTime(Event* event) const {
    if (!event->time) event->time = ParseRfc3339(letter_.time);
  }

  const Source& SourceOf(std::string_view file) {
    const auto found = sources_.find(file);
    if (found != sources_.end()) return found->second;
    Source source = {.parser = other_, .dataset = dataset_};
    if (const auto known = by_file_.find(file); known != by_file_.end()) {
      source.parser = known->second;
    }
    if (source.dataset.empty()) source.dataset = DatasetOf(std::string(file));
    return sources_.emplace(file, std::move(source)).first->second;
  }

  LetterReader reader_;
  Letter letter_;
  std::unique_ptr<Parser> events_;
  std::vector<std::unique_ptr<Parser>> parsers_;
  std::map<std::string, Parser*, std::less<>> by_file_;
  Parser* other_ = nullptr;
  std::string dataset_;
  std::map<std::string, Source, std::less<>> sources_;  // as they are met
};

Result<std::unique_ptr<Parser>> LetterParser::Create(const ParserConfig& config) {
  auto made = std::make_unique<LetterParser>();
  made->dataset_ = config.options.Get("letters.dataset");
  OptionValues envelopes;
  envelopes.Set("json.envelope", {"yes"});
  auto events = MakeParser(*FindParser("json"), {envelopes, nullptr, config.now});
  if (!events) return events;
  made->events_ = std::move(*events);

  OptionValues of_records = config.options;
  if (config.options.Has("letters.log-prefix")) {
    of_records.Set("log-prefix", config.options.All("letters.log-prefix"),
                   std::string(config.options.Origin("letters.log-prefix")));
  }
  std::map<std::string, Parser*> by_name;
  const std::vector<std::string>& formats = config.options.All("letters.formats");
  for (size_t i = 0; i + 1 < formats.size(); i += 2) {
    Parser*& parser = by_name[formats[i + 1]];
    if (parser == nullptr) {
      auto created = MakeParser(*FindParser(formats[i + 1]), {of_records, config.zone, config.now});
      if (!created) return created;
      parser = made->parsers_.emplace_back(std::move(*created)).get();
    }
    if (formats[i].empty()) {
      made->other_ = parser;
    } else {
      made->by_file_[formats[i]] = parser;
    }
  }
  return made;
}

}  // namespace

const ParserSpec& LetterSpec() {
  static const ParserSpec kSpec = {
      .name = "letters",
      .summary = "the dead letters of hctail",
      .options = {},
      .sniff = [](std::span<const std::string_view>) { return Confidence(); },
      .create = &LetterParser::Create,
  };
  return kSpec;
}

OptionValues LetterOptions(const OptionValues& of_records, const LetterFormats& formats) {
  OptionValues options;
  for (const ParserSpec& spec : AllParsers()) {
    for (const OptionSpec& option : spec.options) {
      if (!of_records.Has(option.name)) continue;
      options.Set(option.name, of_records.All(option.name),
                  std::string(of_records.Origin(option.name)));
    }
  }
  if (of_records.Has("log-prefix")) {
    options.Set("letters.log-prefix", of_records.All("log-prefix"),
                std::string(of_records.Origin("log-prefix")));
  }
  std::vector<std::string> pairs;
  for (const auto& [file, spec] : formats.by_file) {
    pairs.push_back(file);
    pairs.emplace_back(spec->name);
  }
  options.Set("letters.formats", std::move(pairs));
  options.Set("letters.dataset", {formats.dataset});
  return options;
}

std::map<std::string, const ParserSpec*> SniffLetters(
    std::string_view text, std::span<const ParserSpec* const> candidates) {
  std::map<std::string, std::string, std::less<>> records;  // by file, each with a newline
  LetterReader reader;
  Letter letter;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (reader.Read(text.substr(0, end), &letter) && !letter.is_event) {
      std::string& found = records.try_emplace(std::string(letter.file)).first->second;
      if (found.size() < kMostSniffed) found.append(letter.record).push_back('\n');
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::map<std::string, const ParserSpec*> formats;
  for (auto& [file, lines] : records) {
    lines.reserve(lines.size() + kRecordPadding);
    if (const ParserSpec* spec = SniffFormat(lines, candidates)) formats.emplace(file, spec);
  }
  return formats;
}

}  // namespace hctail
