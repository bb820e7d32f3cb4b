// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/state_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "base/file.h"
#include "checkpoint/checkpoint_format.h"
#include "checkpoint/number_text.h"

namespace hctail {
namespace {

// Of a snapshot the last line counts as damaged if any other is.
std::string DamagedLines(const Replayed& lines, TextKind kind) {
  std::string text = fmt::format("line {} is damaged", lines.first_damaged);
  const uint64_t more = lines.damaged - (kind == TextKind::kSnapshot && !lines.ended ? 2 : 1);
  if (lines.damaged > 1 && more > 0) text += fmt::format(", and {} more", WithCommas(more));
  return text;
}

std::optional<StateFileFault> FaultOf(const std::string& directory, const char* name,
                                      TextKind kind) {
  StateFileFault found{.name = name, .fault = {}};
  const std::string path = directory + "/" + name;
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return std::nullopt;
    found.fault = "cannot be looked at: " + ErrnoText(errno);
    return found;
  }
  const Result<std::string> text = ReadStateFile(path);
  if (!text) {
    found.fault = text.error().message;
    return found;
  }
  const auto header = DecodeHeader(*text, kind);
  Positions ignored;
  const Replayed lines = Replay(*text, &ignored);
  const size_t torn = text->size() - lines.whole_length;
  if (header && header->version > kFormatVersion) {
    found.newer = true;
    found.fault = fmt::format("is of format {}, which a newer hctail wrote; this one knows {}",
                              header->version, kFormatVersion);
  } else if (text->empty()) {
    found.fault = "is empty";
  } else if (!header) {
    found.fault = "line 1 is damaged";
  } else if (lines.damaged > 0) {
    found.fault = DamagedLines(lines, kind);
  } else if (kind == TextKind::kSnapshot && !lines.ended) {
    found.fault = "ends too early";
  } else if (torn > 0) {
    found.fault = fmt::format("its last line is torn after {}", Counted(torn, "byte"));
    found.harmless = true;
  } else {
    return std::nullopt;
  }
  return found;
}

}  // namespace

Result<std::string> ReadStateFile(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Fail(fmt::format("cannot read '{}': not a regular file", path));
  }
  return ReadWholeFile(path);
}

std::vector<StateFileFault> FaultsOfStateFiles(const std::string& directory) {
  static constexpr struct {
    const char* name;
    TextKind kind;
  } kFiles[] = {{"checkpoint", TextKind::kSnapshot},
                {"checkpoint.log", TextKind::kLog},
                {"checkpoint.old", TextKind::kSnapshot},
                {"checkpoint.log.old", TextKind::kLog}};
  std::vector<StateFileFault> faults;
  for (const auto& [name, kind] : kFiles) {
    if (auto fault = FaultOf(directory, name, kind)) faults.push_back(std::move(*fault));
  }
  return faults;
}

bool IsStateFile(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "lock",           "checkpoint",         "checkpoint.log",    "checkpoint.old",
      "checkpoint.new", "checkpoint.log.old", "sampling",          "checkpoint.log.new",
      "sampling.tmp",   "checkpoint.new.tmp", "dead-letter.jsonl", "dead-letter.jsonl.1"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

Result<std::string> KeepAside(const std::string& path) {
  struct stat info{};
  const bool is_file = ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
  for (int n = 1;; ++n) {
    std::string aside = path + ".damaged" + (n == 1 ? "" : fmt::format(".{}", n));
    // A directory in a file's place cannot have two names.
    const int done =
        is_file ? ::link(path.c_str(), aside.c_str())
                : ::renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, aside.c_str(), RENAME_NOREPLACE);
    if (done == 0) return aside;
    if (errno != EEXIST) {
      return Fail(fmt::format("cannot keep '{}' as '{}': {}", path, aside, ErrnoText(errno)));
    }
  }
}

}  // namespace hctail
