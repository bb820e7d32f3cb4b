// SPDX-License-Identifier: Apache-2.0
// The files that are read, so that a test can be as unkind as Linux.  Errors are errno values.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hctail {

struct FileStat {
  enum class Type : uint8_t { kRegular, kDirectory, kOther };
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t modified = 0;  // of the content; any scale, only compared
  Type type = Type::kRegular;
  uint64_t links = 1;  // names that lead to it
};

// One open file; its descriptor follows it through renames and deletion.
class OpenFile {
 public:
  // How much is lost if it is closed and cannot be opened again.
  enum class Need : uint8_t {
    kNone,
    kSome,  // an unfinished line, or what is still written to a file without a name
    kMuch,  // unread bytes
  };

  virtual ~OpenFile() = default;
  // Bytes read at `offset`; 0 at the end.  ESTALE: nothing leads to the file any more.
  virtual std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) = 0;
  virtual std::expected<FileStat, int> Stat() = 0;
  // The first byte from `offset` on that is no hole, or the end: where to go on looking for one
  // that is not NUL.
  virtual uint64_t AfterHole(uint64_t offset) { return offset; }
  // For the Watcher; -1 if it has none now.
  virtual int descriptor() const = 0;
  // For who keeps only some files open (bounded_files.h): kMuch until told otherwise.
  virtual void SetNeed(Need) {}
  // The name that it has by now.
  virtual void SetPath(const std::string&) {}
};

// As much of `size` bytes as can be read, going on after short reads.
struct ReadSoFar {
  size_t size = 0;
  int error = 0;  // why not more; 0: that is all, or the file ends there
};
ReadSoFar ReadFully(OpenFile& file, uint64_t offset, char* out, size_t size);

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::expected<std::unique_ptr<OpenFile>, int> Open(const std::string& path) = 0;
  virtual std::expected<FileStat, int> Stat(const std::string& path) = 0;
  // Existing paths that match, sorted.  A pattern without *, ?, [ matches itself if it exists.
  virtual std::vector<std::string> Glob(const std::string& pattern) = 0;
  // The names in a directory, sorted, without "." and "..".
  virtual std::vector<std::string> List(const std::string& directory) = 0;
  // False for a symbolic link to one.
  virtual bool IsRealDirectory(const std::string& path) = 0;
  // If `path` is a symbolic link: what it leads to, there or not, after each link on the way.
  virtual std::vector<std::string> TargetsOfLink(const std::string& path) = 0;
};

class PosixFileSystem final : public FileSystem {
 public:
  // Told of a folder that cannot be listed, but not of one that is not there, at each try.
  using CannotList = std::function<void(const std::string& folder, int error)>;

  explicit PosixFileSystem(CannotList cannot_list = {}) : cannot_list_(std::move(cannot_list)) {}

  std::expected<std::unique_ptr<OpenFile>, int> Open(const std::string& path) override;
  std::expected<FileStat, int> Stat(const std::string& path) override;
  std::vector<std::string> Glob(const std::string& pattern) override;
  std::vector<std::string> List(const std::string& directory) override;
  bool IsRealDirectory(const std::string& path) override;
  std::vector<std::string> TargetsOfLink(const std::string& path) override;

 private:
  void CannotListIt(const std::string& folder, int error) const;

  const CannotList cannot_list_;
};

// The pattern that matches `path` and nothing else.
std::string EscapeGlob(std::string_view path);

// True if the pattern has wildcards, that is, if files may come to match it later.
bool HasWildcard(const std::string& pattern);

}  // namespace hctail
