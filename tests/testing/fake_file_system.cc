// SPDX-License-Identifier: Apache-2.0
#include "tests/testing/fake_file_system.h"

#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace hctail::testing {
namespace {

constexpr int kMaxSymlinks = 8;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

// A descriptor of hctail's.
class FakeFileSystem::File final : public OpenFile {
 public:
  File(FakeFileSystem& files, uint64_t inode)
      : files_(files), descriptor_(files.next_descriptor_++), inode_(inode) {
    ++files_.nodes_.at(inode).descriptors;
    files_.open_[descriptor_] = this;
  }
  ~File() override { Drop(); }

  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) override {
    files_.Called();
    if (!open_) return std::unexpected(EBADF);
    const Node& node = files_.nodes_.at(inode_);
    if (node.type == FileStat::Type::kDirectory) return std::unexpected(EISDIR);
    if (offset >= node.content.size()) return 0;
    size_t n = std::min<uint64_t>(size, node.content.size() - offset);
    if (node.read_error != 0) {
      if (offset >= node.read_error_from) return std::unexpected(node.read_error);
      n = std::min<uint64_t>(n, node.read_error_from - offset);
    }
    if (files_.short_reads_ && n > 1 && files_.short_reads_->Below(2) == 0) {
      n = 1 + files_.short_reads_->Below(static_cast<uint32_t>(n));
    }
    std::memcpy(out, node.content.data() + offset, n);
    return n;
  }

  std::expected<FileStat, int> Stat() override {
    files_.Called();
    if (!open_) return std::unexpected(EBADF);
    return files_.StatOf(inode_);
  }

  int descriptor() const override { return descriptor_; }
  uint64_t inode() const { return inode_; }

  void Drop() {
    if (!std::exchange(open_, false)) return;
    files_.open_.erase(descriptor_);
    --files_.nodes_.at(inode_).descriptors;
    files_.FreeIfUnused(inode_);
  }

 private:
  FakeFileSystem& files_;
  const int descriptor_;
  const uint64_t inode_;
  bool open_ = true;
};

FakeFileSystem::FakeFileSystem() { Make("/", FileStat::Type::kDirectory); }
FakeFileSystem::~FakeFileSystem() { DropOpenFiles(); }

// --- What hctail sees ---

void FakeFileSystem::Called() {
  ++calls_;
  if (!interfere_) return;
  const std::function<void()> other_program = std::exchange(interfere_, nullptr);
  other_program();
  if (!interfere_) interfere_ = other_program;
}

std::expected<std::unique_ptr<OpenFile>, int> FakeFileSystem::Open(const std::string& path) {
  Called();
  if (const auto it = open_errors_.find(path); it != open_errors_.end()) {
    return std::unexpected(it->second);
  }
  const auto inode = Find(path);
  if (!inode) return std::unexpected(inode.error());
  if (open_.size() >= most_open_) return std::unexpected(EMFILE);
  return std::make_unique<File>(*this, *inode);
}

std::expected<FileStat, int> FakeFileSystem::Stat(const std::string& path) {
  Called();
  const auto inode = Find(path);
  if (!inode) return std::unexpected(inode.error());
  return StatOf(*inode);
}

std::vector<std::string> FakeFileSystem::List(const std::string& directory) {
  Called();
  const auto resolved = Resolve(directory);
  std::vector<std::string> names;
  if (!resolved) return names;
  const std::string prefix = *resolved == "/" ? "/" : *resolved + "/";
  for (const auto& [path, inode] : names_) {
    if (path.size() > prefix.size() && path.starts_with(prefix) &&
        path.find('/', prefix.size()) == std::string::npos) {
      names.push_back(path.substr(prefix.size()));
    }
  }
  return names;
}

bool FakeFileSystem::IsRealDirectory(const std::string& path) {
  Called();
  const auto it = names_.find(path);
  return it != names_.end() && nodes_.at(it->second).target.empty() &&
         nodes_.at(it->second).type == FileStat::Type::kDirectory;
}

std::vector<std::string> FakeFileSystem::TargetsOfLink(const std::string& path) {
  Called();
  std::vector<std::string> targets;
  for (auto it = names_.find(path); it != names_.end() && !nodes_.at(it->second).target.empty();) {
    targets.push_back(nodes_.at(it->second).target);
    it = names_.find(targets.back());
  }
  return targets;
}

std::vector<std::string> FakeFileSystem::Glob(const std::string& pattern) {
  Called();
  if (!HasWildcard(pattern)) {
    return Find(pattern) ? std::vector{pattern} : std::vector<std::string>{};
  }
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_) {
    if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) paths.push_back(path);
  }
  return paths;
}

// --- Names ---

