// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/blocks.h"

#include <doctest/doctest.h>

#include "parsers/transcript/header.h"

namespace hctail::transcript {
namespace {

const std::string kS(22, '*');

struct Found {
  std::vector<BlockKind> kinds;
  std::vector<std::string> texts;
  std::vector<Piece> blocks;
};

enum class Ends { kNo, kYes };

Found Find(const std::vector<std::string>& lines, Ends ends = Ends::kYes) {
  BlockFinder finder;
  Found found;
  const auto take = [&](const std::optional<Piece>& piece) {
    found.kinds.push_back(piece->kind);
    if (piece->kind == BlockKind::kText) {
      CHECK(piece->lines.size() == 1);
      found.texts.push_back(piece->lines[0].text);
    } else {
      found.blocks.push_back(*piece);
    }
  };
  uint64_t offset = 0;
  for (const std::string& line : lines) {
    if (finder.IsText(line)) {
      found.kinds.push_back(BlockKind::kText);
      found.texts.push_back(line);
    } else {
      finder.Add({line, offset, offset + line.size() + 1, {}});
      while (auto piece = finder.Next()) take(piece);
    }
    offset += line.size() + 1;
  }
  if (ends == Ends::kYes) {
    while (auto piece = finder.NextAtEnd()) take(piece);
    CHECK(finder.empty());
  }
  return found;
}

using Kinds = std::vector<BlockKind>;

TEST_CASE("BlockFinder: headers, footers and invocation headers, in any language") {
  CHECK(Find({kS, "Beginn", "Zeit: 20240305091500", "A: b", "Computer: X (Y)", kS}).kinds ==
        Kinds{BlockKind::kHeader});
  CHECK(Find({kS, "終了", "終了時刻：20240305091500", kS}).kinds == Kinds{BlockKind::kShort});
  CHECK(Find({kS, "Zeit : 20240305091500 ", kS + "  "}).kinds == Kinds{BlockKind::kInvocation});
}

TEST_CASE("BlockFinder: the time of a command may share the asterisks of the block before") {
  const Found found = Find({kS, "t", "Time: 20240305091500", kS, "T: 20240305091501", kS, "x"});
  CHECK(found.kinds == Kinds{BlockKind::kShort, BlockKind::kInvocation, BlockKind::kText});
  CHECK(found.blocks[1].time().digits == "20240305091501");
  CHECK(Find({kS, "t", "Time: 20240305091500", kS, "T: 20240305091501", "y", "x"}).texts.size() ==
        3);
}

TEST_CASE("BlockFinder: after asterisks that it did not see a time needs none") {
  BlockFinder finder;
  finder.SetAfterSeparator();
  finder.Add({"T: 20240305091501", 0, 1, {}});
  CHECK_FALSE(finder.Next().has_value());
  finder.Add({kS, 1, 2, {}});
  CHECK(finder.Next()->kind == BlockKind::kInvocation);
}

TEST_CASE("BlockFinder: what only resembles a block is given back as it came") {
  const std::vector<std::vector<std::string>> kTexts = {
      {kS, "* a box *", kS, "x"},
      {kS, kS, kS},
      {kS, "", "Time: 20240305091500", kS},
      {kS, "title", "Time: 2024030509150", kS},
      {kS, "title", "20240305091500", kS},
      {kS, "title", "Time: 20240305091500", "no field", kS},
      {kS + "*", "title", "Time: 20240305091500", kS},
      {kS, "Time: 20240305091500", "x", kS},
      {kS},
  };
  for (const auto& lines : kTexts) CHECK(Find(lines).texts == lines);
}

TEST_CASE("BlockFinder: asterisks after what was none may begin a block") {
  CHECK(Find({kS, kS, "Time: 20240305091500", kS}).kinds ==
        Kinds{BlockKind::kText, BlockKind::kInvocation});
  CHECK(Find({kS, "x", kS, "title", "Time: 20240305091500", kS}).kinds ==
        Kinds{BlockKind::kText, BlockKind::kText, BlockKind::kShort});
}

TEST_CASE("BlockFinder: at the end of the file blocks may lack their end") {
  CHECK(Find({kS, "end", "Time: 20240305091500"}).kinds == Kinds{BlockKind::kShort});
  CHECK(Find({kS, "t", "Time: 20240305091500", "U: x", "M: X (Y)"}).kinds ==
        Kinds{BlockKind::kHeader});
  CHECK(Find({kS, "Time: 20240305091500"}).kinds == Kinds{BlockKind::kInvocation});
  CHECK(Find({kS, "end", "Time: 20240305091500"}, Ends::kNo).kinds.empty());
}

TEST_CASE("BlockFinder: does not hold a file that never ends its header") {
  std::vector<std::string> lines = {kS, "t", "Time: 20240305091500"};
  for (int i = 0; i < 3000; ++i) lines.push_back("M: X (Y)");
  CHECK(Find(lines, Ends::kNo).texts.size() == lines.size());
}

Header Read(const std::vector<std::string>& lines) {
  const Found found = Find(lines);
  REQUIRE(found.blocks.size() == 1);
  return ReadHeader(found.blocks[0]);
}

TEST_CASE("ReadHeader: 5.1, with a host application of many lines") {
  const Header header =
      Read({kS, "nStart der Windows PowerShell-Aufzeichnung", "Startzeit: 20240305091500",
            "Benutzername: CORP\\ada", "RunAs-Benutzer: CORP\\svc", "Konfigurationsname: JEA",
            "Computer: HOST (Microsoft Windows NT 10.0.1)", "Hostanwendung: pwsh -Command \"a (b)",
            "12", "", "c\"", "Prozess-ID: 4711", "PSVersion: 5.1.2", "PSEdition: Desktop", kS});
  CHECK(header.language == "de");
  CHECK(header.start_digits == "20240305091500");
  CHECK(header.user == "CORP\\ada");
  CHECK(header.runas_user == "CORP\\svc");
  CHECK(header.configuration == "JEA");
  CHECK(header.machine == "HOST");
  CHECK(header.machine_os == "Microsoft Windows NT 10.0.1");
  CHECK(header.host_application == "pwsh -Command \"a (b)\n12\n\nc\"");
  CHECK(header.process_id == "4711");
  CHECK(header.version == "5.1.2");
  CHECK(header.edition == "Desktop");
  CHECK(header.major_version() == 5);
}

TEST_CASE("ReadHeader: 5.0 has no configuration name, Italian no colon after the machine's") {
  const Header header = Read({kS, "Inizio", "Ora di inizio: 20240305091500", "Nome utente: a",
                              "Utente RunAs: b", "Computer HOST (NT)", "Applicazione host: x",
                              "ID processo: 1", "PSVersion: 5.0.1", kS});
  CHECK(header.configuration.empty());
  CHECK(header.runas_user == "b");
  CHECK(header.machine == "HOST");
  CHECK(header.language == "it");
  CHECK(header.process_id == "1");
}

TEST_CASE("ReadHeader: versions 1 to 4 have user and machine, perhaps wrapped") {
  const Header header =
      Read({kS, "Windows PowerShell Transcript Start", "Start time: 20120706154632",
            "Username  : CORP\\ada ", "Machine\t  : HOST (Microsoft Windows NT 6.1.7601 Servi",
            "ce Pack 1) ", kS});
  CHECK(header.user == "CORP\\ada");
  CHECK(header.machine == "HOST");
  CHECK(header.machine_os == "Microsoft Windows NT 6.1.7601 Service Pack 1");
  CHECK(header.major_version() == 2);
  CHECK(header.process_id.empty());
}

TEST_CASE("ReadHeader: full-width colons, and a machine without a space before its system") {
  const Header header = Read({kS, "开始", "开始时间：20240305091500", "用户名：a", "RunAs：b",
                              "配置：", "機器: HOST(NT)", "应用：x", "进程：7", "PSVersion: 7.7.0",
                              "OS: Linux 6.1", "GitCommitId: 7.7.0", kS});
  CHECK(header.user == "a");
  CHECK(header.machine == "HOST");
  CHECK(header.process_id == "7");
  CHECK(header.os == "Linux 6.1");
  CHECK(header.git_commit == "7.7.0");
}

TEST_CASE("Header: the same process again") {
  Header a;
  a.machine = "m";
  a.process_id = "1";
  Header b = a;
  CHECK(a.SameProcess(b));
  b.machine = "n";
  CHECK_FALSE(a.SameProcess(b));
  CHECK_FALSE(Header().SameProcess(Header()));
}

TEST_CASE("ReadTime: 14 digits, also of a Buddhist year; nonsense is none") {
  CHECK(ReadTime("20240305091500", nullptr)->seconds == 1709630100);
  CHECK(ReadTime("25670305091500", nullptr)->seconds == 1709630100);
  for (const char* bad : {"20241305091500", "20240230091500", "20240305241500", "20240305096000",
                          "14450305091500", "00000000000000"}) {
    CHECK_FALSE(ReadTime(bad, nullptr).has_value());
  }
}

}  // namespace
}  // namespace hctail::transcript
