// SPDX-License-Identifier: Apache-2.0
#include "parsers/unwrap/unwrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/option_value.h"
#include "event/encode_json.h"
#include "parsers/open_lines.h"
#include "parsers/unwrap/container_path.h"
#include "parsers/unwrap/wrapped_line.h"

namespace hctail::unwrap {
namespace {

constexpr uint64_t kMaxLag = 1'000'000;     // bytes that an open line may hold up
constexpr size_t kKeptCapacity = 64 << 10;  // of a stream that is quiet

Duration Between(Timestamp from, Timestamp to) {
  constexpr int64_t kLong = 1'000'000;  // seconds
  return std::chrono::seconds(std::clamp(to.seconds - from.seconds, -kLong, kLong)) +
         Duration(to.nanos - from.nanos);
}

// The fields that are the same for all events of a stream.
class CommonFields {
 public:
  struct Text {
    std::string name;
    std::string text;
    bool is_number = false;

    Value value() const { return is_number ? Value::RawJson(text) : Value::String(text); }
  };

  void Set(std::vector<Text> texts) {
    texts_ = std::move(texts);
    Event event;
    for (const Text& text : texts_) event.Add(text.name, text.value());
    json_.clear();
    AppendData(event, &json_);
    json_ = json_.substr(1, json_.size() - 2);
  }

  // Those that `event` has not.
  void AddTo(Event* event) const {
    const bool apart = std::ranges::none_of(
        texts_, [event](const Text& text) { return event->Find(text.name) != nullptr; });
    if (apart) {
      for (const Text& text : texts_) event->Add(text.name, text.value());
      event->ExtendVerbatim(json_);
      return;
    }
    for (const Text& text : texts_) {
      if (event->Find(text.name) == nullptr) event->Set(text.name, text.value());
    }
  }

 private:
  std::vector<Text> texts_;
  std::string json_;  // the same, as members of an object
};

// One stream of a container: joins its lines, and stands between its parser and the file's sink.
class StreamParser final : public RecordSink {
 public:
  StreamParser(std::unique_ptr<FileParser> inner, size_t max_line)
      : inner_(std::move(inner)), max_line_(max_line) {}

  void Take(const FileLine& line, const WrappedLine& wrapped, RecordSink* out) {
    out_ = out;
    if (dropping_) {
      dropping_ = !wrapped.ends;
      return;
    }
    if (wrapped.ends && !joining_) {
      lines_.Add(line.begin, line.end,
                 {.time = wrapped.time, .begins = std::exchange(next_begins_, Begins::kWhole)});
      FileLine inner = line;
      inner.text = wrapped.text;
      inner_->Take(inner, this);
      return;
    }
    if (!std::exchange(joining_, true)) {
      begin_ = line.begin;
      time_ = wrapped.time;
    }
    pieces_.append(wrapped.text);
    end_ = line.end;
    last_time_ = wrapped.time;
    read_time_ = line.read_time;
    if (pieces_.size() > max_line_) {
      Refuse("line longer than --max-line", std::string_view(pieces_).substr(0, max_line_));
      dropping_ = !wrapped.ends;
      next_begins_ = Begins::kWhole;
      EndJoining();
    } else if (wrapped.ends) {
      GivePieces(Ends::kWhole);
    }
  }

  void TakeHead(const WrappedLine& wrapped) {
    if (wrapped.ends) inner_->TakeHead(wrapped.text);
  }

  void OnPause(FileParser::Pause pause, Duration quiet, uint64_t end, RecordSink* out) {
    out_ = out;
    if (pause != FileParser::Pause::kShutdown && joining_) GivePieces(Ends::kCut);
    inner_->OnPause(pause, quiet, end, this);
  }

  // The other stream has come to `end` and `now`.
  void OnOther(Timestamp now, uint64_t end, Duration patience, RecordSink* out) {
    if (!open()) return;
    const Timestamp last = joining_ ? last_time_ : lines_.Last().time;
    Duration quiet = Between(last, now);
    if (end - begin() > kMaxLag) quiet = Duration::max();
    if (quiet >= patience) OnPause(FileParser::Pause::kIdle, quiet, end, out);
  }

  // Something of it is not complete: from begin() on.
  bool open() const { return joining_ || !lines_.empty(); }
  uint64_t begin() const { return lines_.empty() ? begin_ : lines_.begin(); }
  bool holding() const { return joining_ || inner_->holding(); }

  std::string Save() const { return inner_->Save(); }
  void Restore(std::string_view state) { inner_->Restore(state); }

  // The first line may be the rest of one in another file.
  void MayBeginCut() { next_begins_ = Begins::kPerhapsCut; }

  CommonFields fields;
  uint64_t calls = 0;  // of the sink, since the last Complete

