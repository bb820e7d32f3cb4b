// SPDX-License-Identifier: Apache-2.0
#include "parsers/transcript/header.h"

#include <algorithm>

#include "parsers/transcript/words.h"

namespace hctail::transcript {
namespace {

constexpr size_t kMaxValue = 512;
constexpr size_t kMaxHostApplication = 2048;  // a limit of what is kept in the checkpoint
constexpr std::string_view kVersionKey = "PSVersion:";

std::string Kept(std::string_view value, size_t limit = kMaxValue) {
  return std::string(CutAt(value, limit));
}

// "HOST (system)"; versions 1 to 4 wrapped it at the width of the console.
void ReadMachine(std::string_view value, Header* header) {
  const size_t open = value.find('(');
  if (open == std::string_view::npos) {
    header->machine = Kept(value);
    return;
  }
  header->machine = Kept(Trim(value.substr(0, open)));
  std::string_view os = value.substr(open + 1);
  if (os.ends_with(')')) os.remove_suffix(1);
  header->machine_os = Kept(Trim(os));
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() <= 10 && std::ranges::all_of(text, IsDigit);
}

void ReadVersionTable(std::span<const Line> lines, Header* header) {
  const struct {
    std::string_view key;
    std::string Header::* field;
  } kKeys[] = {
      {"PSVersion", &Header::version},      {"PSEdition", &Header::edition},
      {"GitCommitId", &Header::git_commit}, {"OS", &Header::os},
      {"Platform", &Header::platform},
  };
  for (const Line& line : lines) {
    for (const auto& [key, field] : kKeys) {
      const std::string_view text = line.text;
      if (!text.starts_with(key) || text.substr(key.size(), 1) != ":") continue;
      header->*field = Kept(ValueOf(text));
    }
  }
}

// From the machine's line to the process id.
void ReadMachineAndHost(std::span<const Line> lines, bool has_version, Header* header) {
  if (lines.empty()) return;
  std::string machine(ValueOf(lines[0].text));
  size_t next = 1;
  if (machine.find('(') != std::string::npos && !machine.ends_with(')') && next < lines.size() &&
      !has_version) {
    machine += TrimRight(lines[next++].text);
  }
  ReadMachine(machine, header);
  size_t end = lines.size();
  if (has_version && end > next && IsNumber(ValueOf(lines[end - 1].text))) {
    header->process_id = ValueOf(lines[--end].text);
  }
  std::string host;
  for (size_t i = next; i < end && host.size() < kMaxHostApplication; ++i) {
    if (i > next) host += '\n';
    host += i == next ? ValueOf(lines[i].text) : std::string_view(lines[i].text);
  }
  header->host_application = Kept(TrimRight(host), kMaxHostApplication);
}

void ReadFields(std::span<const Line> lines, Header* header) {
  const auto is_version = [](const Line& line) { return line.text.starts_with(kVersionKey); };
  const auto version = std::ranges::find_if(lines, is_version);
  const bool has_version = version != lines.end();
  const std::span<const Line> fields(lines.begin(), version);
  ReadVersionTable({version, lines.end()}, header);
  if (fields.empty()) return;
  header->user = Kept(ValueOf(fields[0].text));
  const auto is_machine = [&](const Line& line) {
    const std::string_view text = TrimRight(line.text);
    return text.ends_with(')') || (!has_version && text.find('(') != std::string_view::npos);
  };
  const auto machine = std::find_if(fields.begin() + 1, fields.end(), is_machine);
  const auto before = static_cast<size_t>(machine - fields.begin());
  if (machine == fields.end()) return;
  if (before > 1) header->runas_user = Kept(ValueOf(fields[1].text));
  if (before > 2) header->configuration = Kept(ValueOf(fields[2].text));
  ReadMachineAndHost(fields.subspan(before), has_version, header);
}

}  // namespace

int Header::major_version() const {
  if (version.empty()) return 2;
  int major = 0;
  for (const char c : version) {
    if (!IsDigit(c) || major > 99) break;
    major = major * 10 + (c - '0');
  }
  return major;
}

Header ReadHeader(const Piece& block) {
  Header header;
  const Stamp time = block.time();
  header.start_label = Kept(time.label);
  header.start_digits = time.digits;
  header.language = LanguageOfStart(time.label);
  if (block.kind != BlockKind::kHeader) return header;
  std::span<const Line> lines(block.lines);
  lines = lines.subspan(std::min(kFieldsOfHeader, lines.size()));
  if (!lines.empty() && IsSeparator(lines.back().text)) lines = lines.first(lines.size() - 1);
  ReadFields(lines, &header);
  return header;
}

}  // namespace hctail::transcript
