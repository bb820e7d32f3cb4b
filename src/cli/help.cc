// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "cli/flags.h"
#include "parsers/parser.h"

namespace hctail {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kHelpColumn = 30;

constexpr std::string_view kUsage =
    "Usage: hctail [OPTIONS] -f FILE...\n"
    "       hctail [OPTIONS] --backfill -f FILE...\n"
    "       PRODUCER | hctail [OPTIONS] -f -\n"
    "       hctail [OPTIONS] COMMAND\n";

constexpr std::string_view kAbout =
    "hctail follows log files, turns their lines into structured events and ships\n"
    "them to Honeycomb. Without an API key it prints the events.\n";

// Appends the words of `text`, breaking lines before kWidth; lines after the first begin at
// `indent`, and the current one is at `column`.
void AppendWrapped(std::string_view text, size_t indent, size_t column, std::string* out) {
  bool first = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!first && column + 1 + word.size() > kWidth) {
      out->append("\n").append(indent, ' ');
      column = indent;
    } else if (!first) {
      out->push_back(' ');
      ++column;
    }
    out->append(word);
    column += word.size();
    first = false;
  }
  out->push_back('\n');
}

// "-f, --file FILE".
std::string Synopsis(const OptionSpec& option) {
  std::string text =
      option.short_name == 0 ? "    " : "-" + std::string(1, option.short_name) + ", ";
  text += "--" + std::string(option.name);
  if (!option.metavar.empty()) text += " " + std::string(option.metavar);
  return text;
}

void AppendOption(const OptionSpec& option, std::string_view text, std::string* out) {
  std::string synopsis = "  " + Synopsis(option);
  // A long list of choices goes on in lines of its own.
  while (synopsis.size() > kWidth) {
    const size_t bar = synopsis.rfind('|', kWidth - 1);
    if (bar == std::string::npos) break;
    out->append(synopsis, 0, bar + 1).push_back('\n');
    synopsis = std::string(kHelpColumn / 2, ' ') + synopsis.substr(bar + 1);
  }
  out->append(synopsis);
  size_t column = synopsis.size();
  if (column + 2 > kHelpColumn) {
    out->push_back('\n');
    column = 0;
  }
  out->append(kHelpColumn - column, ' ');
  AppendWrapped(text, kHelpColumn, kHelpColumn, out);
}

std::string WithDefault(const OptionSpec& option) {
  std::string text(option.help);
  if (!option.default_text.empty()) text += " [default: " + std::string(option.default_text) + "]";
  return text;
}

std::string CommandHelp() {
  std::string out = "\nCommands:\n";
  for (const CommandSpec& spec : AllCommands()) {
    std::string line = "  " + std::string(spec.name);
    if (!spec.synopsis.empty()) line += " " + std::string(spec.synopsis);
    line.resize(std::max(line.size() + 2, kHelpColumn), ' ');
    out += line;
    AppendWrapped(spec.help, kHelpColumn, line.size(), &out);
  }
  return out;
}

// --- mdoc ---

// Text that roff prints as it stands.
std::string Roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '^':
        out += "\\(ha";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Sentences, each on its line as mdoc wants it.