  Event* NewEvent() override { return event_ = out_->NewEvent(); }
  void Emit() override {
    if (!event_->time && !lines_.empty()) {
      event_->time = lines_.First().time;
      event_->time_from = "the container's log";
    }
    if (const auto cut = lines_.empty() ? std::string_view() : CutOf(lines_.First());
        !cut.empty()) {
      event_->Set("unwrap.cut", Value::String(cut));
    }
    fields.AddTo(event_);
    ++calls;
    out_->Emit();
  }
  void Skip() override {
    ++calls;
    out_->Skip();
  }
  // Half a record is as good as it can be: nothing to be looked at and sent again.
  void Malformed(std::string_view why, std::string_view record) override {
    if (lines_.empty()) return Refuse(why, record);
    Note& first = lines_.First();
    if (first.begins == Begins::kPerhapsCut) first.begins = Begins::kCut;
    if (CutOf(first).empty()) return Refuse(why, record);
    NewEvent()->Add("message", Value::String(record));
    Emit();
  }
  void Complete(uint64_t end) override {
    if (lines_.empty()) return;
    const uint64_t begin = lines_.begin();
    const bool joined = lines_.First().joined;
    if (lines_.Complete(end) > 1 || joined) spans_.push_back({begin, end});
  }

  // Moves `end` back to before a record that is done but lies around it: a restart there would find
  // its second half.  False if there is none.
  bool Avoid(uint64_t* end) const {
    const auto around = std::ranges::find_if(
        spans_, [end](const Span& span) { return span.begin < *end && *end < span.end; });
    if (around == spans_.end()) return false;
    *end = around->begin;
    return true;
  }
  void ForgetBefore(uint64_t end) {
    while (!spans_.empty() && spans_.front().end <= end) spans_.pop_front();
  }

 private:
  enum class Begins : uint8_t { kWhole, kPerhapsCut, kCut };
  enum class Ends : uint8_t { kWhole, kCut };
  struct Note {
    Timestamp time;       // when it was written
    bool joined = false;  // of pieces
    Begins begins = Begins::kWhole;
    Ends ends = Ends::kWhole;
  };
  // What of the line is missing, or "".
  static std::string_view CutOf(const Note& note) {
    const bool end = note.ends == Ends::kCut;
    if (note.begins == Begins::kCut) return end ? "both" : "beginning";
    return end ? "end" : "";
  }
  struct Span {
    uint64_t begin = 0;
    uint64_t end = 0;
  };

  void Refuse(std::string_view why, std::string_view record) {
    ++calls;
    if (!lines_.empty()) out_->NoteTime(lines_.First().time);
    out_->Malformed(why, record);
  }

  void GivePieces(Ends ends) {
    const size_t size = pieces_.size();
    pieces_.append(kRecordPadding, '\0');
    joining_ = false;
    const Begins next = ends == Ends::kCut ? Begins::kPerhapsCut : Begins::kWhole;
    lines_.Add(
        begin_, end_,
        {.time = time_, .joined = true, .begins = std::exchange(next_begins_, next), .ends = ends});
    inner_->Take({.text = std::string_view(pieces_).substr(0, size),
                  .begin = begin_,
                  .end = end_,
                  .read_time = read_time_},
                 this);
    EndJoining();
  }

  void EndJoining() {
    joining_ = false;
    pieces_.clear();
    if (pieces_.capacity() > kKeptCapacity) pieces_ = std::string();
  }

  const std::unique_ptr<FileParser> inner_;
  const size_t max_line_;
  RecordSink* out_ = nullptr;  // during a call
  Event* event_ = nullptr;
  OpenLines<Note> lines_;   // given to inner_ and not complete
  std::deque<Span> spans_;  // of records of several lines, done since the last Complete
  // The line whose pieces are coming.
  bool joining_ = false;
  bool dropping_ = false;  // it was too long
  Begins next_begins_ = Begins::kWhole;
  std::string pieces_;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  Timestamp time_;
  Timestamp last_time_;
  Timestamp read_time_;
};

class UnwrapParser final : public FileParser {
 public:
  UnwrapParser(Wrapper wrapper, std::unique_ptr<FileParser> out, std::unique_ptr<FileParser> err,
               size_t max_line, Duration patience, const FileFacts& file)
      : wrapper_(wrapper),
        patience_(patience),
        follows_(file.follows),
        facts_(ReadContainerPath(file.path)),
        streams_{StreamParser(std::move(out), max_line), StreamParser(std::move(err), max_line)} {
    SetFields();
  }

  void TakeHead(std::string_view line) override {
    WrappedLine wrapped;
    if (!ReadWrapped(wrapper_, line, &scratch_, &wrapped)) return;
    streams_[static_cast<size_t>(wrapped.stream)].TakeHead(wrapped);
  }

  void Take(const FileLine& line, RecordSink* sink) override {
    if (completed_ == UINT64_MAX) {
      completed_ = line.begin;
      if (follows_ && line.begin == 0) {
        for (StreamParser& stream : streams_) stream.MayBeginCut();
      }
    }
    WrappedLine wrapped;
    if (ReadWrapped(wrapper_, line.text, &scratch_, &wrapped)) {
      if (wrapped.attrs != attrs_) {
        attrs_ = wrapped.attrs;
        SetFields();
      }
      const auto which = static_cast<size_t>(wrapped.stream);
      streams_[1 - which].OnOther(wrapped.time, line.begin, patience_, sink);
      streams_[which].Take(line, wrapped, sink);
    } else if (++calls_; line.text.empty()) {
      sink->Skip();
    } else {
      sink->Malformed("not a line of a container's log", line.text);
    }
    Complete(line.end, sink);
  }

