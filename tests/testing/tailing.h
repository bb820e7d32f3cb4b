// SPDX-License-Identifier: Apache-2.0
// A Tailer over a FakeFileSystem, stepped by hand, for tests that read like a story.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "tail/bounded_files.h"
#include "tail/tailer.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/fake_file_system.h"
#include "tests/testing/recording_log.h"

namespace hctail::testing {

using Strings = std::vector<std::string>;

// The segments of a chunk: each line as it is; "unended 3: abc"; "overlong 20: first bytes".
Strings LinesOf(const Chunk& chunk);

// Keeps what it hears as text: "opened /logs/app.log at 0".
class RecordingListener final : public SourceListener {
 public:
  void OnOpened(const Opened& opened) override;
  void OnIdentity(FileKey file, const std::string& path, const FileIdentity& identity) override;
  void OnClosed(FileKey file, Closing closing, uint64_t end) override;
  void OnWhole(FileKey, int64_t) override {}
  void OnCopy(FileKey file, uint64_t read_to, const SavedFile& copy) override;
  void OnGap(FileKey file, int64_t since) override;
  void OnFollowing(const std::string&) override {}
  void OnGone(const SavedFile& saved) override;
  void OnPacked(const SavedFile& saved, const std::string& path, const FileIdentity& identity,
                int64_t modified) override;
  void OnUnreadable(const std::string& path, const std::string& why) override;
  void OnAbandoned(FileKey file, uint64_t begin, uint64_t end, const std::string& why) override;

  uint64_t SavedIdOf(FileKey file) const override;
  bool Settled(FileKey) const override { return settled; }
  bool Holding(FileKey) const override { return holding; }
  bool settled = true;
  bool holding = false;

  // What it heard since the last call.
  Strings Take() { return std::exchange(heard_, {}); }
  const std::vector<Opened>& opened() const { return opened_; }

 private:
  std::string PathOf(FileKey file) const;

  Strings heard_;
  std::vector<Opened> opened_;
};

class Tailing {
 public:
  explicit Tailing(TailOptions options = {.patterns = {"/logs/app.log"}});

  // Stops without another read, and starts again from `saved`.
  void Restart(std::vector<SavedFile> saved);
  // One call of Read with a new chunk, as lines.
  Strings ReadOnce();
  // All that can be read now.
  Strings Read();
  // Until its next_wake, and at least `by`; then all that can be read.
  Strings ReadAfter(Duration by);
  // What a checkpoint would say of the file at `path`, settled up to `offset`.
  SavedFile Saved(const std::string& path, uint64_t offset, uint64_t id = 1);

  FakeFileSystem files;
  FakeClock clock;
  RecordingLog log;
  RecordingListener listener;
  TailOptions options;
  size_t chunk_size = 4096;
  std::optional<BoundedFiles> bounded;  // between the two, if it is made
  std::optional<FakeWatcher> watcher;
  std::unique_ptr<Tailer> tailer;  // made by the first read
};

// It follows /logs/app.log, in which nothing is new.
struct Following : Tailing {
  explicit Following(TailOptions with = {.patterns = {"/logs/app.log"}})
      : Tailing(std::move(with)) {
    files.Append("/logs/app.log", "old\n");
    Read();
    listener.Take();
  }
};

}  // namespace hctail::testing
