// SPDX-License-Identifier: Apache-2.0
#include "cli/invocation.h"

#include "base/file.h"
#include "cli/command_line.h"
#include "cli/config_file.h"
#include "cli/did_you_mean.h"
#include "cli/help.h"

namespace hctail {
namespace {

Invocation Print(std::string text) {
  return {.kind = Invocation::Kind::kPrint, .text = std::move(text)};
}

// "hctail help" and its generated texts; packaging and man are made with them.
Result<Invocation> Help(std::span<const std::string> topics) {
  if (topics.empty()) return Print(FullHelp());
  if (topics.size() == 1) {
    if (topics[0] == "man-options") return Print(ManOptions());
    if (topics[0] == "man-parsers") return Print(ManParsers());
    if (topics[0] == "bash") return Print(BashCompletion());
  }
  return Fail("there is no help on '" + topics[0] + "'",
              "Topics are man-options, man-parsers and bash; 'hctail --help' shows all options.");
}

std::string Joined(std::span<const std::string> words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

Error UnexpectedWord(const CommandLine& line) {
  const std::string& word = line.words[0];
  if (word == "state") {
    return {"unknown command '" + Joined(line.words) + "'",
            "Write 'hctail state show' to see the saved positions."};
  }
  static constexpr std::string_view kCommands[] = {"state", "help"};
  const std::string_view meant = NearestWord(word, kCommands);
  if (!meant.empty()) {
    return {"unknown command '" + word + "'; did you mean '" + std::string(meant) + "'?",
            "Commands are 'state show' and 'help'."};
  }
  std::string hint = "To read a file, write 'hctail -f " + word + "'.";
  if (line.values.Has("file")) {
    hint = "Each file needs its own -f; quote a glob so that hctail expands it: -f '*.log'.";
  }
  return {"unexpected argument '" + word + "'", std::move(hint)};
}

Result<OptionValues> ReadConfig(const OptionValues& typed) {
  if (!typed.Has("config")) return OptionValues();
  const std::string path(typed.Get("config"));
  const Result<std::string> text = ReadWholeFile(path);
  if (!text) return Fail(text.error().message + " (from --config)", text.error().hint);
  return ParseConfigFile(path, *text);
}

}  // namespace

Result<Invocation> ParseInvocation(std::span<const char* const> argv,
                                   const Environment& environment) {
  Result<CommandLine> line = ParseCommandLine(argv);
  if (!line) return std::unexpected(line.error());
  if (line->values.Has("version")) return Print(VersionText());
  if (line->values.Has("help")) return Print(line->short_help ? ShortHelp() : FullHelp());
  if (line->values.Has("list-parsers")) return Print(ParserList());

  bool state_show = false;
  if (!line->words.empty()) {
    if (line->words[0] == "help") return Help(std::span(line->words).subspan(1));
    state_show = line->words.size() == 2 && line->words[0] == "state" && line->words[1] == "show";
    if (!state_show) return std::unexpected(UnexpectedWord(*line));
  }

  Result<OptionValues> config = ReadConfig(line->values);
  if (!config) return std::unexpected(config.error());
  const GivenOptions given{.command_line = std::move(line->values),
                           .config_file = std::move(*config)};
  Result<Options> options =
      state_show ? MakeStateOptions(given, environment) : MakeOptions(given, environment);
  if (!options) return std::unexpected(options.error());
  return Invocation{.kind = state_show ? Invocation::Kind::kStateShow : Invocation::Kind::kRun,
                    .options = std::move(*options)};
}

}  // namespace hctail