// The path without symbolic links; nothing if they go in circles.
std::optional<std::string> FakeFileSystem::Resolve(const std::string& path) const {
  std::string rest = path;
  for (int links = 0; links <= kMaxSymlinks; ++links) {
    bool replaced = false;
    for (size_t end = rest.find('/', 1); !replaced; end = rest.find('/', end + 1)) {
      const auto it = names_.find(rest.substr(0, end));
      if (it != names_.end() && !nodes_.at(it->second).target.empty()) {
        const std::string tail = end == std::string::npos ? "" : rest.substr(end);
        rest = nodes_.at(it->second).target + tail;
        replaced = true;
      }
      if (end == std::string::npos) break;
    }
    if (!replaced) return rest;
  }
  return std::nullopt;
}

std::expected<uint64_t, int> FakeFileSystem::Find(const std::string& path) const {
  const auto resolved = Resolve(path);
  if (!resolved) return std::unexpected(ELOOP);
  const auto it = names_.find(*resolved);
  if (it == names_.end()) return std::unexpected(ENOENT);
  return it->second;
}

uint64_t FakeFileSystem::MustFind(const std::string& path) const {
  const auto inode = Find(path);
  HC_CHECK(inode.has_value());
  return *inode;
}

uint64_t FakeFileSystem::Make(const std::string& path, FileStat::Type type) {
  uint64_t inode = 1;  // the lowest free one
  for (auto it = nodes_.begin(); it != nodes_.end() && it->first == inode; ++it) ++inode;
  nodes_[inode].type = type;
  nodes_[inode].modified = ++tick_;
  Enter(path, inode);
  return inode;
}

uint64_t FakeFileSystem::FindOrMake(const std::string& path) {
  const auto resolved = Resolve(path);
  HC_CHECK(resolved.has_value());
  const auto it = names_.find(*resolved);
  return it != names_.end() ? it->second : Make(*resolved, FileStat::Type::kRegular);
}

void FakeFileSystem::Enter(const std::string& path, uint64_t inode) {
  HC_CHECK(!names_.contains(path));
  HC_CHECK(path == "/" || nodes_.at(MustFind(ParentOf(path))).type == FileStat::Type::kDirectory);
  ++nodes_.at(inode).links;
  names_[path] = inode;
  TellDirectoryOf(path);
}

void FakeFileSystem::Remove(const std::string& path) {
  const uint64_t inode = names_.at(path);
  names_.erase(path);
  --nodes_.at(inode).links;
  TellFile(inode, What::kName);
  TellDirectoryOf(path);
  FreeIfUnused(inode);
}

void FakeFileSystem::FreeIfUnused(uint64_t inode) {
  const Node& node = nodes_.at(inode);
  if (node.links > 0 || node.descriptors > 0) return;
  nodes_.erase(inode);
  if (watcher_ != nullptr) watcher_->OnGone(inode);
}

FileStat FakeFileSystem::StatOf(uint64_t inode) const {
  const Node& node = nodes_.at(inode);
  return {.device = kDevice,
          .inode = inode,
          .size = node.content.size(),
          .modified = node.modified * 1'000'000'000,
          .type = node.type,
          .links = static_cast<uint64_t>(node.links)};
}

// --- What other programs do ---

void FakeFileSystem::MakeDirectory(const std::string& path) {
  if (names_.contains(path)) return;
  MakeDirectory(ParentOf(path));
  Make(path, FileStat::Type::kDirectory);
}

void FakeFileSystem::MakeFifo(const std::string& path) { Make(path, FileStat::Type::kOther); }

void FakeFileSystem::Append(const std::string& path, std::string_view bytes) {
  const uint64_t inode = FindOrMake(path);
  if (bytes.empty()) return;
  nodes_.at(inode).content += bytes;
  Modified(inode);
}

void FakeFileSystem::Rename(const std::string& from, const std::string& to) {
  HC_CHECK(names_.contains(from));
  if (names_.contains(to)) Remove(to);
  const std::vector<std::pair<std::string, uint64_t>> all(names_.begin(), names_.end());
  for (const auto& [path, inode] : all) {
    if (path != from && !path.starts_with(from + "/")) continue;
    names_.erase(path);
    names_[to + path.substr(from.size())] = inode;
  }
  TellFile(names_.at(to), What::kName);
  TellDirectoryOf(from);
  TellDirectoryOf(to);
}

void FakeFileSystem::Unlink(const std::string& path) {
  HC_CHECK(names_.contains(path));
  Remove(path);
}

void FakeFileSystem::Link(const std::string& existing, const std::string& path) {
  Enter(path, names_.at(existing));
}

void FakeFileSystem::Symlink(const std::string& target, const std::string& path) {
  if (names_.contains(path)) Remove(path);
  nodes_.at(Make(path, FileStat::Type::kOther)).target = target;
}

void FakeFileSystem::CopyTime(const std::string& from, const std::string& to) {
  nodes_.at(MustFind(to)).modified = nodes_.at(MustFind(from)).modified;
}

void FakeFileSystem::Truncate(const std::string& path, size_t size) {
  const uint64_t inode = MustFind(path);
  nodes_.at(inode).content.resize(size);
  Modified(inode);
}