  void OnPause(Pause pause, Duration quiet, uint64_t end, RecordSink* sink) override {
    for (StreamParser& stream : streams_) stream.OnPause(pause, quiet, end, sink);
    if (pause != Pause::kShutdown) Complete(end, sink);
  }

  bool holding() const override { return std::ranges::any_of(streams_, &StreamParser::holding); }

  // "SIZE:" and the state of stdout's parser, and that of stderr's.
  std::string Save() const override {
    const std::string out = streams_[0].Save();
    const std::string err = streams_[1].Save();
    return out.empty() && err.empty() ? std::string()
                                      : fmt::format("{}:{}{}", out.size(), out, err);
  }
  void Restore(std::string_view state) override {
    const size_t colon = state.find(':');
    if (colon == std::string_view::npos) return;
    const auto size = ReadInteger(state.substr(0, colon));
    state.remove_prefix(colon + 1);
    if (!size || *size < 0 || static_cast<size_t>(*size) > state.size()) return;
    const auto [out, err] = std::pair(state.substr(0, *size), state.substr(*size));
    if (!out.empty()) streams_[0].Restore(out);
    if (!err.empty()) streams_[1].Restore(err);
  }

 private:
  void SetFields() {
    std::vector<CommonFields::Text> fields = {{"stream", "stdout"}};
    for (const auto& [name, value] : facts_) {
      fields.push_back({std::string(name), value, name == "k8s.container.restart_count"});
    }
    ForEachAttr(attrs_, [&fields](std::string_view name, std::string_view value) {
      fields.push_back({fmt::format("attrs.{}", name), std::string(value)});
    });
    streams_[0].fields.Set(fields);
    fields[0].text = "stderr";
    streams_[1].fields.Set(std::move(fields));
  }

  // All lines before `end` were given.
  void Complete(uint64_t end, RecordSink* sink) {
    const uint64_t now = end;
    for (const StreamParser& stream : streams_) {
      if (stream.open()) end = std::min(end, stream.begin());
    }
    const uint64_t first_open = end;
    while (streams_[0].Avoid(&end) || streams_[1].Avoid(&end)) {
    }
    if (now - std::min(end, now) > kMaxLag) end = first_open;
    // Records beyond `end` are among the calls; there may be no more of these than bytes.
    if (end <= completed_ || end - completed_ < streams_[0].calls + streams_[1].calls + calls_) {
      return;
    }
    completed_ = end;
    calls_ = 0;
    for (StreamParser& stream : streams_) {
      stream.ForgetBefore(end);
      stream.calls = 0;
    }
    sink->Complete(end);
  }

  const Wrapper wrapper_;
  const Duration patience_;
  const bool follows_;
  const ContainerFacts facts_;
  std::string attrs_;  // of the last line
  std::array<StreamParser, 2> streams_;
  uint64_t calls_ = 0;               // of the sink for lines of no stream, since the last Complete
  uint64_t completed_ = UINT64_MAX;  // until the first line comes
  std::string scratch_;
};

constexpr std::string_view kCategory = "Records";

const OptionSpec kOptions[] = {
    {.name = "unwrap",
     .type = OptionSpec::Type::kChoice,
     .metavar = "auto|docker|cri|none",
     .default_text = "auto",
     .help = "take off what a container runtime put around each line",
     .category = kCategory,
     .detail =
         "docker is {\"log\":...,\"stream\":...,\"time\":...}, cri is what Kubernetes writes: "
         "a time, stdout or stderr, F or P, and the text. auto recognises them by a file's "
         "first lines. Pieces of long lines are joined, and events get the fields stream, "
         "k8s.namespace.name, k8s.pod.name, k8s.pod.uid, k8s.container.name, "
         "k8s.container.restart_count and container.id as far as the path tells, and attrs."
         "NAME for Docker's."},
};

}  // namespace

std::span<const OptionSpec> Options() { return kOptions; }

Status CheckOptions(const OptionValues& options) {
  const std::string_view word = options.Get("unwrap");
  if (word.empty() || word == "auto" || word == "docker" || word == "cri" || word == "none") {
    return {};
  }
  return Fail(fmt::format("bad value '{}' for --unwrap", word), "Give auto, docker, cri or none.");
}

std::unique_ptr<FileParser> Make(Wrapper wrapper, std::unique_ptr<FileParser> out,
                                 std::unique_ptr<FileParser> err, const ParserConfig& config,
                                 const FileFacts& file) {
  constexpr size_t kDefaultMaxLine = 1'000'000;
  constexpr Duration kDefaultPatience = std::chrono::seconds(5);
  const OptionValues& options = config.options;
  return std::make_unique<UnwrapParser>(
      wrapper, std::move(out), std::move(err),
      ReadBytes(options.Get("max-line")).value_or(kDefaultMaxLine),
      ReadDuration(options.Get("flush-partial-after"), "s").value_or(kDefaultPatience), file);
}

}  // namespace hctail::unwrap
