// SPDX-License-Identifier: Apache-2.0
#include "cli/check_command.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/option_value.h"
#include "checkpoint/checkpoint_file.h"
#include "cli/check_report.h"
#include "cli/preflight.h"
#include "cli/run.h"
#include "cli/standard_streams.h"
#include "parsers/parser.h"
#include "tail/log_family.h"

namespace hctail {
namespace {

using Level = Finding::Level;

enum class Online : uint8_t { kNo, kYes };

// What a run would print, as findings.
class FindingLog final : public Log {
 public:
  // `least` is kept, and what is worse.
  FindingLog(std::vector<Finding>* findings, Log::Level least)
      : findings_(findings), least_(least) {}

  void Write(Log::Level level, const Error& error) override {
    if (level < least_) return;
    const std::lock_guard lock(mutex_);
    using Severity = Finding::Level;
    const Severity as = level == Level::kError     ? Severity::kError
                        : level == Level::kWarning ? Severity::kWarning
                                                   : Severity::kOk;
    // Two parts of a run may say the same.
    const auto same = [&](const Finding& f) { return f.text.message == error.message; };
    if (std::ranges::none_of(*findings_, same)) findings_->push_back({as, error});
  }

 private:
  std::mutex mutex_;
  std::vector<Finding>* const findings_;
  const Log::Level least_;
};

bool Ships(const Options& options) { return options.output == Options::Output::kHoneycomb; }

void LookAtDestination(const Options& options, Online online, std::vector<Finding>* findings) {
  if (options.write_key.empty()) {
    const std::string hint = "To send them, set HONEYCOMB_API_KEY or give --writekey-file FILE.";
    if (online == Online::kYes) {
      findings->push_back({Level::kError, {"--online: there is no API key to ask about", hint}});
    } else if (options.output_is_default) {
      findings->push_back({Level::kNote, {"there is no API key: events would be printed", hint}});
    } else {
      findings->push_back({Level::kNote, {"events would be printed, not sent (--output stdout)"}});
    }
    return;
  }
  findings->push_back(
      {Level::kOk,
       {fmt::format("events would be sent to {}, with the key from {}{}", options.api_host.name,
                    options.write_key_origin,
                    online == Online::kYes ? "" : " (--online asks whether it is good)")}});
  if (online == Online::kNo) return;
  FindingLog log(findings, Log::Level::kInfo);
  if (const Status asked = AskAboutKey(options, log); !asked) log.Fault(asked.error());
}

// Where a run keeps what must survive it.
void LookAtState(const Options& options, std::vector<Finding>* findings) {
  const auto add = [findings](const Status& status, std::string_view what) {
    if (status) return;
    findings->push_back(
        {Level::kError,
         {status.error().message + " (" + std::string(what) + ")", status.error().hint}});
  };
  const bool only_stdin =
      std::ranges::all_of(options.files, [](const auto& f) { return f == "-"; });
  const bool keeps = Ships(options) || options.state_dir_explicit;
  if (keeps && !only_stdin) {
    const Status writable = CheckWritable(options.state_dir);
    add(writable, "the state directory");
    if (writable) {
      std::vector<std::string> warnings;
      const auto opened =
          CheckpointFile::Open(options.state_dir, CheckpointFile::Access::kReadOnly, &warnings);
      for (std::string& warning : warnings) {
        findings->push_back({Level::kWarning, {std::move(warning)}});
      }
      if (!opened) findings->push_back({Level::kError, opened.error()});
    }
  }
  if (FolderOf(options.dead_letter_path) != options.state_dir) {
    add(CheckDeadLetters(options.dead_letter_path), "the folder of the dead letters");
  }
}

// Options of parsers that are not used.
void LookAtParserOptions(const Options& options, std::vector<Finding>* findings) {
  if (options.parser == "auto") return;
  for (const ParserSpec& spec : AllParsers()) {
    if (spec.name == options.parser) continue;
    for (const OptionSpec& option : spec.options) {
      const std::string_view origin = options.parser_options.Origin(option.name);
      if (origin.empty()) continue;
      std::string what =
          fmt::format("--{} does nothing with --parser {}", option.name, options.parser);
      if (!origin.starts_with("--")) what += fmt::format(" (from {})", origin);
      findings->push_back({Level::kWarning, {std::move(what)}});
    }
  }
}

std::string WhereUnparsedGo(const Options& options) {
  if (options.on_unparsed == "drop") return "They would be dropped (--on-unparsed drop).";
  if (options.on_unparsed == "raw") {
    return "They would be sent whole, as the field message (--on-unparsed raw).";
  }
  return fmt::format("They would go to the dead letters, '{}'.", options.dead_letter_path);
}

CheckReport Look(const Invocation& invocation) {
  const Options& options = invocation.options;
  const Online online = invocation.own.Has("online") ? Online::kYes : Online::kNo;
  const auto lines = static_cast<uint64_t>(ReadInteger(invocation.own.Get("lines")).value_or(0));
  CheckReport report;
  report.lines = lines;
  std::vector<Finding>& findings = report.findings;
  for (const Error& problem : invocation.problems) findings.push_back({Level::kError, problem});
  if (!invocation.problems.empty()) return report;
  report.unparsed_go = WhereUnparsedGo(options);
  report.unknown_ends_run = options.files.size() == 1;
  LookAtDestination(options, online, &findings);
  LookAtState(options, &findings);
  LookAtParserOptions(options, &findings);
  FindingLog log(&findings, Log::Level::kWarning);
  Rehearsal rehearsal;
  rehearsal.lines = lines;
  Rehearse(options, log, &rehearsal);
  for (const Error& problem : rehearsal.problems) log.Fault(problem);
  report.file_is_missing = std::ranges::any_of(rehearsal.missing, [&](const std::string& file) {
    return std::ranges::find(invocation.arguments, file) != invocation.arguments.end();
  });
  report.tried = rehearsal.tried;
  report.trial = std::move(rehearsal.trial);
  return report;
}

TextStyle StyleOf(std::string_view color, const Environment& environment) {
  TextStyle style;
  winsize size = {};
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  if (terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.width = std::max<size_t>(size.ws_col, 60);
  }
  const bool wanted = terminal && environment.Get("NO_COLOR").empty();  // no-color.org
  style.colours = color == "always" || (color == "auto" && wanted);
  return style;
}

}  // namespace

int CheckCommand(const Invocation& invocation, const Environment& environment) {
  const CheckReport report = Look(invocation);
  const std::string text =
      invocation.own.Has("json")
          ? RenderJson(report)
          : RenderText(report, StyleOf(invocation.own.Get("color"), environment));
  return PrintOut(text, report.exit_code());
}

}  // namespace hctail
