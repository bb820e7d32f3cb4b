// SPDX-License-Identifier: Apache-2.0
#include "parsers/multiline/multiline.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/option_value.h"
#include "base/regex.h"
#include "parsers/multiline/trace.h"

namespace hctail::multiline {
namespace {

constexpr size_t kKeptCapacity = 64 << 10;  // of a quiet file
constexpr std::string_view kStackTrace = "exception.stacktrace";
constexpr std::string_view kContinuation = "continuation";
constexpr std::string_view kRestState = "rest";

// Where records begin, and how long they may be.
struct Rules {
  std::optional<Regex> start;
  std::optional<Regex> more;  // --multiline.continue
  Languages languages = 0;
  size_t max_lines = 0;
  size_t max_bytes = 0;
  Duration timeout{0};

  bool asked() const { return start || more || languages != 0; }
};

// True if the event shows something of `rest`, or text that is not of the record at all (it was
// unescaped).
bool Shows(const Event& event, std::string_view record, std::string_view rest) {
  const std::less_equal<const char*> before;
  return std::ranges::any_of(event.fields(), [&](const Field& field) {
    const Value& value = field.value;
    if (value.kind() != Value::Kind::kString && value.kind() != Value::Kind::kRawJson) return false;
    if (value.text().empty()) return false;
    const char* const end = value.text().data() + value.text().size();
    const bool inside =
        before(record.data(), value.text().data()) && before(end, record.data() + record.size());
    return !inside || !before(end, rest.data());
  });
}

// Adds a field without replacing one of the record's own.
void AddApart(Event* event, std::string_view name, std::string_view text) {
  static constexpr std::string_view kNames[] = {kContinuation, "multiline.continuation"};
  for (const std::string_view other : kNames) {
    if (event->Find(name) == nullptr) break;
    name = other;
  }
  event->Set(name, Value::String(text));
}

class MultilineParser final : public FileParser {
 public:
  MultilineParser(std::unique_ptr<Parser> parser, bool takes_lines, Rules rules)
      : parser_(std::move(parser)),
        takes_lines_(takes_lines),
        rules_(std::move(rules)),
        trace_(rules_.languages) {}

  void Take(const FileLine& line, RecordSink* sink) override {
    const bool full = !open_ || lines_ >= rules_.max_lines ||
                      record_.size() + 1 + line.text.size() > rules_.max_bytes;
    if (full && rules_.languages != 0) before_ = trace_.Save();
    if ((open_ || rest_) && Continues(line.text)) {
      if (full) {
        Cut(line, sink);
      } else {
        Append(line.text);
      }
      return;
    }
    Flush(sink);
    rest_ = false;
    state_.clear();
    trace_.Begin(line.text);
    Open(line.text);
    if (line.text.empty()) {
      Flush(sink);
      sink->Complete(line.end);
    } else {
      sink->Complete(line.begin);
    }
  }

  void OnPause(Pause pause, Duration quiet, uint64_t end, RecordSink* sink) override {
    if (!open_ || pause == Pause::kShutdown) return;
    if (pause == Pause::kIdle && quiet < rules_.timeout) return;
    Flush(sink);
    if (rest_) state_ = std::string(kRestState) + trace_.Save();
    sink->Complete(end);
  }

  bool holding() const override { return open_; }

  std::string Save() const override { return state_; }
  void Restore(std::string_view state) override {
    if (!state.starts_with(kRestState)) return;
    rest_ = true;
    trace_.Restore(state.substr(kRestState.size()));
  }

 private:
  bool Continues(std::string_view line) {
    if (rules_.start && rules_.start->Search(line)) return false;
    if (rules_.more && rules_.more->Search(line)) return true;
    if (rules_.languages != 0 && trace_.Continues(line)) return true;
    if (!rules_.asked()) return !parser_->StartsRecord(line);
    return rules_.start && !rules_.more && rules_.languages == 0;
  }

  void Open(std::string_view line) {
    open_ = true;
    record_.assign(line);
    first_size_ = line.size();
    lines_ = 1;
  }

  void Append(std::string_view line) {
    record_.push_back('\n');
    record_.append(line);
    ++lines_;
  }

  // The open record ends before `line`, though that belongs to it.
  void Cut(const FileLine& line, RecordSink* sink) {
    cut_ = open_;
    Flush(sink);
    rest_ = true;
    state_ = std::string(kRestState) + before_;
    Open(line.text);
    sink->Complete(line.begin);
  }

  // The open record, if there is one, becomes what the parser makes of it.
  void Flush(RecordSink* sink) {
    if (!open_) return;
    open_ = false;
    while (record_.size() > first_size_ && record_.back() == '\n') record_.pop_back();
    const size_t size = record_.size();
    record_.append(kRecordPadding, '\0');
    Deliver(std::string_view(record_).substr(0, size), sink);
    cut_ = false;
    record_.clear();
    if (record_.capacity() > kKeptCapacity) record_ = std::string();
  }

  void Deliver(std::string_view record, RecordSink* sink) {
    if (rest_ && record.empty()) {
      sink->Skip();
      return;
    }
    if (rest_) {
      sink->Malformed("rest of a record that was cut", record);
      return;
    }
    Event* const event = sink->NewEvent();
    const Parsed parsed = Parse(record, event);
    switch (parsed.outcome) {
      case Parsed::Outcome::kSkip:
        sink->Skip();
        return;
      case Parsed::Outcome::kMalformed:
        sink->Malformed(parsed.why, record);
        return;
      case Parsed::Outcome::kEvent:
        if (cut_) event->Set("multiline.cut", Value::Bool(true));
        sink->Emit();
        return;
    }
  }

