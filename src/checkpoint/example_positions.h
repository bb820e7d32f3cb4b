// SPDX-License-Identifier: Apache-2.0
// For the tests of this room: positions in short, and state as a kill would leave it.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_format.h"

namespace hctail {

constexpr int64_t kExampleTime = 1'709'618'828;

inline SavedFile ExampleFile(std::string_view path, uint64_t offset = 0) {
  SavedFile file;
  file.path = path;
  file.identity = {.device = 1, .inode = 10 + path.size(), .head_length = 5, .head_hash = 55};
  file.offset = offset;
  file.updated = kExampleTime;
  return file;
}

inline Status AdvanceTo(CheckpointFile& checkpoint, uint64_t id, uint64_t offset) {
  return checkpoint.Advance(id, {offset, 5, offset * 3}, kExampleTime + 1);
}

// "a=5 b=7", by id.
inline std::string Offsets(const std::map<uint64_t, SavedFile>& files) {
  std::string text;
  for (const auto& [id, file] : files) {
    if (!text.empty()) text += ' ';
    text += fmt::format("{}={}", file.path, file.offset);
  }
  return text;
}

// Everything that is saved of each, as lines.
inline std::string InFull(const std::map<uint64_t, SavedFile>& files) {
  std::string text;
  for (const auto& [id, file] : files) AppendFile(file, &text);
  return text;
}

// What a kill at this moment leaves: the page cache survives, the lock does not.
inline void CopyState(const std::string& from, const std::string& to) {
  namespace fs = std::filesystem;
  fs::remove_all(to);
  fs::create_directories(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.is_regular_file()) fs::copy_file(entry.path(), to / entry.path().filename());
  }
}

}  // namespace hctail
