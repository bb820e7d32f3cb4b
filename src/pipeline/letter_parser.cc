// SPDX-License-Identifier: Apache-2.0
#include "pipeline/letter_parser.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/time_iso.h"
#include "parsers/wrapper.h"
#include "pipeline/file_table.h"
#include "ship/letter_reader.h"

namespace hctail {
namespace {

constexpr size_t kMostSniffed = 64 * 1024;  // bytes of one file's records

// Options that are of records, and would be taken for the letters' if they kept their names.
constexpr const char* kOfRecords[] = {"log-prefix", "unwrap"};

void Rename(const std::string& from, const std::string& to, OptionValues* options) {
  const std::vector<std::string> values = options->All(from);
  const std::string origin(options->Origin(from));
  const bool given = options->Has(from);
  options->Erase(from);
  options->Erase(to);
  if (given) options->Set(to, values, origin);
}

// Takes what a record's parser makes of it, and passes it on as made of its letter.
class LetterSink final : public RecordSink {
 public:
  LetterSink(RecordSink* to, std::string_view line, std::string_view dataset,
             std::optional<Timestamp> time)
      : to_(to), line_(line), dataset_(dataset), time_(time) {}

  Event* NewEvent() override { return event_ = to_->NewEvent(); }
  void Emit() override {
    if (event_->dataset.empty()) event_->dataset = dataset_;
    if (!event_->time) event_->time = time_;
    to_->Emit();
    any_ = true;
  }
  void Skip() override {}
  // The letter whole: what fails again is the letter that it was.
  void Malformed(std::string_view why, std::string_view) override {
    if (!std::exchange(malformed_, true)) to_->Malformed(why, line_);
    any_ = true;
  }
  void Complete(uint64_t) override {}

  bool any() const { return any_; }

 private:
  RecordSink* const to_;
  const std::string_view line_, dataset_;
  const std::optional<Timestamp> time_;
  Event* event_ = nullptr;
  bool any_ = false, malformed_ = false;
};

class LetterParser final : public FileParser {
 public:
  static Result<std::unique_ptr<FileParser>> Create(const ParserConfig& config, const FileFacts&);

  void Take(const FileLine& line, RecordSink* sink) override {
    if (line.text.empty()) {
      sink->Skip();
    } else if (!reader_.Read(line.text, &letter_)) {
      sink->Malformed("not a dead letter", line.text);
    } else {
      TakeLetter(line, sink);
    }
    sink->Complete(line.end);
  }
  void OnPause(Pause, Duration, uint64_t, RecordSink*) override {}
  bool holding() const override { return false; }

 private:
  void TakeLetter(const FileLine& line, RecordSink* sink) {
    const std::string file(letter_.file);
    const std::string own = dataset_.empty() ? DatasetOf(file) : dataset_;
    const std::string_view dataset =
        letter_.is_event && !letter_.dataset.empty() ? letter_.dataset : std::string_view(own);
    // A record that names no time was read about when the letter was written.
    LetterSink to(sink, line.text, dataset, ParseRfc3339(letter_.time));
    letter_.is_event ? TakeEvent(&to) : TakeRecord(file, line.read_time, &to);
    if (!to.any()) sink->Malformed("makes no event without the rest of its file", line.text);
  }

  void TakeEvent(LetterSink* to) {
    Event* const event = to->NewEvent();
    const Parsed parsed = events_->Parse(letter_.record, event);
    if (parsed.outcome != Parsed::Outcome::kEvent) return to->Malformed(parsed.why, {});
    event->presampled = true;
    to->Emit();
  }

  // All of its lines, as if they were all of its file's.
  void TakeRecord(const std::string& file, Timestamp read_time, LetterSink* to) {
    FileParser& parser = ParserFor(file);
    std::string_view rest = letter_.record;
    uint64_t at = 0;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      parser.Take(
          {.text = rest.substr(0, end), .begin = at, .end = at + end + 1, .read_time = read_time},
          to);
      at += end + 1;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    parser.OnPause(Pause::kEnd, {}, at, to);
  }

