// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/errors.h"

#include <doctest/doctest.h>

namespace hctail::transcript {
namespace {

// Lines of output; those that are elements after ">> " are given as such.
ErrorFinder Find(int version, std::string_view command, const std::vector<std::string>& lines) {
  ErrorFinder finder;
  finder.Begin(command, version);
  for (const std::string& line : lines) {
    if (line.starts_with(">> ")) {
      finder.AddElement(ReadElement(line.substr(3)).value());
    } else {
      finder.AddOutput(line);
    }
  }
  finder.Finish();
  return finder;
}

const std::vector<std::string> kNormal = {
    "Get-Item : Cannot find path 'C:\\x' because it does not exist.",
    "At line:1 char:1",
    "+ Get-Item C:\\x",
    "+ ~~~~~~~~~~~~~",
    "    + CategoryInfo          : ObjectNotFound: (C:\\x:String) [Get-Item], "
    "ItemNotFoundException",
    "    + FullyQualifiedErrorId : PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand",
    " "};

std::vector<std::string> Joined(const std::vector<std::vector<std::string>>& parts) {
  std::vector<std::string> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST_CASE("ErrorFinder: 5.1, all that it says") {
  const ErrorFinder found = Find(5, "Get-Item", kNormal);
  REQUIRE(found.count() == 1);
  const ErrorRecord& error = found.records()[0];
  CHECK(error.name == "Get-Item");
  CHECK(error.message == "Cannot find path 'C:\\x' because it does not exist.");
  CHECK(error.category == "ObjectNotFound");
  CHECK(error.exception == "ItemNotFoundException");
  CHECK(error.id == "PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand");
  CHECK_FALSE(error.terminating);
}

TEST_CASE("ErrorFinder: the same error however often and however wrapped is one") {
  std::vector<std::string> wrapped = kNormal;
  wrapped[0] = "Get-Item : Cannot find path 'C:\\x' because it";
  wrapped.insert(wrapped.begin() + 1, "does not exist.");
  CHECK(Find(5, "x", Joined({kNormal, wrapped, kNormal})).count() == 1);
  wrapped[5] =
      "    + CategoryInfo          : ObjectNotFound: (C:\\x:String) [Get-Item], ItemNotFou";
  wrapped.insert(wrapped.begin() + 6, "   ndException");
  const ErrorFinder found = Find(5, "x", Joined({wrapped, kNormal}));
  REQUIRE(found.count() == 1);
  CHECK(found.records()[0].exception == "ItemNotFoundException");
}

TEST_CASE("ErrorFinder: other errors are others") {
  std::vector<std::string> other = kNormal;
  other[0] = "Get-Item : Cannot find path 'C:\\y' because it does not exist.";
  CHECK(Find(5, "x", Joined({kNormal, kNormal, other, other})).count() == 2);
}

TEST_CASE("ErrorFinder: the same error behind other output happened again") {
  const std::vector<std::string> step = {"copying the next one"};
  CHECK(Find(5, "x", Joined({kNormal, kNormal, step, kNormal, kNormal})).count() == 2);
  CHECK(Find(5, "x", Joined({kNormal, step, step, kNormal, step})).count() == 2);
  CHECK(Find(5, "x", Joined({kNormal, {"", " "}, kNormal})).count() == 1);
  const std::vector<std::string> head = {"Get-Item: Cannot find path."};
  CHECK(Find(7, "x", Joined({head, head, step, head, head})).count() == 2);
  const ErrorFinder found = Find(7, "x", Joined({head, head, step, head, head, step}));
  for (const ErrorRecord& error : found.records()) CHECK(error.message == "Cannot find path.");
  const std::vector<std::string> excerpt = {"New-Thing: ",           "Line |",
                                            "   7 |  New-Thing",     "     |  ~~~~~~~~~",
                                            "     | There is none.", ""};
  CHECK(Find(7, "x", Joined({excerpt, excerpt, step, excerpt, excerpt, step})).count() == 2);
  const std::vector<std::string> raised = {">> TerminatingError(New-Thing): \"There is none.\""};
  CHECK(Find(7, "x", Joined({raised, excerpt, excerpt, step, raised, excerpt, excerpt})).count() ==
        2);
}

TEST_CASE("ErrorFinder: a message of two lines shown twice is one error, and again later two") {
  const std::vector<std::string> error = {"Get-Item: The first line of it,", "and the second."};
  const std::vector<std::string> step = {"other output"};
  CHECK(Find(7, "x", Joined({error, error})).count() == 1);
  const ErrorFinder found = Find(7, "x", Joined({error, error, step, error, error}));
  REQUIRE(found.count() == 2);
  CHECK(found.records()[0].message == "The first line of it, and the second.");
  CHECK(found.records()[1].message == "The first line of it, and the second.");
}

TEST_CASE("ErrorFinder: output before an error is no part of it") {
  const ErrorFinder found = Find(5, "x", Joined({{"Name : y", "", "copying"}, kNormal}));
  REQUIRE(found.count() == 1);
  CHECK(found.records()[0].message == "Cannot find path 'C:\\x' because it does not exist.");
}

TEST_CASE("ErrorFinder: positions in other languages, long paths, and none at all") {
  for (const char* position :
       {"In Zeile:1 Zeichen:1", "Au caractère Ligne:1 : 1", "En línea: 1 Carácter: 1",
        "発生場所 行:1 文字:1", "строка:1 знак:1", "At C:\\job\\step.ps1:120 char:33"}) {
    CAPTURE(position);
    std::vector<std::string> lines = kNormal;
    lines[1] = position;
    CHECK(Find(5, "x", lines).records()[0].message ==
          "Cannot find path 'C:\\x' because it does not exist.");
  }
  std::vector<std::string> lines = kNormal;
  lines[1] = "At C:\\job\\a long path that does not fit into";
  lines.insert(lines.begin() + 2, "the line\\step.ps1:120 char:33");
  CHECK(Find(5, "x", Joined({lines, kNormal})).count() == 1);
  const ErrorFinder bare =
      Find(5, "x",
           {"Write-Error boom : boom",
            "    + CategoryInfo          : NotSpecified: (:) "
            "[Write-Error], WriteErrorException",
            "    + FullyQualifiedErrorId : Microsoft.PowerShell.Commands.WriteErrorException"});
  REQUIRE(bare.count() == 1);
  CHECK(bare.records()[0].message == "boom");
  const ErrorFinder thrown =
      Find(5, "x", Joined({{"out of paper"}, {kNormal.begin() + 1, kNormal.end()}}));
  CHECK(thrown.records()[0].message == "out of paper");
  CHECK(thrown.records()[0].name.empty());
}

TEST_CASE("ErrorFinder: 7, the short form counts where it says enough") {
  const struct {
    std::vector<std::string> lines;
    size_t count;
  } kCases[] = {
      {{"Get-Item: gone", "Get-Item: gone"}, 1},
      {{"Get-Item: gone"}, 1},
      {{"Get-Item: gone", "Get-Item: lost"}, 2},
      {{"InvalidOperation: You cannot call a method on a null-valued expression."}, 1},
      {{"nope: The term 'nope' is not recognized as a name of a cmdlet"}, 1},
      {{"nope: Der Begriff „nope“ wurde nicht erkannt"}, 1},
      {{"Exception: out of paper", "Exception: out of paper"}, 1},
      {{"Exception: out of paper"}, 0},
      {{"build: failed here", "build: failed here"}, 1},  // the command's name
      {{"build: failed here"}, 0},
      {{"/srv/step.ps1: boom", "/srv/step.ps1: boom"}, 1},
      {{"Status: OK", "Status: OK"}, 0},
      {{"Content-Length: 1", "Content-Length: 1"}, 0},
      {{"Set-Cookie: a=b", "Set-Cookie: a=b"}, 0},
      {{"X-Frame-Options: DENY"}, 0},
      {{"    Directory: C:\\x", "    Directory: C:\\x"}, 0},
      {{"error: file not found"}, 0},
      {{"a Get-Item: gone"}, 0},
  };
  for (const auto& [lines, count] : kCases) {
    CAPTURE(lines[0]);
    CHECK(Find(7, "build", lines).count() == count);
    CHECK(Find(5, "build", lines).count() == 0);
  }
}

TEST_CASE("ErrorFinder: 7, the rest of a message shows when it is repeated") {
  const ErrorFinder found = Find(7, "nope",
                                 {"nope: The term 'nope' is unknown.", "Check the spelling.",
                                  "nope: The term 'nope' is unknown.", "Check the spelling."});
  REQUIRE(found.count() == 1);
  CHECK(found.records()[0].message == "The term 'nope' is unknown. Check the spelling.");
}

TEST_CASE("ErrorFinder: 7, with an excerpt of the script") {
  const std::vector<std::string> excerpt = {
      "Get-Item: C:\\job\\step.ps1:3",   "Line |",
      "   3 |  Get-Item $path",          "     |  ~~~~~~~~~~~~~~",
      "     | Cannot find path 'C:\\x'", "     | because it does not exist."};
  const std::vector<std::string> other = {"Copy_Inputs: C:\\job\\step.ps1:9", "Line |",
                                          "   9 |  Copy_Inputs", "     |  ~~~~",
                                          "     | No share."};
  const ErrorFinder found = Find(7, "x", Joined({excerpt, excerpt, other, other}));
  REQUIRE(found.count() == 2);
  CHECK(found.records()[0].name == "Get-Item");
  CHECK(found.records()[0].message == "Cannot find path 'C:\\x' because it does not exist.");
  CHECK(found.records()[1].name == "Copy_Inputs");
  CHECK(Find(7, "x",
             {"ParserError: ", "Line |", "   1 |  foreach", "     |  ~", "     | Missing '('."})
            .records()[0]
            .category == "ParserError");
}

std::vector<std::string> Excerpt(const std::string& name, const std::string& place,
                                 const std::string& message) {
  return {name + ": " + place, "Line |", "   3 |  Write-Log $text", "     |  ~~~~~~~~~~~~~~~",
          "     | " + message, ""};
}

TEST_CASE("ErrorFinder: 7, an error that the console calls otherwise is one") {
  const std::string place = "C:\\job\\step.ps1:3";
  const auto first = Excerpt("Write-Error", place, "[ERROR] No share was found anywhere");
  const auto copy = Excerpt("Write-Log", place, "[ERROR] No share was");
  const ErrorFinder found = Find(7, "x", Joined({first, copy}));
  REQUIRE(found.count() == 1);
  CHECK(found.records()[0].name == "Write-Error");
  CHECK(Find(7, "x", Joined({first, first, copy})).count() == 1);
  CHECK(Find(7, "x", Joined({first, copy, copy})).count() == 1);
  // In a loop it happens more than once.
  CHECK(Find(7, "x", Joined({first, copy, first, copy})).count() == 2);
  CHECK(Find(7, "x", Joined({first, copy, {"next"}, first, copy, first, copy})).count() == 3);
  CHECK(Find(7, "x", Joined({first, {"next"}, copy})).count() == 2);
  // Other places, other messages and none.
  const auto other = [&](const std::string& where, const std::string& message) {
    return Find(7, "x", Joined({first, Excerpt("Write-Log", where, message)})).count();
  };
  CHECK(other("C:\\job\\step.ps1:4", "[ERROR] No share was found anywhere") == 2);
  CHECK(other(place, "[ERROR] No disk") == 2);
  CHECK(
      Find(7, "x",
           Joined({Excerpt("A", "", "No share was found"), Excerpt("B", "", "No share was found")}))
          .count() == 2);
  std::vector<std::string> many;
  for (int i = 0; i < 130; ++i) {
    const std::string at = "C:\\job\\step.ps1:" + std::to_string(i);
    many = Joined({many, Excerpt("Write-Error", at, "No"), Excerpt("Write-Log", at, "No")});
  }
  CHECK(Find(7, "x", many).count() == 130);
}

TEST_CASE("ErrorFinder: exceptions that are shown end the command, others were caught") {
  const std::string raised =
      ">> TerminatingError(Get-Content): \"The running command stopped because the preference "
      "variable \"ErrorActionPreference\" is set to Stop: Cannot find path 'C:\\in.csv'.\"";
  const ErrorFinder shown =
      Find(7, "Get-Content", {raised, raised, "Get-Content: Cannot find path 'C:\\in.csv'."});
  REQUIRE(shown.count() == 1);
  CHECK(shown.terminating() == 1);
  CHECK(shown.caught().empty());
  const ErrorFinder bare =
      Find(7, "x",
           {raised,
            "The running command stopped because the preference variable \"ErrorActionPreference\" "
            "is set to Stop: Cannot find path 'C:\\in.csv'.",
            "Get-Content: Cannot find path 'C:\\in.csv'."});
  REQUIRE(bare.count() == 1);
  CHECK(bare.records()[0].message == "Cannot find path 'C:\\in.csv'.");
  CHECK(bare.records()[0].terminating);
  const ErrorFinder caught = Find(7, "x", {raised, "no such file, going on"});
  CHECK(caught.count() == 0);
  REQUIRE(caught.caught().size() == 1);
  CHECK(caught.caught()[0].name == "Get-Content");
  const ErrorFinder rethrown =
      Find(7, "x", {raised, "Write-Error: Failed to read: Cannot find path 'C:\\in.csv'."});
  CHECK(rethrown.count() == 1);
  CHECK(rethrown.terminating() == 0);
  CHECK(rethrown.caught().size() == 1);
  CHECK(Find(5, "x",
             Joined({{">> TerminatingError(Get-Item): \"Cannot find path 'C:\\x' because "
                      "it does not exist.\""},
                     kNormal}))
            .terminating() == 1);
}

TEST_CASE("ErrorFinder: the same exception behind other output was caught again") {
  const std::string raised = ">> TerminatingError(Set-ADObject): \"Insufficient access rights\"";
  CHECK(Find(5, "x", {raised, "failed on a", raised, "failed on b", raised}).caught_count() == 3);
  CHECK(Find(5, "x", {raised, raised, "failed", "failed", raised}).caught_count() == 2);
  CHECK(Find(5, "x", {raised, "", raised}).caught_count() == 1);
  std::vector<std::string> lines = {raised};
  lines.insert(lines.end(), 100, "more");
  lines.push_back(raised);
  CHECK(Find(5, "x", lines).caught_count() == 2);
  // Another error tells that time went by; the lines of its own do not.
  std::vector<std::string> own = kNormal;
  own[0] = "Set-ADObject : Insufficient access rights";
  const ErrorFinder other = Find(5, "x", Joined({{raised}, kNormal, kNormal, {raised}}));
  CHECK(other.count() == 1);
  CHECK(other.caught_count() == 2);
  const ErrorFinder shown = Find(5, "x", Joined({{raised}, own, {raised}, own}));
  CHECK(shown.count() == 1);
  CHECK(shown.caught_count() == 0);
  // Caught first, and in the end not.
  const ErrorFinder both = Find(5, "x", Joined({{raised, "again", raised}, own, own}));
  CHECK(both.count() == 1);
  CHECK(both.terminating() == 1);
  CHECK(both.caught_count() == 1);
  const ErrorFinder late = Find(5, "x", Joined({{raised}, own, {"again", raised, "giving up"}}));
  CHECK(late.count() == 1);
  CHECK(late.terminating() == 1);
  CHECK(late.caught_count() == 1);
}

TEST_CASE("ErrorFinder: counts exceptions on when there are too many to keep") {
  std::vector<std::string> lines;
  for (int i = 0; i < 160; ++i) {
    const std::string number = std::to_string(i);
    lines.push_back(">> TerminatingError(Get-Item): \"Cannot find " + number + "\"");
    lines.push_back("failed on number " + number);
  }
  const ErrorFinder found = Find(5, "x", lines);
  CHECK(found.caught_count() == 160);
  CHECK(found.caught().size() == ErrorFinder::kMaxRecords);
  CHECK(found.caught()[99].message == "Cannot find 99");
}

TEST_CASE("ErrorFinder: errors that module logging alone shows") {
  const std::string error = ">> NonTerminatingError(Get-Item): \"Cannot find it.\"";
  CHECK(Find(5, "x", {error}).count() == 1);
  CHECK(Find(5, "x", {error, error}).count() == 1);
  CHECK(Find(5, "x",
             {">> ParameterBinding(Get-Item): name=\"ErrorAction\"; value=\"SilentlyContinue\"",
              error})
            .count() == 0);
  CHECK(Find(5, "x", {error, "next", error, "next", error}).count() == 3);
}

TEST_CASE("ErrorFinder: counts on when there are too many to keep") {
  std::vector<std::string> lines;
  for (int i = 0; i < 300; ++i) {
    lines.push_back("Get-Item: Cannot find number " + std::to_string(i) + " anywhere");
  }
  const ErrorFinder found = Find(7, "x", Joined({lines, lines}));
  CHECK(found.records().size() == ErrorFinder::kMaxRecords);
  CHECK(found.count() == 300);
}

}  // namespace
}  // namespace hctail::transcript
