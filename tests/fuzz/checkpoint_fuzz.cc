// SPDX-License-Identifier: Apache-2.0
// Loads arbitrary bytes as a state directory.  It must not crash, and every position that it gives
// must be one that a whole line held.
//
// The input is cut at byte 0x1e into checkpoint, checkpoint.log, checkpoint.old and
// checkpoint.log.old.  A fuzzer cannot guess checksums, so a line that ends in '!' gets the right
// one in place of that.  If the first byte of the input is 'E', the rest are edits of a sound
// state instead: file, two bytes of position, value; a value of 0 cuts the file there.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/fingerprint.h"
#include "checkpoint/checkpoint_loader.h"

namespace {

using Texts = std::array<std::string, 4>;
constexpr std::array<const char*, 4> kNames = {"checkpoint", "checkpoint.log", "checkpoint.old",
                                               "checkpoint.log.old"};

// Made once and removed at exit.
class Directory {
 public:
  Directory() {
    const std::filesystem::path memory = "/dev/shm";  // many times faster where it is there
    std::error_code ignored;
    std::string pattern =
        (std::filesystem::is_directory(memory, ignored) ? memory
                                                        : std::filesystem::temp_directory_path()) /
        "checkpoint-fuzz-XXXXXX";
    HC_CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

hctail::SavedFile File(uint64_t id, uint64_t offset) {
  hctail::SavedFile file;
  file.id = id;
  file.path = fmt::format("/var/log/{}.log", id);
  file.identity = {.device = 1, .inode = id, .head_length = 9, .head_hash = id * 7};
  file.offset = offset;
  file.tail_length = 3;
  file.tail_hash = offset * 5;
  return file;
}

Texts SoundState() {
  Texts texts;
  for (const uint64_t generation : {1u, 2u}) {
    std::string& snapshot = texts[generation == 2 ? 0 : 2];
    std::string& log = texts[generation == 2 ? 1 : 3];
    AppendHeader(hctail::TextKind::kSnapshot, generation, &snapshot);
    AppendFile(File(1, generation * 100), &snapshot);
    AppendFile(File(2, generation * 200), &snapshot);
    hctail::AppendEnd(2, 3, &snapshot);
    AppendHeader(hctail::TextKind::kLog, generation, &log);
    AppendAdvance(File(1, generation * 300), &log);
    hctail::AppendForget(2, &log);
    AppendFile(File(3, generation * 400), &log);
  }
  return texts;
}

Texts Edited(std::string_view edits) {
  static const Texts kSound = SoundState();
  Texts texts = kSound;
  for (; edits.size() >= 4; edits.remove_prefix(4)) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(edits[i]); };
    std::string& text = texts[byte(0) % texts.size()];
    if (text.empty()) continue;
    const size_t at = (byte(1) * 256u + byte(2)) % text.size();
    if (byte(3) == 0) {
      text.resize(at);
    } else {
      text[at] = edits[3];
    }
  }
  return texts;
}

Texts Given(std::string_view input) {
  Texts texts;
  for (std::string& text : texts) {
    const size_t end = input.find('\x1e');
    for (std::string_view part = input.substr(0, end); !part.empty();) {
      const size_t newline = part.find('\n');
      const std::string_view line = part.substr(0, newline);
      if (line.ends_with('!')) {
        const std::string_view body = line.substr(0, line.size() - 1);
        text += fmt::format("{} {:016x}", body, hctail::HashBytes(body));
      } else {
        text += line;
      }
      if (newline == std::string_view::npos) break;
      text += '\n';
      part.remove_prefix(newline + 1);
    }
    if (end == std::string_view::npos) break;
    input.remove_prefix(end + 1);
  }
  return texts;
}

// The value of every "offset=" in a line whose last 16 digits are its checksum.
void CollectOffsets(std::string_view text, std::set<std::string>* offsets) {
  for (size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    const std::string_view line = text.substr(0, end);
    if (line.size() < 17) continue;
    const std::string digits(line.substr(line.size() - 16));
    const std::string_view body = line.substr(0, line.size() - 17);
    char* stop = nullptr;
    const uint64_t checksum = std::strtoull(digits.c_str(), &stop, 16);
    if (*stop != '\0' || checksum != hctail::HashBytes(body)) continue;
    const size_t at = body.find(" offset=");
    if (at == std::string_view::npos) continue;
    const std::string number(body.substr(at + 8));
    offsets->insert(std::to_string(std::strtoull(number.c_str(), nullptr, 10)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Directory kDirectory;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const Texts texts = input.starts_with('E') ? Edited(input.substr(1)) : Given(input);
  std::set<std::string> offsets;
  for (size_t i = 0; i < texts.size(); ++i) {
    std::ofstream(kDirectory.path() + "/" + kNames[i], std::ios::binary) << texts[i];
    CollectOffsets(texts[i], &offsets);
  }
  std::vector<std::string> warnings;
  const auto state = hctail::LoadState(kDirectory.path(), &warnings);
  if (!state) return 0;  // of a newer version
  hctail::Positions again;
  std::string lines = "\n";
  for (const auto& [id, file] : state->positions.files) {
    HC_CHECK(offsets.contains(std::to_string(file.offset)));
    HC_CHECK(id == file.id && id < state->positions.next_id);
    AppendFile(file, &lines);
  }
  // What was loaded can be saved and loaded.
  HC_CHECK(Replay(lines, &again).damaged == 0);
  HC_CHECK(again.files.size() == state->positions.files.size());
  for (const auto& [id, file] : again.files) {
    HC_CHECK(file.path == state->positions.files.at(id).path);
  }
  return 0;
}