void AppendSentences(std::string_view text, std::string* out) {
  while (!text.empty()) {
    size_t end = text.find(". ");
    end = end == std::string_view::npos ? text.size() : end + 1;
    std::string line = Roff(text.substr(0, end));
    if (line.starts_with('.')) line.insert(0, "\\&");
    out->append(line).append("\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string Sentence(std::string_view text) {
  std::string sentence(text);
  if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z') {
    sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  }
  return sentence + ".";
}

void AppendManOption(const OptionSpec& option, std::string* out) {
  const std::string value = option.metavar.empty() ? "" : " Ar " + Roff(option.metavar);
  out->append(".It ");
  if (option.short_name != 0) {
    out->append("Fl ").append(1, option.short_name).append(value).append(" , ");
  }
  out->append("Fl -").append(option.name).append(value).append("\n");
  AppendSentences(Sentence(option.help), out);
  AppendSentences(option.detail, out);
  if (!option.default_text.empty()) {
    AppendSentences("The default is " + std::string(option.default_text) + ".", out);
  }
  if (option.aliases.empty()) return;
  std::string aliases;
  for (const std::string_view alias : option.aliases) {
    aliases += (aliases.empty() ? "--" : " and --") + std::string(alias);
  }
  AppendSentences("Also spelled " + aliases + ".", out);
}

// --- bash ---

// "-f|--file": all spellings of an option, as a pattern of case.
std::string BashPattern(const OptionSpec& option) {
  std::string pattern;
  if (option.short_name != 0) pattern = "-" + std::string(1, option.short_name) + "|";
  pattern += "--" + std::string(option.name);
  for (const std::string_view alias : option.aliases) pattern += "|--" + std::string(alias);
  return pattern;
}

std::string ParserNames() {
  std::string names = "auto";
  for (const ParserSpec& parser : AllParsers()) names += " " + std::string(parser.name);
  return names;
}

// What may follow the first word of a command: the second one, or files.
std::string BashCommands() {
  std::map<std::string_view, std::string> follow;
  for (const CommandSpec& spec : AllCommands()) {
    const size_t space = spec.name.find(' ');
    std::string& words = follow[spec.name.substr(0, space)];
    if (space == std::string_view::npos) continue;
    words += (words.empty() ? "" : " ") + std::string(spec.name.substr(space + 1));
  }
  std::string cases;
  for (const auto& [first, words] : follow) {
    cases += "    " + std::string(first) + ")\n      mapfile -t COMPREPLY < <(compgen " +
             (words.empty() ? "-f" : "-W '" + words + "'") + " -- \"$cur\")\n      return ;;\n";
  }
  return cases;
}

std::string FirstWords() {
  std::set<std::string_view> words = {"help"};
  for (const CommandSpec& spec : AllCommands()) {
    words.insert(spec.name.substr(0, spec.name.find(' ')));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

// What completes the value of an option.
std::string BashValues(const OptionSpec& option) {
  if (option.metavar == "FILE") return "compgen -f -- \"$cur\"";
  if (option.metavar == "DIR") return "compgen -d -- \"$cur\"";
  std::string words;
  if (option.name == "parser") {
    words = ParserNames();
  } else if (option.name == "compression") {
    words = "zstd gzip none";
  } else if (option.type == OptionSpec::Type::kChoice) {
    for (const std::string_view choice : ChoicesOf(option)) {
      words += (words.empty() ? "" : " ") + std::string(choice);
    }
  }
  return words.empty() ? ":" : "compgen -W \"" + words + "\" -- \"$cur\"";
}

}  // namespace

std::string VersionText() { return "hctail " HCTAIL_VERSION "\n"; }

std::string ParserList() {
  std::string out = "auto        recognises the format of each file by its first lines\n";
  for (const ParserSpec& parser : AllParsers()) {
    std::string name(parser.name);
    name.resize(std::max<size_t>(name.size() + 1, 12), ' ');
    out += name + std::string(parser.summary) + "\n";
  }
  return out;
}

std::string ShortHelp() {
  std::string out(kUsage);
  out.append("\n").append(kAbout).append(CommandHelp()).append("\n");
  for (const OptionSpec& option : AllOptions()) {
    if (option.common) AppendOption(option, WithDefault(option), &out);
  }
  return out + "\n'hctail --help' shows all options, 'man hctail' explains them.\n";
}

std::string FullHelp() {
  std::string out(kUsage);
  out.append("\n").append(kAbout).append(CommandHelp());
  std::string_view category;
  for (const OptionSpec& option : AllOptions()) {
    if (option.category != category) {
      category = option.category;
      out.append("\n").append(category).append(":\n");
    }
    std::string text = WithDefault(option);
    if (!option.detail.empty()) text += ". " + std::string(option.detail);
    AppendOption(option, text, &out);
  }
  return out +
         "\nTimes are written 500ms, 10s, 2m or 1h, sizes 4096, 64KiB or 1MB. The names of\n"
         "honeytail's options are understood too.\n";
}

std::string ManOptions() {
  std::string out;
  std::string_view category;
  for (const OptionSpec& option : AllOptions()) {
    if (option.category != category) {
      if (!category.empty()) out += ".El\n";
      category = option.category;
      out.append(".Ss ").append(category).append("\n.Bl -tag -width Ds\n");
    }
    AppendManOption(option, &out);
  }
  return out + ".El\n";
}

std::string ManParsers() {
  std::string out =
      ".Bl -tag -width postgresql\n.It Cm auto\nRecognises the format of each file by its first "
      "lines.\n";
  for (const ParserSpec& parser : AllParsers()) {
    out.append(".It Cm ").append(parser.name).append("\n");
    AppendSentences(Sentence(parser.summary), &out);
  }
  return out + ".El\n";
}

std::string BashCompletion() {
  std::string options;
  std::string cases;
  for (const OptionSpec& option : AllOptions()) {
    options += "    --" + std::string(option.name) + "\n";
    if (option.type == OptionSpec::Type::kFlag) continue;
    cases += "    " + BashPattern(option) + ")\n";
    cases += "      mapfile -t COMPREPLY < <(" + BashValues(option) + ")\n      return ;;\n";
  }
  return "# SPDX-License-Identifier: Apache-2.0\n"
         "# bash completion for hctail.  Made by 'hctail help bash'; do not edit.\n"
         "\n"
         "_hctail() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local options='\n" +
         options +
         "  '\n"
         "  # Readline splits --name=value at the '='.\n"
         "  if [[ $cur == '=' ]]; then\n"
         "    cur=\n"
         "  elif [[ $prev == '=' ]]; then\n"
         "    prev=${COMP_WORDS[COMP_CWORD-2]}\n"
         "  fi\n"
         "  case $prev in\n" +
         cases + BashCommands() +
         "  esac\n"
         "  if [[ $cur == -* ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
         "  elif ((COMP_CWORD == 1)); then\n"
         "    mapfile -t COMPREPLY < <(compgen -W '" +
         FirstWords() +
         "' -- \"$cur\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _hctail hctail\n";
}

}  // namespace hctail
