// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/transcript.h"

#include <utility>

#include "parsers/transcript/element.h"
#include "parsers/transcript/prompt.h"
#include "parsers/transcript/reader.h"
#include "parsers/transcript/text.h"

namespace hctail::transcript {
namespace {

constexpr std::string_view kCategory = "PowerShell transcripts";

const OptionSpec kOptions[] = {
    {.name = "transcript.service-name",
     .metavar = "NAME",
     .default_text = "powershell",
     .help = "the service.name of all events",
     .category = kCategory},
    {.name = "transcript.prompt-regex",
     .metavar = "REGEX",
     .help = "what the prompt looks like, if it is not PowerShell's own",
     .category = kCategory,
     .detail = "It must match from the start of the line up to the command. "
               "Not needed where transcripts have invocation headers."},
    {.name = "transcript.output-max",
     .type = OptionSpec::Type::kBytes,
     .metavar = "SIZE",
     .default_text = "64KiB",
     .help = "cut the output of a command at SIZE; 0 leaves it out",
     .category = kCategory,
     .max = 1 << 20},
    {.name = "transcript.mask",
     .metavar = "REGEX",
     .help = "put *** in place of what the groups of REGEX match, or all of it if it has none",
     .repeated = true,
     .category = kCategory,
     .detail = "Besides the rules for passwords and tokens that are always in force."},
    {.name = "transcript.no-default-mask",
     .type = OptionSpec::Type::kFlag,
     .help = "send passwords and tokens as they were typed",
     .category = kCategory},
    {.name = "transcript.trace",
     .type = OptionSpec::Type::kChoice,
     .metavar = "session|day|off",
     .default_text = "session",
     .help = "what a trace is: a session, or all sessions of a machine on one day",
     .category = kCategory,
     .detail = "off sends sessions and commands as plain events."},
    {.name = "transcript.traceparent",
     .metavar = "CONTEXT",
     .help = "make sessions part of the trace CONTEXT, such as 00-TRACE-SPAN-01",
     .category = kCategory,
     .detail = "The text of an X-Honeycomb-Trace header will do too. "
               "The word text means: the first of either that the transcript names, if it does so "
               "in its header or in the first command."},
    {.name = "transcript.elements",
     .type = OptionSpec::Type::kChoice,
     .metavar = "fields|events",
     .default_text = "fields",
     .help = "what module logging becomes: fields of its command, or also a span event each",
     .category = kCategory},
    {.name = "transcript.idle-timeout",
     .type = OptionSpec::Type::kDuration,
     .metavar = "TIME",
     .default_text = "5m",
     .help = "send what there is of a session when nothing was written to it for TIME",
     .category = kCategory},
};

Result<std::unique_ptr<FileParser>> CreateForFile(const ParserConfig& config,
                                                  const FileFacts& file) {
  Result<Settings> settings = ReadSettings(config.options, config.local_zone);
  if (!settings) return std::unexpected(settings.error());
  return std::make_unique<Reader>(*std::move(settings), file);
}

Confidence Sniff(std::span<const std::string_view> first_lines) {
  size_t prompts = 0;
  size_t elements = 0;
  const auto line = [&](size_t i) {
    return i < first_lines.size() ? TrimRight(WithoutByteOrderMark(first_lines[i]))
                                  : std::string_view();
  };
  for (size_t i = 0; i < first_lines.size(); ++i) {
    const std::string_view text = line(i);
    if (IsSeparator(text)) {
      const bool titled = !IsSeparator(line(i + 1)) && !ReadStamp(line(i + 1));
      if (titled && ReadStamp(line(i + 2))) return {0.98, "it has the header of a transcript"};
      if (ReadStamp(line(i + 1)) && IsSeparator(line(i + 2))) {
        return {0.95, "it has the time of a command between lines of asterisks"};
      }
    }
    const size_t size = DefaultPromptSize(text);
    if (size > 0) ++prompts;
    const std::string_view rest = text.substr(size > 0 ? size : text.starts_with(">> ") ? 3 : 0);
    if (rest.size() < text.size() && ReadElement(rest)) ++elements;
  }
  if (elements > 0) return {0.9, "it has lines of PowerShell's module logging"};
  if (prompts > 1) return {0.7, "it has prompts of PowerShell"};
  return {0, "it has neither a header nor prompts of PowerShell"};
}

}  // namespace

const ParserSpec kTranscript = {
    .name = "transcript",
    .summary = "transcripts of PowerShell sessions",
    .options = kOptions,
    .sniff = Sniff,
    .create = nullptr,
    .create_for_file = CreateForFile,
};

}  // namespace hctail::transcript