  FileParser& ParserFor(const std::string& file) {
    const auto known = formats_.find(file);
    const ParserSpec* const spec = known == formats_.end() ? formats_.at("") : known->second;
    const ParserConfig config = Config();
    const Wrapper wrapper = WrapperOf(records_, {{letter_.record}});
    if (NeedsFileParser(*spec, config, wrapper)) {
      whole_ = Made(*spec, config, wrapper, file);  // it has a memory, which is of one letter
      return *whole_;
    }
    std::unique_ptr<FileParser>& parser = each_line_[spec];
    if (parser == nullptr) parser = Made(*spec, config, wrapper, {});
    return *parser;
  }

  ParserConfig Config() const {
    return {.options = records_, .zone = zone_, .now = now_, .local_zone = local_zone_};
  }

  static std::unique_ptr<FileParser> Made(const ParserSpec& spec, const ParserConfig& config,
                                          Wrapper wrapper, const std::string& file) {
    auto made = MakeFileParser(spec, config, wrapper, {.path = file, .live = false});
    HC_CHECK(made.has_value());  // Create has tried the same options
    return std::move(*made);
  }

  OptionValues records_;  // of the records' parsers
  const date::time_zone* zone_ = nullptr;
  const date::time_zone* local_zone_ = nullptr;
  Timestamp now_;
  std::map<std::string, const ParserSpec*> formats_;
  std::string dataset_;
  std::unique_ptr<Parser> events_;
  std::map<const ParserSpec*, std::unique_ptr<FileParser>> each_line_;
  std::unique_ptr<FileParser> whole_;  // of the last letter
  LetterReader reader_;
  Letter letter_;
};

Result<std::unique_ptr<FileParser>> LetterParser::Create(const ParserConfig& config,
                                                         const FileFacts&) {
  auto made = std::make_unique<LetterParser>();
  made->records_ = config.options;
  made->zone_ = config.zone;
  made->local_zone_ = config.local_zone;
  made->now_ = config.now;
  made->dataset_ = config.options.Get("letters.dataset");
  for (const std::string name : kOfRecords) Rename("letters." + name, name, &made->records_);
  // Letters hold what was in the wrapper; one that holds it with its wrapper is told by its looks.
  if (made->records_.Get("unwrap") != "none") made->records_.Erase("unwrap");

  OptionValues envelopes;
  envelopes.Set("json.envelope", {"yes"});
  auto events = MakeParser(*FindParser("json"), {envelopes, nullptr, config.now});
  if (!events) return std::unexpected(events.error());
  made->events_ = std::move(*events);

  made->formats_[""] = FindParser("json");
  const std::vector<std::string>& formats = config.options.All("letters.formats");
  for (size_t i = 0; i + 1 < formats.size(); i += 2) {
    const ParserSpec* const spec = FindParser(formats[i + 1]);
    const auto tried = MakeFileParser(*spec, made->Config(), Wrapper::kNone, {});
    if (!tried) return std::unexpected(tried.error());
    made->formats_[formats[i]] = spec;
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
      .create = nullptr,
      .create_for_file = &LetterParser::Create,
  };
  return kSpec;
}

OptionValues LetterOptions(const OptionValues& of_records, const LetterFormats& formats) {
  OptionValues options = of_records;
  for (const std::string name : kOfRecords) Rename(name, "letters." + name, &options);
  options.Set("unwrap", {"none"});
  std::vector<std::string> pairs;
  for (const auto& [file, spec] : formats.by_file) {
    pairs.push_back(file);
    pairs.emplace_back(spec->name);
  }
  options.Set("letters.formats", std::move(pairs));
  options.Set("letters.dataset", {formats.dataset});
  return options;
}

std::map<std::string, const ParserSpec*> SniffLetters(std::string_view text,
                                                      ParserChooser& chooser) {
  std::map<std::string, std::string> records;  // by file, each with a newline
  LetterReader reader;
  Letter letter;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (reader.Read(text.substr(0, end), &letter) && !letter.is_event) {
      std::string& found = records[std::string(letter.file)];
      if (found.size() < kMostSniffed) found.append(letter.record).push_back('\n');
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::map<std::string, const ParserSpec*> formats;
  for (auto& [file, lines] : records) {
    lines.reserve(lines.size() + kRecordPadding);
    const auto format = chooser.Choose({.path = file, .dataset = {}, .lane = {}}, lines, {});
    if (format && format->parser != nullptr) formats.emplace(file, format->parser);
  }
  return formats;
}

}  // namespace hctail
