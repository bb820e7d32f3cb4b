// SPDX-License-Identifier: Apache-2.0
#include "parsers/syslog/syslog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/time_format.h"
#include "event/text_time.h"
#include "parsers/syslog/message.h"

namespace hctail::syslog {
namespace {

enum class Mode { kAuto, k3164, k5424 };
enum class StructuredAs { kText, kFields };

class SyslogParser final : public Parser {
 public:
  SyslogParser(Mode mode, StructuredAs structured_as, std::vector<std::string> processes,
               TextTime time)
      : mode_(mode),
        structured_as_(structured_as),
        processes_(std::move(processes)),
        time_(std::move(time)) {}

  bool StartsRecord(std::string_view line) const override {
    return line.empty() || BeginsMessage(line);
  }

  Parsed Parse(std::string_view record, Event* event) override {
    if (record.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      return {Parsed::Outcome::kSkip, "blank line"};
    }
    Message message;
    const bool is_5424 = mode_ == Mode::k5424 || (mode_ == Mode::kAuto && Begins5424(record));
    const std::string_view why = is_5424 ? Read5424(record, &message) : Read3164(record, &message);
    if (!why.empty()) return {Parsed::Outcome::kMalformed, why};
    if (!IsWanted(message.process)) return {Parsed::Outcome::kSkip, "filtered"};
    event->pattern = is_5424 ? "RFC 5424" : "RFC 3164";
    AddHead(message, event);
    if (!AddTime(message, event)) return {Parsed::Outcome::kMalformed, "no such day"};
    if (is_5424) {
      AddRest5424(message, record.size(), event);
    } else {
      event->Add("content", Value::String(message.text));
    }
    return {};
  }

 private:
  bool IsWanted(std::string_view process) const {
    return processes_.empty() || std::ranges::find(processes_, process) != processes_.end();
  }

  static void AddText(std::string_view name, std::string_view text, Event* event) {
    if (text.data() != nullptr) event->Add(name, Value::String(text));
  }

  static void AddHead(const Message& message, Event* event) {
    if (message.priority >= 0) {
      event->Add("priority", Value::Int(message.priority));
      event->Add("facility", Value::Int(message.priority / 8));
      event->Add("severity", Value::Int(message.priority % 8));
    } else if (message.severity >= 0) {
      event->Add("severity", Value::Int(message.severity));
    }
    if (message.version >= 0) event->Add("version", Value::Int(message.version));
    AddText("hostname", message.hostname, event);
    AddText("process", message.process, event);
    AddText("proc_id", message.proc_id, event);
    AddText("msg_id", message.msg_id, event);
  }

  // False if the time is none.  A time of 5424 may be "-", and then there is none.
  bool AddTime(const Message& message, Event* event) {
    if (message.time == "-") return true;
    event->time = time_.Read(message.time);
    if (!event->time) return false;
    event->time_from = "timestamp";
    std::string_view text = message.time;
    const bool has_zone = text.ends_with('Z') || text.find_first_of("+-", 19) != text.npos;
    if (!message.iso_time || !has_zone) {
      char* const end = FormatRfc3339(*event->time, timestamp_.data());
      text = {timestamp_.data(), static_cast<size_t>(end - timestamp_.data())};
    }
    event->Add("timestamp", Value::String(text));
    return true;
  }

  void AddRest5424(const Message& message, size_t record_size, Event* event) {
    const bool none = message.structured_data == "-";
    if (structured_as_ == StructuredAs::kText || none) {
      AddText("structured_data", message.structured_data, event);
    } else {
      AddStructuredData(message.structured_data, record_size, event);
    }
    event->Add("message", Value::String(message.text));
  }

  void AddStructuredData(std::string_view text, size_t record_size, Event* event) {
    scratch_.clear();
    // Each parameter's name stands with its element's id, which may be long and have many.
    StructuredData sizes(text);
    size_t size = record_size;
    for (Parameter parameter; sizes.Next(&parameter);) size += parameter.id.size() + 1;
    if (scratch_.capacity() < size) scratch_.reserve(size);
    StructuredData data(text);
    for (Parameter parameter; data.Next(&parameter);) {
      const size_t begin = scratch_.size();
      scratch_.append(parameter.id).append(".").append(parameter.name);
      const std::string_view name = std::string_view(scratch_).substr(begin);
      event->Add(name, Value::String(Unescape(parameter.value)));
    }
    if (!data.at_end()) AddText("structured_data", text, event);  // what could not be read
  }

  // \" \\ and \] stand for their second byte.
  std::string_view Unescape(std::string_view text) {
    if (!text.contains('\\')) return text;
    const size_t begin = scratch_.size();
    for (size_t i = 0; i < text.size(); ++i) {
      const bool escape = text[i] == '\\' && i + 1 < text.size() &&
                          (text[i + 1] == '"' || text[i + 1] == '\\' || text[i + 1] == ']');
      if (escape) ++i;
      scratch_.push_back(text[i]);
    }
    return std::string_view(scratch_).substr(begin);
  }

