// SPDX-License-Identifier: Apache-2.0
#include "cli/invocation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/file.h"
#include "cli/check_values.h"
#include "cli/command_line.h"
#include "cli/config_file.h"
#include "cli/did_you_mean.h"
#include "cli/help.h"

namespace hctail {
namespace {

constexpr CommandSpec kNameless = {.command = Command::kRun,
                                   .name = "",
                                   .synopsis = "",
                                   .help = "",
                                   .options = CommandSpec::Options::kOfRun};

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

// "'state show', 'replay' and 'help'".
std::string CommandList() {
  std::string list;
  for (const CommandSpec& spec : AllCommands()) {
    list += (list.empty() ? "'" : ", '") + std::string(spec.name) + "'";
  }
  return list + " and 'help'";
}

// Words that begin no command: a command mistyped, or a file without -f.
Error UnexpectedWord(const CommandLine& line) {
  const std::string& word = line.words[0];
  std::vector<std::string_view> names = {"help"};
  std::vector<std::string_view> first = {"help"};
  for (const CommandSpec& spec : AllCommands()) {
    names.push_back(spec.name);
    first.push_back(spec.name.substr(0, spec.name.find(' ')));
  }
  const bool half = std::ranges::count(first, word) > 0;  // "state" and a second word, or none
  const std::string typed = half && line.words.size() > 1 ? word + " " + line.words[1] : word;
  const std::string meant = DidYouMean(typed, half ? names : first);
  if (half || !meant.empty()) {
    return {"unknown command '" + typed + "'" + meant, "Commands are " + CommandList() + "."};
  }
  std::string hint = "To read a file, write 'hctail -f " + word + "'.";
  if (line.values.Has("file")) {
    hint = "Each file needs its own -f; quote a glob so that hctail expands it: -f '*.log'.";
  }
  return {"unexpected argument '" + word + "'", std::move(hint)};
}

// Takes the command's name off the words; what is left are its arguments.  Null: no command.
Result<const CommandSpec*> TakeCommand(CommandLine* line) {
  std::vector<std::string>& words = line->words;
  if (words.empty()) return nullptr;
  for (const CommandSpec& spec : AllCommands()) {
    const auto size = 1 + std::ranges::count(spec.name, ' ');
    if (std::ssize(words) < size) continue;
    if ((size == 1 ? words[0] : words[0] + " " + words[1]) != spec.name) continue;
    words.erase(words.begin(), words.begin() + size);
    const std::string name = "hctail " + std::string(spec.name);
    if (spec.argument.empty() && !words.empty()) {
      return Fail("'" + name + "' takes no argument: '" + words[0] + "'");
    }
    if (!spec.argument.empty() && words.empty() && !spec.words_are_files) {
      return Fail("'" + name + "' needs " + std::string(spec.argument),
                  "Write '" + name + " " + std::string(spec.synopsis) + "'.");
    }
    return &spec;
  }
  return std::unexpected(UnexpectedWord(*line));
}

// Options of some commands are no options of others.
Status CheckOwnOptions(const CommandSpec* command, const OptionValues& values) {
  for (const CommandSpec& spec : AllCommands()) {
    for (const std::string_view own : spec.own_options) {
      if (own.empty() || !values.Has(own)) continue;
      if (command != nullptr && std::ranges::count(command->own_options, own) > 0) continue;
      return Fail("--" + std::string(own) + " is an option of 'hctail " + std::string(spec.name) +
                  "'");
    }
  }
  return {};
}

// Nothing if there is a file and it cannot be read.
std::optional<OptionValues> ReadConfig(const OptionValues& typed, std::vector<Error>* problems) {
  if (!typed.Has("config")) return OptionValues();
  const std::string path(typed.Get("config"));
  const Result<std::string> text = ReadWholeFile(path);
  if (text) return ParseConfigFile(path, *text, problems);
  problems->push_back({text.error().message + " (from --config)", text.error().hint});
  return std::nullopt;
}

// Words that are files are as good as given with -f.
void AddFiles(std::vector<std::string> words, OptionValues* values) {
  if (words.empty()) return;
  std::vector<std::string> files = values->All("file");
  files.insert(files.end(), std::make_move_iterator(words.begin()),
               std::make_move_iterator(words.end()));
  values->Set("file", std::move(files), "the command line");
}

}  // namespace

Result<Invocation> ParseInvocation(std::span<const char* const> argv,
                                   const Environment& environment) {
  Result<CommandLine> line = ParseCommandLine(argv);
  if (!line) return std::unexpected(line.error());
  if (line->values.Has("version")) return Print(VersionText());
  if (line->values.Has("help")) return Print(line->short_help ? ShortHelp() : FullHelp());
  if (line->values.Has("list-parsers")) return Print(ParserList());

  if (!line->words.empty() && line->words[0] == "help") {
    return Help(std::span(line->words).subspan(1));
  }
  const Result<const CommandSpec*> command = TakeCommand(&*line);
  if (!command) return std::unexpected(command.error());
  if (const Status own = CheckOwnOptions(*command, line->values); !own) {
    return std::unexpected(own.error());
  }

  const CommandSpec& spec = *command == nullptr ? kNameless : **command;
  if (spec.command == Command::kReplay) {
    if (line->values.Has("file")) {
      return Fail("'hctail replay' takes its files without -f", "Write 'hctail replay FILE...'.");
    }
    line->values.Set("file", line->words);
  }
  if (spec.words_are_files) AddFiles(line->words, &line->values);
  Invocation made{.command = spec.command, .arguments = std::move(line->words)};
  const bool looked_at = spec.options == CommandSpec::Options::kLookedAt;
  const auto refused = [&] { return !looked_at && !made.problems.empty(); };

  std::optional<OptionValues> config = ReadConfig(line->values, &made.problems);
  if (refused()) return std::unexpected(made.problems.front());
  if (!config) return made;  // what it would have said is not missing
  const GivenOptions given{.command_line = std::move(line->values),
                           .config_file = std::move(*config)};
  if (spec.options == CommandSpec::Options::kOfState) {
    Result<Options> options = MakeStateOptions(given, environment);
    if (!options) return std::unexpected(options.error());
    made.options = std::move(*options);
    return made;
  }
  made.options = MakeOptions(given, environment, &made.problems);
  if (refused()) return std::unexpected(made.problems.front());
  std::vector<Error> known;
  made.own = CheckedValues(given, &known);
  return made;
}

}  // namespace hctail
