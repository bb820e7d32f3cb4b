// SPDX-License-Identifier: Apache-2.0
// Prompts, elements, the text of commands, and words.
#include <doctest/doctest.h>

#include "parsers/transcript/command_text.h"
#include "parsers/transcript/element.h"
#include "parsers/transcript/prompt.h"
#include "parsers/transcript/unit.h"
#include "parsers/transcript/words.h"

namespace hctail::transcript {
namespace {

TEST_CASE("DefaultPromptSize: PowerShell's prompts, with what is usually before them") {
  const struct {
    std::string_view prompt;
    std::string_view command;
  } kPrompts[] = {
      {"PS C:\\> ", "dir"},
      {"PS C:\\Users\\A b> ", "echo a > b"},
      {"PS C:\\>> ", "nested"},
      {"PS>", "dir"},
      {"PS> ", "dir"},
      {"PS C:\\x>", ""},
      {"[DBG]: PS C:\\>> ", "q"},
      {"[host.example.com]: PS C:\\> ", "dir"},
      {"[host]: [DBG]: PS C:\\>> ", "dir"},
      {"(.venv) PS C:\\> ", "dir"},
      {"(base) [h]: PS /srv> ", "ls"},
      {"PS C:\\x>", "dir"},
      {"PS HKLM:\\> ", "dir"},
      {"PS Microsoft.PowerShell.Core\\FileSystem::\\\\srv\\share> ", "dir"},
      {"PS>", "$global:?"},
  };
  for (const auto& [prompt, command] : kPrompts) {
    const std::string line = std::string(prompt) + std::string(command);
    CAPTURE(line);
    CHECK(DefaultPromptSize(line) == prompt.size());
  }
}

TEST_CASE("DefaultPromptSize: other lines have none") {
  for (const char* line :
       {"", "PS", "PS C:\\x", "PSVersion: 5>1", "PS a->b", "C:\\> dir", "> x", "[x] PS C:\\> y",
        "(a b) PS C:\\> x", " PS C:\\> x", "Please PS C:\\> x", "() PS C:\\> x", "(", "["}) {
    CAPTURE(line);
    CHECK(DefaultPromptSize(line) == 0);
  }
}

TEST_CASE("Prompts: folders, environments and likely ends") {
  CHECK(FolderOf("(a) [h]: PS C:\\A b>> ") == "C:\\A b");
  CHECK(FolderOf("PS>").empty());
  CHECK(FolderOf("~ $ ").empty());
  CHECK(EnvironmentSize("(.venv) dir") == 8);
  CHECK(EnvironmentSize("(a b) dir") == 0);
  CHECK(EnvironmentSize("()") == 0);
  CHECK(LikelyPromptSize("[main] C:\\x> git log > y") == 13);
  CHECK(LikelyPromptSize("~/x $ echo a > b") == 6);
  CHECK(LikelyPromptSize("❯ ls") == 4);
  CHECK(LikelyPromptSize("ls") == 0);
  CHECK(IsBareFolder("E:\\a b>"));
  CHECK_FALSE(IsBareFolder("E:\\a>b>"));
  CHECK_FALSE(IsBareFolder("E:\\a> dir"));
}

TEST_CASE("ReadElement: the four kinds") {
  const auto invocation = ReadElement("CommandInvocation(Get-Item): \"Get-Item\"");
  REQUIRE(invocation);
  CHECK(invocation->kind == ElementKind::kInvocation);
  CHECK(invocation->cmdlet == "Get-Item");
  CHECK(invocation->text == "Get-Item");
  const auto parameter =
      ReadElement("ParameterBinding(Get-Item): name=\"Path\"; value=\"a \"b\" c\"");
  REQUIRE(parameter);
  CHECK(parameter->name == "Path");
  CHECK(parameter->text == "a \"b\" c");
  CHECK(ReadElement("TerminatingError(): \"x\"")->kind == ElementKind::kTerminatingError);
  CHECK(ReadElement("NonTerminatingError(a): \"x\"")->kind == ElementKind::kError);
}

TEST_CASE("ReadElement: Turkish and Chinese punctuation") {
  CHECK(ReadElement("TerminatingError(a): “x”")->text == "x");
  CHECK(ReadElement("TerminatingError(a):\"x\"")->text == "x");
  const auto parameter = ReadElement("ParameterBinding(a): name=\"n\"；value=\"v\"");
  REQUIRE(parameter);
  CHECK(parameter->name == "n");
  CHECK(parameter->text == "v");
  CHECK(ReadElement("ParameterBinding(a): name=\"n\"; value=\"v”")->text == "v");
}

TEST_CASE("ReadElement: a text of several lines") {
  auto element = ReadElement("TerminatingError(a): \"one");
  REQUIRE(element);
  CHECK(element->open);
  AddLine("two \"quoted\" words", &*element);
  CHECK(element->open);
  AddLine("three\"", &*element);
  CHECK_FALSE(element->open);
  CHECK(element->text == "one\ntwo \"quoted\" words\nthree");
}

TEST_CASE("ReadElement: nothing else is one") {
  for (const char* line :
       {"", "CommandInvocation", "CommandInvocation(", "CommandInvocation(a)",
        "CommandInvocation(a): b", "ParameterBinding(a): \"b\"", "ParameterBinding(a): name=\"b\"",
        "TerminatingErrors(a): \"b\"", "ParameterBinding(a): name=b value=\"c\""}) {
    CAPTURE(line);
    CHECK_FALSE(ReadElement(line).has_value());
  }
}

bool OpenAfter(std::initializer_list<std::string_view> lines) {
  CommandText text;
  text.Begin();
  for (const std::string_view line : lines) text.Add(line);
  return text.open();
}

TEST_CASE("CommandText: goes on while something is open") {
  CHECK(OpenAfter({"if ($x) {"}));
  CHECK(OpenAfter({"Get-Item `"}));
  CHECK(OpenAfter({"Get-Item |"}));
  CHECK(OpenAfter({"a, b,"}));
  CHECK(OpenAfter({"$x ="}));
  CHECK(OpenAfter({"build &&"}));
  CHECK(OpenAfter({"'it"}));
  CHECK(OpenAfter({"@'"}));
  CHECK(OpenAfter({"@'", "text", " '@"}));
  CHECK(OpenAfter({"<# comment"}));
  CHECK(OpenAfter({"f (1,", "2"}));
  CHECK(OpenAfter({"echo “typographic"}));
}

TEST_CASE("CommandText: is over when nothing is") {
  CHECK_FALSE(OpenAfter({"dir"}));
  CHECK_FALSE(OpenAfter({"if ($x) {", "}"}));
  CHECK_FALSE(OpenAfter({"echo 'it''s {' \"a \"\"b\"\" `\" {\""}));
  CHECK_FALSE(OpenAfter({"@'", "it's {", "'@ | Set-Content x"}));
  CHECK_FALSE(OpenAfter({"@\"", "\"quoted\"", "\"@"}));
  CHECK_FALSE(OpenAfter({"dir # it's"}));
  CHECK_FALSE(OpenAfter({"# a list,"}));
  CHECK_FALSE(OpenAfter({"echo a#'b'"}));
  CHECK_FALSE(OpenAfter({"<# it's", "over #> dir"}));
  CHECK_FALSE(OpenAfter({"cmd --% /c \"x"}));
  CHECK_FALSE(OpenAfter({"echo )"}));
  CHECK_FALSE(OpenAfter({"echo `'"}));
  CHECK_FALSE(OpenAfter({"Get-Item `", "  x"}));
}

TEST_CASE("CommandText: what belongs to a block that was closed") {
  CHECK(CommandText::GoesOn("}", "else {"));
  CHECK(CommandText::GoesOn("  }", "  elseif ($x) {"));
  CHECK(CommandText::GoesOn("try { a }", "catch [X] { }"));
  CHECK_FALSE(CommandText::GoesOn("}", "elsewhere"));
  CHECK_FALSE(CommandText::GoesOn("}", "catch"));
  CHECK_FALSE(CommandText::GoesOn("dir", "else {"));
}

TEST_CASE("FirstWord: without call operators and quotes") {
  CHECK(FirstWord("Get-Item x") == "Get-Item");
  CHECK(FirstWord("  & 'C:\\a b.exe' -x") == "C:\\a b.exe");
  CHECK(FirstWord(". ./x.ps1; y") == "./x.ps1");
  CHECK(FirstWord("a|b") == "a");
  CHECK(FirstWord("").empty());
}

TEST_CASE("Words: streams, languages and the note at the start") {
  CHECK(StreamOf("WARNING: x") == Stream::kWarning);
  CHECK(StreamOf("ADVERTENCIA: x") == Stream::kWarning);
  CHECK(StreamOf("警告: x") == Stream::kWarning);
  CHECK(StreamOf("ВНИМАНИЕ! x") == Stream::kWarning);
  CHECK(StreamOf("AUSFÜHRLICH: x") == Stream::kVerbose);
  CHECK(StreamOf("DÉBOGUER : x") == Stream::kDebug);
  CHECK(StreamOf("Warning: x") == Stream::kOutput);
  CHECK(StreamOf("x WARNING: y") == Stream::kOutput);
  CHECK(LanguageOfStart("Hora de inicio") == "es");
  CHECK(LanguageOfStart("Hora de início") == "pt");
  CHECK(LanguageOfStart("When").empty());
  CHECK(IsEndLabel("終了時刻"));
  CHECK_FALSE(IsEndLabel("開始時刻"));
  CHECK(IsStartedNote("Transcript started, output file is C:\\x"));
  CHECK_FALSE(IsStartedNote("Transcript"));
}

}  // namespace
}  // namespace hctail::transcript