  const Mode mode_;
  const StructuredAs structured_as_;
  const std::vector<std::string> processes_;
  TextTime time_;
  std::array<char, kRfc3339Size> timestamp_;
  std::string scratch_;  // names and values of structured data
};

constexpr std::string_view kCategory = "Syslog parser options";

const OptionSpec kOptions[] = {
    {.name = "syslog.mode",
     .type = OptionSpec::Type::kChoice,
     .metavar = "auto|rfc3164|rfc5424",
     .default_text = "auto",
     .help = "which kind of syslog the lines are",
     .category = kCategory},
    {.name = "syslog.processes",
     .metavar = "NAMES",
     .help = "keep only the messages of these processes, separated by commas",
     .aliases = {"syslog.processlist"},
     .repeated = true,
     .category = kCategory},
    {.name = "syslog.structured-data",
     .type = OptionSpec::Type::kChoice,
     .metavar = "text|fields",
     .default_text = "text",
     .help = "whether structured data stays one text or becomes fields called ID.NAME",
     .category = kCategory},
};

std::vector<std::string> ReadProcesses(const std::vector<std::string>& lists) {
  std::vector<std::string> processes;
  for (const std::string_view list : lists) {
    for (size_t at = 0; at <= list.size();) {
      const size_t end = std::min(list.find(',', at), list.size());
      std::string_view name = list.substr(at, end - at);
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (!name.empty()) processes.emplace_back(name);
      at = end + 1;
    }
  }
  return processes;
}

Result<Mode> ReadMode(std::string_view text) {
  if (text.empty() || text == "auto") return Mode::kAuto;
  if (text == "rfc3164") return Mode::k3164;
  if (text == "rfc5424") return Mode::k5424;
  return Fail(fmt::format("bad value '{}' for --syslog.mode", text),
              "Give auto, rfc3164 or rfc5424.");
}

Result<std::unique_ptr<Parser>> Create(const ParserConfig& config) {
  const OptionValues& values = config.options;
  const Result<Mode> mode = ReadMode(values.Get("syslog.mode"));
  if (!mode) return std::unexpected(mode.error());
  const std::string_view structured = values.Get("syslog.structured-data");
  if (!structured.empty() && structured != "text" && structured != "fields") {
    return Fail(fmt::format("bad value '{}' for --syslog.structured-data", structured),
                "Give text or fields.");
  }
  Result<TextTime> time = TextTime::Create("", "", "", config.zone, config.now);
  if (!time) return std::unexpected(time.error());
  return std::make_unique<SyslogParser>(
      *mode, structured == "fields" ? StructuredAs::kFields : StructuredAs::kText,
      ReadProcesses(values.All("syslog.processes")), *std::move(time));
}

// --- Sniffing ---

// "sshd[42]", "kernel: ": letters, and no part of an address, of JSON or of a key=value pair.
bool IsTag(const Message& message) {
  constexpr std::string_view kForeign = "=\"{}";
  const std::string_view process = message.process;
  const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  if (process.find_first_of(kForeign) != std::string_view::npos ||
      message.hostname.find_first_of(kForeign) != std::string_view::npos ||
      std::ranges::none_of(process, is_letter)) {
    return false;
  }
  const char* const after = process.data() + process.size();
  const char* const end = message.text.data() + message.text.size();
  if (after >= end) return false;
  return *after == '[' || (*after == ':' && (after + 1 == end || after[1] == ' '));
}

// How much a message speaks for syslog.  An ISO time begins lines of many formats, so the tag must
// be one, and no severity; and a severity in place of the host is believed only with a pid or the
// kernel.
double Weight(const Message& message, bool* sure) {
  if (message.version >= 0 || !message.iso_time) {
    *sure = true;
    return 1;
  }
  const bool tag = message.proc_id.data() != nullptr || !message.text.empty();
  const std::string_view process = message.process;
  if (process.empty() || !tag || !IsTag(message)) return 0;
  if (message.severity < 0) {
    if (message.hostname.data() == nullptr || SeverityCalled(process) >= 0) return 0;
    *sure = true;
    return 1;
  }
  if (message.proc_id.data() != nullptr || process == "kernel") *sure = true;
  return 0.7;
}

Confidence Sniff(std::span<const std::string_view> first_lines) {
  size_t lines = 0;
  size_t good = 0;
  double weight = 0;
  bool sure = false;
  for (const std::string_view line : first_lines) {
    if (line.find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
    if (good > 0 && (line[0] == ' ' || line[0] == '\t')) continue;  // a continuation
    ++lines;
    Message message;
    const bool is_5424 = Begins5424(line);
    const std::string_view why = is_5424 ? Read5424(line, &message) : Read3164(line, &message);
    if (!why.empty()) continue;
    const double own = Weight(message, &sure);
    weight += own;
    if (own > 0) ++good;
  }
  if (good == 0) return {0, "no line is of syslog"};
  const double score = 0.95 * weight / static_cast<double>(lines);
  if (sure) return {score, fmt::format("{} of {} lines are of syslog", good, lines)};
  return {score / 2,
          fmt::format("{} of {} lines could be, but none has a host or a pid", good, lines)};
}

}  // namespace

const ParserSpec kSyslog = {
    .name = "syslog",
    .summary = "syslog, RFC 3164 and RFC 5424",
    .options = kOptions,
    .sniff = Sniff,
    .create = Create,
};

}  // namespace hctail::syslog
