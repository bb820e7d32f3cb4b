// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/unit.h"

#include <algorithm>
#include <utility>

#include "event/encode_json.h"
#include "parsers/transcript/prompt.h"
#include "parsers/transcript/text.h"
#include "parsers/transcript/words.h"

namespace hctail::transcript {
namespace {

constexpr size_t kMaxText = 32 << 10;
constexpr size_t kMaxPipeline = 1024;
constexpr size_t kMaxParams = 8 << 10;
constexpr size_t kMaxParam = 1024;
constexpr size_t kMaxInvocations = 200;
constexpr size_t kMaxName = 128;

// With the prompt for more lines, ">> ", before it.
bool IsPrompted(std::string_view line) { return line == ">>" || line.starts_with(">> "); }

}  // namespace

std::string_view FirstWord(std::string_view command) {
  command = Trim(command);
  while (command.starts_with("& ") || command.starts_with(". ")) command = Trim(command.substr(2));
  if (command.empty()) return {};
  const char quote = command[0];
  if (quote == '"' || quote == '\'') {
    const size_t end = command.find(quote, 1);
    if (end != std::string_view::npos && end > 1) return command.substr(1, end - 1);
  }
  return command.substr(0, std::min(command.find_first_of(" \t\r\n;|(,"), kMaxName));
}

void Unit::Begin(Kind begun_kind, uint64_t begun_entry, int major_version, size_t output_max) {
  kind = begun_kind;
  entry = begun_entry;
  major_ = major_version;
  output_max_ = output_max;
  text.clear();
  prompt.clear();
  folder.clear();
  parent_id.clear();
  header_time.reset();
  status.reset();
  status_time.reset();
  text_cut = nested = goes_on = output_cut = params_cut = false;
  sent = {};
  output.clear();
  pipeline.clear();
  params.clear();
  invocations.clear();
  index = lines = warnings = verbose = debug = blank_ = 0;
  in_text_ = false;
  first_line_ = true;
  before_folder_.reset();
  errors.Begin({}, major_version);
}

void Unit::BeginText(std::string_view line) {
  in_text_ = true;
  text_lines_ = here_lines_ = 0;
  command_text_.Begin();
  AppendText(line);
  errors.Begin(FirstWord(line), major_);
}

void Unit::AppendText(std::string_view line) {
  command_text_.Add(line);
  ++text_lines_;
  here_lines_ = command_text_.in_here_string() ? here_lines_ + 1 : 0;
  last_text_line_.assign(line);
  if (text_cut) return;
  if (!text.empty()) text += '\n';
  const std::string_view kept = CutAt(line, kMaxText - std::min(text.size(), kMaxText));
  text += kept;
  text_cut = kept.size() < line.size();
}

bool Unit::AddText(std::string_view line) {
  if (!in_text_) return false;
  // Up to version 4 the prompt for more lines stands in the transcript; later where a line was not
  // read by PSReadLine.
  const bool open = command_text_.open();
  if (text_lines_ == 1) prompted_ = IsPrompted(line) && (major_ < 5 || open);
  if (prompted_ && IsPrompted(line)) {
    line = line.substr(std::min<size_t>(3, line.size()));
    if (open || !line.empty()) AppendText(line);
    return true;
  }
  // But before version 5 lines were wrapped.
  if ((!prompted_ || major_ < 5) && (open || CommandText::GoesOn(last_text_line_, line))) {
    AppendText(line);
    return true;
  }
  in_text_ = false;
  return false;
}

void Unit::AddElement(const Element& element, const Mask& mask) {
  in_text_ = false;
  errors.AddElement(element);
  if (element.kind == ElementKind::kInvocation) {
    if (pipeline.size() + element.cmdlet.size() < kMaxPipeline) {
      if (!pipeline.empty()) pipeline += " | ";
      pipeline += element.cmdlet;
    }
    if (invocations.size() < kMaxInvocations) invocations.push_back(element);
    return;
  }
  if (element.kind != ElementKind::kParameter) return;
  if (params.size() > kMaxParams) {
    params_cut = true;
    return;
  }
  const bool secret = mask.IsSecretName(element.name) ||
                      (element.name == "String" && mask.IsSecretName(element.cmdlet));
  std::string scratch;
  const std::string_view value =
      secret ? kMasked : mask.Apply(CutAt(element.text, kMaxParam), &scratch);
  params += params.empty() ? "{\"cmdlet\":" : ",{\"cmdlet\":";
  AppendJsonString(element.cmdlet, &params);
  params += ",\"name\":";
  AppendJsonString(element.name, &params);
  params += ",\"value\":";
  AppendJsonString(value, &params);
  params += '}';
}

void Unit::AddOutput(std::string_view line, uint64_t begin) {
  in_text_ = false;
  if (std::exchange(first_line_, false) && kind == Kind::kSession && IsStartedNote(line)) return;
  const auto before = std::exchange(before_folder_, std::nullopt);
  const std::string_view trimmed = TrimRight(line);
  errors.AddOutput(trimmed);
  if (trimmed.empty()) {
    ++blank_;
    return;
  }
  const Stream stream = StreamOf(trimmed);
  warnings += stream == Stream::kWarning ? 1 : 0;
  verbose += stream == Stream::kVerbose ? 1 : 0;
  debug += stream == Stream::kDebug ? 1 : 0;
  if (trimmed.back() == '>' && IsBareFolder(trimmed)) {
    before_folder_ = before.value_or(Size{output.size(), lines});
    folder_line_ = {std::string(trimmed.substr(0, trimmed.size() - 1)), begin};
  }
  const uint64_t blank = std::exchange(blank_, 0);
  lines += blank + 1;
  if (output_cut) return;
  output.append(std::min<uint64_t>(blank, output_max_ - std::min(output.size(), output_max_)),
                '\n');
  if (output.size() + trimmed.size() >= output_max_) {
    output += CutAt(trimmed, output_max_ - std::min(output.size(), output_max_));
    output_cut = true;
    return;
  }
  output += trimmed;
  output += '\n';
}

std::optional<FolderLine> Unit::TakeFolderLine() {
  if (!active() || !before_folder_) return std::nullopt;
  output.resize(before_folder_->output);
  lines = before_folder_->lines;
  before_folder_.reset();
  return std::move(folder_line_);
}

void Unit::Finish() {
  // A command whose text never ended was no command of so many lines.
  if (in_text_ && command_text_.open() && !text_cut) {
    const size_t end = text.find('\n');
    if (end != std::string::npos) {
      const std::string rest = text.substr(end + 1);
      text.resize(end);
      for (size_t at = 0; at <= rest.size();) {
        const size_t stop = std::min(rest.find('\n', at), rest.size());
        AddOutput(std::string_view(rest).substr(at, stop - at));
        at = stop + 1;
      }
    }
  }
  in_text_ = false;
  while (!output.empty() && output.back() == '\n') output.pop_back();
  errors.Finish();
}

}  // namespace hctail::transcript
