// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/state_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/file.h"
#include "checkpoint/checkpoint_format.h"
#include "checkpoint/number_text.h"

namespace hctail {
namespace {

constexpr int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;

std::string SavedAgo(int64_t saved, int64_t now) {
  const auto ago = static_cast<int64_t>(static_cast<uint64_t>(now) - static_cast<uint64_t>(saved));
  if (saved > now || ago < 0) return "saved in the future (was the clock set back?)";
  if (ago < 2 * kMinute) return fmt::format("saved {} s ago", ago);
  if (ago < 2 * kHour) return fmt::format("saved {} min ago", ago / kMinute);
  if (ago < 2 * kDay) return fmt::format("saved {} h ago", ago / kHour);
  return fmt::format("saved {} days ago", ago / kDay);
}

std::string Resumes(const SavedFile& saved, uint64_t size) {
  if (size == 0) return "the file is empty";
  const std::string place =
      fmt::format("resumes at byte {} of {}", WithCommas(saved.offset), WithCommas(size));
  if (size == saved.offset) return place + " (all of it is settled)";
  return fmt::format("{} ({} to send)", place, Counted(size - saved.offset, "byte"));
}

// What the tailer makes of it: the inode decides, and content where the inode is another.
std::string Describe(const SavedFile& saved, const Probe& probe) {
  const std::string offset = WithCommas(saved.offset);
  if (probe.error == ENOENT) {
    return fmt::format(
        "the file is gone: it was settled up to byte {}, and whether it held more is "
        "unknown",
        offset);
  }
  if (probe.error != 0) {
    return fmt::format("the file cannot be read: {}; it was settled up to byte {}",
                       ErrnoText(probe.error), offset);
  }
  const FileIdentity& identity = saved.identity;
  const bool same_inode = probe.device == identity.device && probe.inode == identity.inode;
  const bool same_head = probe.head == HeadHash{identity.head_length, identity.head_hash};
  const bool same_tail = saved.tail_length == 0 || probe.tail == saved.tail_hash;
  const bool same_content = probe.regular && probe.size >= saved.offset &&
                            (identity.head_length == 0 || same_head) && same_tail;
  if (same_inode && same_content) return Resumes(saved, probe.size);
  if (same_inode && probe.size < saved.offset) {
    return fmt::format(
        "truncated: it has {}, fewer than the saved position {}: it will be read "
        "from the beginning",
        Counted(probe.size, "byte"), offset);
  }
  if (same_inode) {
    return fmt::format(
        "rewritten: what it held before the saved position {} has changed: it will "
        "be read from the beginning",
        offset);
  }
  if (same_content && identity.head_length > 0 && saved.tail_length > 0) {
    return Resumes(saved, probe.size) + ", known by its content under a new inode";
  }
  return fmt::format(
      "rotated: another file is at this path now; the one before was settled up to "
      "byte {}",
      offset);
}

}  // namespace

std::string DescribePosition(const SavedFile& saved, const Probe& probe, int64_t now) {
  return fmt::format("{}, {}", Describe(saved, probe), SavedAgo(saved.updated, now));
}

std::string DescribeState(const CheckpointFile& checkpoint, int64_t now,
                          Probe (*probe)(const SavedFile&)) {
  if (checkpoint.files().empty()) {
    return fmt::format("nothing is saved in '{}'\n", EscapePath(checkpoint.directory()));
  }
  std::vector<const SavedFile*> files;
  for (const auto& [id, file] : checkpoint.files()) files.push_back(&file);
  std::ranges::stable_sort(files, {}, &SavedFile::path);
  std::string text;
  for (const SavedFile* file : files) {
    text += fmt::format("{}\n  {}\n", EscapePath(file->path),
                        DescribePosition(*file, probe(*file), now));
  }
  return text;
}

}  // namespace hctail
