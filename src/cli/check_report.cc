// SPDX-License-Identifier: Apache-2.0
#include "cli/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/time_format.h"
#include "event/encode_json.h"

namespace hctail {
namespace {

// Writes JSON, two spaces a level; a comma is put where one is needed.
class JsonWriter {
 public:
  void Begin(char open) {
    Separate();
    out_ += open;
    ++depth_;
    first_ = true;
  }
  void End(char close) {
    --depth_;
    if (!first_) NewLine();
    out_ += close;
    first_ = false;
  }
  void Key(std::string_view name) {
    Separate();
    AppendJsonString(name, &out_);
    out_ += ": ";
    after_key_ = true;
  }
  void Text(std::string_view key, std::string_view text) {
    Key(key);
    Separate();
    AppendJsonString(text, &out_);
  }
  void Raw(std::string_view key, std::string_view json) {
    Key(key);
    Separate();
    out_ += json;
  }
  void Number(std::string_view key, uint64_t number) { Raw(key, std::to_string(number)); }
  void Flag(std::string_view key, bool value) { Raw(key, value ? "true" : "false"); }

  std::string Take() { return std::move(out_) + "\n"; }

 private:
  void NewLine() { out_.append("\n").append(2 * depth_, ' '); }
  void Separate() {
    if (std::exchange(after_key_, false)) return;
    if (!first_) out_ += ',';
    first_ = false;
    if (depth_ > 0) NewLine();
  }

  std::string out_;
  size_t depth_ = 0;
  bool first_ = true;
  bool after_key_ = false;
};

std::string_view NameOf(Finding::Level level) {
  static constexpr std::string_view kNames[] = {"ok", "note", "warning", "error"};
  return kNames[static_cast<size_t>(level)];
}

std::string_view NameOf(Wrapper wrapper) {
  static constexpr std::string_view kNames[] = {"none", "docker", "cri"};
  return kNames[static_cast<size_t>(wrapper)];
}

std::string_view NameOf(FormatChoice::How how) {
  static constexpr std::string_view kNames[] = {"asked", "recognised", "unknown"};
  return kNames[static_cast<size_t>(how)];
}

void AddConfidence(const ParserSpec& parser, const Confidence& confidence, JsonWriter* json) {
  json->Text("parser", parser.name);
  json->Raw("confidence", fmt::format("{:.2f}", confidence.score));
  json->Text("reason", confidence.reason);
}

void AddFile(const TriedFile& file, JsonWriter* json) {
  json->Begin('{');
  json->Text("path", file.path);
  json->Text("dataset", file.dataset);
  if (file.format != TriedFile::kNone) {
    json->Text("chosen", NameOf(file.choice.how));
    json->Text("wrapper", NameOf(file.choice.format.wrapper));
    if (file.choice.how == FormatChoice::How::kRecognised) {
      AddConfidence(*file.choice.format.parser, file.choice.confidence, json);
    } else if (file.choice.advice.empty()) {
      json->Text("parser", file.choice.format.parser->name);
    } else {
      json->Text("advice", file.choice.advice);
    }
    if (file.choice.second != nullptr) {
      json->Key("next");
      json->Begin('{');
      AddConfidence(*file.choice.second, file.choice.runner_up, json);
      json->End('}');
    }
  }
  json->Number("lines", file.lines);
  json->Flag("whole", file.whole);
  json->Number("events", file.events);
  json->Number("sampled_out", file.sampled_out);
  json->Number("skipped", file.skipped);
  json->Number("unparsed", file.unparsed);
  json->End('}');
}

void AddPlace(const Trial& trial, FileKey key, uint64_t offset, JsonWriter* json) {
  const auto file = trial.files.find(key);
  if (file == trial.files.end()) return;
  json->Text("path", file->second.path);
  if (const uint64_t line = file->second.LineOf(offset); line > 0) json->Number("line", line);
  json->Number("byte", offset);
}

void AddShape(const Trial& trial, const Shape& shape, JsonWriter* json) {
  json->Begin('{');
  json->Number("events", shape.events);
  json->Key("first");
  json->Begin('{');
  AddPlace(trial, shape.file, shape.offset, json);
  json->End('}');
  if (!shape.pattern.empty()) json->Text("pattern", shape.pattern);
  if (!shape.time_from.empty()) json->Text("time_from", shape.time_from);
  json->Text("time", FormatRfc3339(shape.time));
  json->Key("fields");
  json->Begin('[');
  for (const ShapeField& field : shape.fields) {
    json->Begin('{');
    json->Text("name", field.name);
    json->Text("type", NameOf(field.type));
    json->Text("example", field.example);
    json->End('}');
  }
  json->End(']');
  json->End('}');
}

void AddFormat(const Trial& trial, const TriedFormat& format, JsonWriter* json) {
  json->Begin('{');
  if (format.advice.empty()) json->Text("parser", format.parser->name);
  json->Text("wrapper", NameOf(format.wrapper));
  json->Flag("recognised", format.known);
  json->Number("events", format.shapes.events());
  json->Number("events_of_further_shapes", format.shapes.other_events());
  json->Key("shapes");
  json->Begin('[');
  for (const Shape* shape : format.shapes.Sorted()) AddShape(trial, *shape, json);
  json->End(']');
  json->End('}');
}

void AddRefusal(const Trial& trial, const TriedRefusal& refusal, JsonWriter* json) {
  json->Begin('{');
  json->Text("reason", refusal.reason);
  json->Number("records", refusal.records);
  json->Key("examples");
  json->Begin('[');
  for (const TriedRefusal::Example& example : refusal.examples) {
    json->Begin('{');
    AddPlace(trial, example.file, example.offset, json);
    json->Text("record", example.record);
    json->End('}');
  }
  json->End(']');
  json->End('}');
}

}  // namespace

size_t CheckReport::CountOf(Finding::Level level) const {
  return static_cast<size_t>(std::ranges::count(findings, level, &Finding::level));
}

bool CheckReport::some_unparsed() const {
  if (trial.abandoned_bytes > 0) return true;
  return std::ranges::any_of(trial.files, [](const auto& item) {
    const TriedFile& file = item.second;
    const bool known = file.format == TriedFile::kNone || file.choice.advice.empty();
    return !known || file.unparsed > 0;
  });
}

int CheckReport::exit_code() const {
  if (CountOf(Finding::Level::kError) > 0) return 2;
  return some_unparsed() || file_is_missing ? 1 : 0;
}

std::string RenderJson(const CheckReport& report) {
  JsonWriter json;
  const auto list = [&json](std::string_view key, const auto& items, const auto& add) {
    json.Key(key);
    json.Begin('[');
    for (const auto& item : items) add(item);
    json.End(']');
  };
  const Trial& trial = report.trial;
  json.Begin('{');
  json.Flag("ok", report.exit_code() == 0);
  json.Number("exit", static_cast<uint64_t>(report.exit_code()));
  list("findings", report.findings, [&json](const Finding& finding) {
    json.Begin('{');
    json.Text("level", NameOf(finding.level));
    json.Text("message", finding.text.message);
    if (!finding.text.hint.empty()) json.Text("hint", finding.text.hint);
    json.End('}');
  });
  json.Flag("tried", report.tried);
  json.Number("unreadable_bytes", trial.abandoned_bytes);
  list("files", trial.files, [&json](const auto& item) { AddFile(item.second, &json); });
  list("formats", trial.formats, [&](const TriedFormat& f) { AddFormat(trial, f, &json); });
  list("unparsed", trial.refusals, [&](const TriedRefusal& r) { AddRefusal(trial, r, &json); });
  json.End('}');
  return json.Take();
}

}  // namespace hctail