  Parsed Parse(std::string_view record, Event* event) {
    const std::string_view first = record.substr(0, first_size_);
    const std::string_view rest = record.substr(std::min(first_size_ + 1, record.size()));
    const std::string_view rest_name = trace_.has_trace() ? kStackTrace : kContinuation;
    if (takes_lines_ || rest.empty()) {
      const Parsed parsed = parser_->Parse(record, event);
      if (parsed.outcome == Parsed::Outcome::kEvent) {
        if (!rest.empty() && !Shows(*event, record, rest)) AddApart(event, rest_name, rest);
        return parsed;
      }
      if (parsed.outcome == Parsed::Outcome::kSkip) return parsed;
    }
    event->Clear();
    const Parsed parsed = parser_->Parse(first, event);
    if (parsed.outcome == Parsed::Outcome::kEvent && !rest.empty()) {
      AddApart(event, rest_name, rest);
    }
    if (parsed.outcome != Parsed::Outcome::kMalformed || !trace_.is_trace()) return parsed;
    event->Clear();
    event->Add("message", Value::String(first));
    event->Add(kStackTrace, Value::String(record));
    return {};
  }

  const std::unique_ptr<Parser> parser_;
  const bool takes_lines_;
  const Rules rules_;
  TraceLines trace_;
  bool open_ = false;   // record_ waits for more
  bool rest_ = false;   // it, or what comes, is behind a cut
  bool cut_ = false;    // it was cut here
  std::string before_;  // where in a trace the line before was
  std::string state_;   // for Save, as of the last Complete
  std::string record_;
  size_t first_size_ = 0;  // of its first line
  size_t lines_ = 0;
};

constexpr std::string_view kCategory = "Records";

const OptionSpec kOptions[] = {
    {.name = "multiline.start",
     .metavar = "REGEX",
     .help = "a line that REGEX matches begins a record; others belong to the record before them",
     .category = kCategory,
     .detail = "Usually '^' and what the time looks like: '^\\d{4}-'."},
    {.name = "multiline.continue",
     .metavar = "REGEX",
     .help = "a line that REGEX matches belongs to the record before it",
     .category = kCategory,
     .detail = "For example '^\\s'."},
    {.name = "multiline.preset",
     .metavar = "LANGUAGE",
     .help = "keep the stack traces of java, python, go, dotnet, node, ruby or php together, or of "
             "all of them: auto",
     .repeated = true,
     .category = kCategory,
     .detail = "Several may be given, also with commas. A trace becomes the field "
               "exception.stacktrace of the line before it."},
    {.name = "multiline.max-lines",
     .type = OptionSpec::Type::kInteger,
     .metavar = "COUNT",
     .default_text = "1000",
     .help = "cut a record after this many lines",
     .category = kCategory,
     .detail = "Its event gets the field multiline.cut, and the other lines go to the dead "
               "letters.",
     .min = 1,
     .max = 1'000'000},
    {.name = "multiline.max-bytes",
     .type = OptionSpec::Type::kBytes,
     .metavar = "SIZE",
     .default_text = "500kB",
     .help = "cut a record of several lines at this size",
     .category = kCategory,
     .detail = "The API takes events of at most 1 MB, as JSON.",
     .min = 1024,
     .max = 1 << 30},
    {.name = "multiline.timeout",
     .type = OptionSpec::Type::kDuration,
     .metavar = "TIME",
     .help = "how long a record waits for its next line",
     .category = kCategory,
     .detail = "The default is --flush-partial-after."},
};

Result<std::optional<Regex>> CompileOption(const OptionValues& options, std::string_view name) {
  const std::string_view pattern = options.Get(name);
  if (pattern.empty()) return std::optional<Regex>();
  auto regex = Regex::Compile(pattern, fmt::format("--{}", name));
  if (!regex) return std::unexpected(regex.error());
  return std::optional<Regex>(*std::move(regex));
}

Result<Languages> ReadLanguages(const OptionValues& options) {
  Languages all = 0;
  for (std::string_view list : options.All("multiline.preset")) {
    while (!list.empty()) {
      const size_t comma = std::min(list.find(','), list.size());
      const std::string_view name = list.substr(0, comma);
      const auto languages = LanguagesOf(name);
      if (!languages) {
        return Fail(fmt::format("bad value '{}' for --multiline.preset", name),
                    "Give auto or some of java, python, go, dotnet, node, ruby and php.");
      }
      all |= *languages;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  return all;
}

}  // namespace

std::span<const OptionSpec> Options() { return kOptions; }

bool IsAsked(const OptionValues& options) {
  return options.Has("multiline.start") || options.Has("multiline.continue") ||
         options.Has("multiline.preset");
}

Result<std::unique_ptr<FileParser>> Make(std::unique_ptr<Parser> parser, const ParserSpec& spec,
                                         const ParserConfig& config) {
  const OptionValues& options = config.options;
  auto start = CompileOption(options, "multiline.start");
  if (!start) return std::unexpected(start.error());
  auto more = CompileOption(options, "multiline.continue");
  if (!more) return std::unexpected(more.error());
  const auto languages = ReadLanguages(options);
  if (!languages) return std::unexpected(languages.error());
  Rules rules{.start = *std::move(start), .more = *std::move(more), .languages = *languages};
  rules.max_lines =
      static_cast<size_t>(ReadInteger(options.Get("multiline.max-lines")).value_or(1000));
  rules.max_bytes = ReadBytes(options.Get("multiline.max-bytes")).value_or(500'000);
  rules.timeout = ReadDuration(options.Get("multiline.timeout"), "s").value_or(Duration(0));
  return std::make_unique<MultilineParser>(std::move(parser), spec.takes_lines, std::move(rules));
}

}  // namespace hctail::multiline
