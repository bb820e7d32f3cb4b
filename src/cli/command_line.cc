// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <map>
#include <utility>

#include "base/option_value.h"
#include "cli/did_you_mean.h"
#include "cli/flags.h"
#include "cli/honeytail_names.h"

namespace hctail {
namespace {

// CLI11 does not tell "--name=" from "--name", nor a value that is absent from one that is empty;
// these stand for them on the way through it and cannot be typed by accident.
constexpr std::string_view kEmptyValue = "\x02";
constexpr std::string_view kNoValue = "\x03";

// The arguments as CLI11 reads them the way honeytail does.  Values never look like options (a
// value that does must be joined by '='), so each argument can be judged alone.
std::string Adapted(std::string argument) {
  if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
    argument += kEmptyValue;
  } else if (argument.size() > 2 && argument[0] == '-' && argument[1] != '-' &&
             argument[2] == '=') {
    argument.erase(2, 1);
    if (argument.size() == 2) argument += kEmptyValue;
  }
  return argument;
}

// "-f,--file,--alias", as CLI11 wants names.
std::string NamesFor(const OptionSpec& option) {
  std::string names = "--" + std::string(option.name);
  if (option.short_name != 0) names += std::string(",-") + option.short_name;
  for (const std::string_view alias : option.aliases) names += ",--" + std::string(alias);
  return names;
}

using Registered = std::vector<std::pair<const OptionSpec*, CLI::Option*>>;

Registered Register(CLI::App* app) {
  app->set_help_flag();
  app->allow_extras();
  Registered all;
  for (const OptionSpec& option : AllOptions()) {
    if (option.name == "help") {  // -h and --help print different texts
      all.emplace_back(&option, app->add_flag("--help"));
    } else if (option.type == OptionSpec::Type::kFlag) {
      all.emplace_back(&option, app->add_flag(NamesFor(option)));
    } else {
      // At least 0 values, so that CLI11 does not take the next option for the value.
      CLI::Option* added = app->add_option(NamesFor(option), CLI::callback_t{});
      added->expected(0, 1)->default_str(std::string(kNoValue))->take_all();
      all.emplace_back(&option, added);
    }
  }
  return all;
}

std::vector<std::string_view> AllNames() {
  std::vector<std::string_view> names;
  for (const OptionSpec& option : AllOptions()) {
    names.push_back(option.name);
    names.insert(names.end(), option.aliases.begin(), option.aliases.end());
  }
  for (const HoneytailOption& option : HoneytailOptions()) names.push_back(option.name);
  return names;
}

Error UnknownOption(std::string_view argument) {
  static constexpr std::string_view kHint = "Run 'hctail --help' for all options.";
  if (!argument.starts_with("--")) {
    return {"unknown option '" + std::string(argument.substr(0, 2)) + "'", std::string(kHint)};
  }
  const std::string_view name = argument.substr(2, argument.find('=') - 2);
  if (const HoneytailOption* honeytail = FindHoneytailName(name)) {
    return NotBuiltYet(*honeytail, {});
  }
  return {"unknown option '--" + std::string(name) + "'" + DidYouMean(name, AllNames(), "--"),
          std::string(kHint)};
}

Error NoValue(const OptionSpec& option) {
  const std::string name = "--" + std::string(option.name);
  const std::string metavar(option.metavar);
  return {name + " has no value", "Write '" + name + " " + metavar + "', or '" + name + "=" +
                                      metavar + "' if the value begins with '-'."};
}

// What CLI11 found for one option, as the values that were meant.
Result<std::vector<std::string>> ValuesOf(const OptionSpec& option,
                                          const std::vector<std::string>& found) {
  const std::string name = "--" + std::string(option.name);
  std::vector<std::string> values;
  for (const std::string& value : found) {
    if (option.type == OptionSpec::Type::kFlag) {
      if (value != "true") {
        return Fail(name + " takes no value",
                    "Write '" + name + "' to turn it on, or leave it out.");
      }
      values.push_back(value);
      continue;
    }
    if (value == kNoValue) return std::unexpected(NoValue(option));
    std::optional<std::string> meant = GoUnquote(value == kEmptyValue ? "" : value);
    if (!meant) {
      return Fail("the value of " + name + " begins with '\"' but is no quoted string",
                  "Close the quotes, and write a backslash as \\\\.");
    }
    values.push_back(std::move(*meant));
  }
  return values;
}

Result<CommandLine> Collect(const CLI::App& app, const Registered& options,
                            const CLI::Option& short_help) {
  CommandLine line;
  const auto given = [&options](std::string_view name) {
    for (const auto& [spec, found] : options) {
      if (spec->name == name) return found->count() > 0;
    }
    return false;
  };
  for (const std::string_view mode : {"help", "version", "list-parsers"}) {
    if (given(mode)) line.values.Set(mode, {"true"}, "--" + std::string(mode));
  }
  line.short_help = short_help.count() > 0 && !given("help");
  if (line.short_help) line.values.Set("help", {"true"}, "-h");
  if (line.values.Has("help") || line.values.Has("version")) return line;

  for (const std::string& extra : app.remaining()) {
    if (extra.size() > 1 && extra.starts_with('-') && extra != "--") {
      return std::unexpected(UnknownOption(extra));
    }
    line.words.push_back(extra);
  }
  for (const auto& [spec, found] : options) {
    if (found->count() == 0) continue;
    Result<std::vector<std::string>> values = ValuesOf(*spec, found->results());
    if (!values) return std::unexpected(values.error());
    line.values.Set(spec->name, std::move(*values), "--" + std::string(spec->name));
  }
  return line;
}

}  // namespace

Result<CommandLine> ParseCommandLine(std::span<const char* const> argv) {
  // CLI11 takes its arguments from the back.
  std::vector<std::string> arguments;
  for (size_t i = argv.size(); i > 1; --i) arguments.push_back(Adapted(argv[i - 1]));
  try {
    CLI::App app;
    const Registered options = Register(&app);
    const CLI::Option* short_help = app.add_flag("-h");
    app.parse(std::move(arguments));
    return Collect(app, options, *short_help);
  } catch (const CLI::Error& error) {
    return Fail(std::string("cannot read the command line: ") + error.what());
  }
}

}  // namespace hctail
