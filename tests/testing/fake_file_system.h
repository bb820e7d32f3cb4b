// SPDX-License-Identifier: Apache-2.0
// A file system in memory that is as unkind as Linux, and a watcher of it.
//
// Inodes live as long as a link or a descriptor and then their number is given to the next file,
// the lowest first.  Reads can be short, fail, or find that something happened since the call
// before (Interfere).  Changes are told as inotify tells them: late, several as one, or not at all.
//
// Paths are absolute and without "." and ".."; a misuse by the test aborts.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "tail/file_system.h"
#include "tail/watcher.h"

namespace hctail::testing {

class FakeWatcher;

class FakeFileSystem final : public FileSystem {
 public:
  static constexpr uint64_t kDevice = 42;

  FakeFileSystem();
  ~FakeFileSystem() override;

  // --- What hctail sees ---
  std::expected<std::unique_ptr<OpenFile>, int> Open(const std::string& path) override;
  std::expected<FileStat, int> Stat(const std::string& path) override;
  std::vector<std::string> Glob(const std::string& pattern) override;
  std::vector<std::string> List(const std::string& directory) override;
  bool IsRealDirectory(const std::string& path) override;
  std::vector<std::string> TargetsOfLink(const std::string& path) override;

  // --- What other programs do ---
  void MakeDirectory(const std::string& path);  // and its parents
  // A FIFO: neither a regular file nor a directory.
  void MakeFifo(const std::string& path);
  // Makes the file if it is missing.
  void Append(const std::string& path, std::string_view bytes);
  void Rename(const std::string& from, const std::string& to);  // replaces a file at `to`
  void Unlink(const std::string& path);
  void Link(const std::string& existing, const std::string& path);
  void Symlink(const std::string& target, const std::string& path);  // replaces one at `path`
  // Shorter, or longer with NUL bytes.
  void Truncate(const std::string& path, size_t size = 0);
  // In place: the inode stays.
  void Rewrite(const std::string& path, std::string_view content);
  void CopyTruncate(const std::string& path, const std::string& copy);

  // As gzip does, which leaves the time of what it packed.
  void CopyTime(const std::string& from, const std::string& to);

  // A descriptor open for appending, as a logger keeps it: it follows its file through everything.
  class Writer {
   public:
    Writer(FakeFileSystem& files, const std::string& path);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    void Append(std::string_view bytes);

   private:
    FakeFileSystem& files_;
    const uint64_t inode_;
  };

  // --- Unkindness ---
  // Reads return less than they could, at random.
  void ShortReads(uint64_t seed) { short_reads_.emplace(seed); }
  // Until `error` is 0 again.
  void FailOpen(const std::string& path, int error);
  void FailRead(const std::string& path, int error, uint64_t from = 0);  // of bytes from `from` on
  // hctail may have so many files open at once.
  void LimitOpenFiles(size_t most) { most_open_ = most; }
  // Called before each call of hctail; must not call Interfere.
  void Interfere(std::function<void()> other_program) { interfere_ = std::move(other_program); }
  // As a kill does: every OpenFile fails from now on, and what only they kept is gone.
  void DropOpenFiles();

  // --- What the test looks at ---
  bool Exists(const std::string& path) const { return names_.contains(path); }
  const std::string& Content(const std::string& path) { return ContentOf(InodeOf(path)); }
  const std::string& ContentOf(uint64_t inode) const { return nodes_.at(inode).content; }
  uint64_t InodeOf(const std::string& path);
  // Its clock goes a second further with each change.
  int64_t seconds() const { return tick_; }
  size_t open_files() const { return open_.size(); }  // by hctail
  bool IsOpen(uint64_t inode) const;                  // by hctail
  uint64_t calls() const { return calls_; }           // of hctail
  bool Lives(uint64_t inode) const { return nodes_.contains(inode); }
  bool Linked(uint64_t inode) const { return Lives(inode) && nodes_.at(inode).links > 0; }

 private:
  friend class FakeWatcher;
  class File;
  struct Node {
    FileStat::Type type = FileStat::Type::kRegular;
    std::string content;
    std::string target;  // of a symbolic link
    int64_t modified = 0;
    int links = 0;
    int descriptors = 0;
    int read_error = 0;
    uint64_t read_error_from = 0;
  };
  enum class What { kContent, kName };

  void Called();
  std::expected<uint64_t, int> Find(const std::string& path) const;
  std::optional<std::string> Resolve(const std::string& path) const;
  uint64_t MustFind(const std::string& path) const;
  uint64_t Make(const std::string& path, FileStat::Type type);
  uint64_t FindOrMake(const std::string& path);
  FileStat StatOf(uint64_t inode) const;
  void Enter(const std::string& path, uint64_t inode);
  void Remove(const std::string& path);
  void FreeIfUnused(uint64_t inode);
  void Modified(uint64_t inode);
  void TellFile(uint64_t inode, What what);
  void TellDirectoryOf(const std::string& path);

  std::map<std::string, uint64_t> names_;  // path -> inode
  std::map<uint64_t, Node> nodes_;         // by inode
  std::map<int, File*> open_;              // by descriptor
  std::map<std::string, int> open_errors_;
  std::optional<Random> short_reads_;
  std::function<void()> interfere_;
  FakeWatcher* watcher_ = nullptr;
  size_t most_open_ = SIZE_MAX;
  int next_descriptor_ = 1000;
  int64_t tick_ = 0;
  uint64_t calls_ = 0;
};

// One at a time; made before the Tailer and destroyed after it.
class FakeWatcher final : public Watcher {
 public:
  explicit FakeWatcher(FakeFileSystem& files);
  ~FakeWatcher() override;

  int fd() const override { return -1; }
  bool WatchFile(FileKey file, int descriptor) override;
  void UnwatchFile(FileKey file) override;
  bool WatchDirectory(const std::string& path) override;
  Changes Take() override;

  // No file, or no directory, can be watched from now on.
  bool refuse_files = false;
  bool refuse_directories = false;
  // What happens is told, but only once this is false again.
  bool late = false;
  // What was not taken yet is lost, and so the next Take says.
  void Overflow();
  // What Linux would wake hctail for.
  bool readable() const {
    return !late &&
           (overflow_ || directories_changed_ || !files_changed_.empty() || !unwatched_.empty());
  }
  size_t watched_files() const { return keys_.size(); }

 private:
  friend class FakeFileSystem;
  void OnFile(uint64_t inode, FakeFileSystem::What what);
  void OnDirectory(uint64_t inode);
  void OnGone(uint64_t inode);

  FakeFileSystem& fs_;
  std::map<uint64_t, FileKey> keys_;  // by inode: a second watch of it replaces the first
  std::set<uint64_t> directories_;    // inodes
  std::set<FileKey> files_changed_;
  std::set<FileKey> written_;
  std::set<FileKey> unwatched_;
  bool directories_changed_ = false;
  bool overflow_ = false;
};

}  // namespace hctail::testing