void FakeFileSystem::Rewrite(const std::string& path, std::string_view content) {
  const uint64_t inode = MustFind(path);
  nodes_.at(inode).content = content;
  Modified(inode);
}

void FakeFileSystem::CopyTruncate(const std::string& path, const std::string& copy) {
  if (names_.contains(copy)) Remove(copy);
  const std::string content = Content(path);
  Append(copy, content);
  Truncate(path);
}

FakeFileSystem::Writer::Writer(FakeFileSystem& files, const std::string& path)
    : files_(files), inode_(files.FindOrMake(path)) {
  ++files_.nodes_.at(inode_).descriptors;
}

FakeFileSystem::Writer::~Writer() {
  --files_.nodes_.at(inode_).descriptors;
  files_.FreeIfUnused(inode_);
}

void FakeFileSystem::Writer::Append(std::string_view bytes) {
  files_.nodes_.at(inode_).content += bytes;
  files_.Modified(inode_);
}

// --- Unkindness ---

void FakeFileSystem::FailOpen(const std::string& path, int error) {
  open_errors_[path] = error;
  if (error == 0) open_errors_.erase(path);
}

void FakeFileSystem::FailRead(const std::string& path, int error, uint64_t from) {
  Node& node = nodes_.at(MustFind(path));
  node.read_error = error;
  node.read_error_from = from;
}

void FakeFileSystem::DropOpenFiles() {
  while (!open_.empty()) open_.begin()->second->Drop();
}

bool FakeFileSystem::IsOpen(uint64_t inode) const {
  return std::ranges::any_of(open_,
                             [&](const auto& item) { return item.second->inode() == inode; });
}

uint64_t FakeFileSystem::InodeOf(const std::string& path) { return MustFind(path); }

// --- Telling the watcher ---

void FakeFileSystem::Modified(uint64_t inode) {
  nodes_.at(inode).modified = ++tick_;
  TellFile(inode, What::kContent);
}

void FakeFileSystem::TellFile(uint64_t inode, What what) {
  if (watcher_ != nullptr) watcher_->OnFile(inode, what);
}

void FakeFileSystem::TellDirectoryOf(const std::string& path) {
  if (watcher_ == nullptr || path == "/") return;
  if (const auto inode = Find(ParentOf(path))) watcher_->OnDirectory(*inode);
}

FakeWatcher::FakeWatcher(FakeFileSystem& files) : fs_(files) {
  HC_CHECK(fs_.watcher_ == nullptr);
  fs_.watcher_ = this;
}

FakeWatcher::~FakeWatcher() { fs_.watcher_ = nullptr; }

bool FakeWatcher::WatchFile(FileKey file, int descriptor) {
  fs_.Called();
  const auto it = fs_.open_.find(descriptor);
  if (refuse_files || it == fs_.open_.end()) return false;
  keys_[it->second->inode()] = file;
  return true;
}

void FakeWatcher::UnwatchFile(FileKey file) {
  std::erase_if(keys_, [&](const auto& item) { return item.second == file; });
}

bool FakeWatcher::WatchDirectory(const std::string& path) {
  fs_.Called();
  const auto inode = fs_.Find(path);
  if (refuse_directories || !inode || fs_.nodes_.at(*inode).type != FileStat::Type::kDirectory) {
    return false;
  }
  directories_.insert(*inode);
  return true;
}

Watcher::Changes FakeWatcher::Take() {
  fs_.Called();
  Changes changes;
  if (late) return changes;
  changes.files.assign(files_changed_.begin(), files_changed_.end());
  changes.written.assign(written_.begin(), written_.end());
  changes.unwatched.assign(unwatched_.begin(), unwatched_.end());
  changes.directories = std::exchange(directories_changed_, false);
  changes.overflow = std::exchange(overflow_, false);
  files_changed_.clear();
  written_.clear();
  unwatched_.clear();
  return changes;
}

void FakeWatcher::Overflow() {
  files_changed_.clear();
  written_.clear();
  unwatched_.clear();
  directories_changed_ = false;
  overflow_ = true;
}

void FakeWatcher::OnFile(uint64_t inode, FakeFileSystem::What what) {
  const auto it = keys_.find(inode);
  if (it == keys_.end() || overflow_) return;
  files_changed_.insert(it->second);
  if (what == FakeFileSystem::What::kContent) written_.insert(it->second);
  directories_changed_ |= what == FakeFileSystem::What::kName;
}

void FakeWatcher::OnDirectory(uint64_t inode) {
  if (directories_.contains(inode) && !overflow_) directories_changed_ = true;
}

void FakeWatcher::OnGone(uint64_t inode) {
  const auto it = keys_.find(inode);
  if (it != keys_.end()) {
    if (!overflow_) unwatched_.insert(it->second);
    keys_.erase(it);
  }
  directories_.erase(inode);
}

}  // namespace hctail::testing
