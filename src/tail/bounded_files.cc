// SPDX-License-Identifier: Apache-2.0
#include "tail/bounded_files.h"

#include <algorithm>
#include <cerrno>

#include "tail/log_family.h"

namespace hctail {
namespace {

constexpr int kTries = 3;

}  // namespace

class BoundedFiles::File final : public OpenFile {
 public:
  File(BoundedFiles& owner, std::string path, std::unique_ptr<OpenFile> file, const FileStat& stat)
      : owner_(owner), path_(std::move(path)), stat_(stat) {
    Take(std::move(file));
  }
  ~File() override { Close(); }

  std::expected<size_t, int> ReadAt(uint64_t offset, char* out, size_t size) override {
    if (const int error = Reopen(); error != 0) return std::unexpected(error);
    return file_->ReadAt(offset, out, size);
  }

  // Files that are not watched are asked often: not opened for that.
  std::expected<FileStat, int> Stat() override {
    if (file_ == nullptr && !gone_) {
      const auto there = owner_.files_.Stat(path_);
      if (there && IsIt(*there)) return stat_ = *there;
      const int error = Reopen();
      if (error != 0 && error != ESTALE) return std::unexpected(error);
    }
    if (file_ == nullptr) return stat_;
    const auto stat = file_->Stat();
    if (stat) stat_ = *stat;
    return stat;
  }

  uint64_t AfterHole(uint64_t offset) override {
    return Reopen() == 0 ? file_->AfterHole(offset) : offset;
  }

  int descriptor() const override { return file_ == nullptr ? -1 : file_->descriptor(); }

  void SetNeed(Need need) override {
    need_ = need;
    if (file_ != nullptr) {
      owner_.open_.erase(rank_);
      Enter();
    } else if (need == Need::kMuch && owner_.HasRoom(need)) {
      Reopen();
    }
  }

  void SetPath(const std::string& path) override {
    path_ = path;
    gone_ = false;
  }

  void Close() {
    if (file_ == nullptr) return;
    owner_.open_.erase(rank_);
    file_.reset();
  }

 private:
  bool IsIt(const FileStat& stat) const {
    return stat.device == stat_.device && stat.inode == stat_.inode;
  }

  void Enter() {
    rank_ = owner_.NextRank(need_);
    owner_.open_[rank_] = this;
  }

  void Take(std::unique_ptr<OpenFile> file) {
    file_ = std::move(file);
    gone_ = false;
    Enter();
  }

  // 0, or why not.
  int Reopen() {
    if (file_ != nullptr) return 0;
    // Again, because it may be renamed while it is looked for.
    for (int tries = 0; tries < kTries; ++tries) {
      const int error = OpenAt(path_);
      if (error != ENOENT && error != ENOTDIR && error != ESTALE) return error;
      if (OpenBeside()) return 0;
    }
    gone_ = true;
    stat_.links = 0;
    return ESTALE;
  }

  // It was renamed: to a name that a rotation gives, most likely.
  bool OpenBeside() {
    const std::vector<std::string> paths = PathsOf(owner_.files_, path_);
    FolderNames folders(owner_.files_);
    for (const auto& [path, stat] : FamilyOf(owner_.files_, paths, &folders)) {
      if (IsIt(stat) && OpenAt(path) == 0) return true;
    }
    for (const std::string& beside : paths) {
      for (const std::string& name : folders.In(FolderOf(beside))) {
        const std::string path = Beside(beside, name);
        const auto stat = owner_.files_.Stat(path);
        if (stat && IsIt(*stat) && OpenAt(path) == 0) return true;
      }
    }
    return false;
  }

  // ESTALE: another file.
  int OpenAt(const std::string& path) {
    auto opened = owner_.OpenOne(path);
    if (!opened) return opened.error();
    const auto stat = (*opened)->Stat();
    if (!stat) return stat.error();
    if (!IsIt(*stat)) return ESTALE;
    stat_ = *stat;
    path_ = path;
    Take(std::move(*opened));
    return 0;
  }

  BoundedFiles& owner_;
  std::string path_;
  FileStat stat_;                   // the last that was seen
  std::unique_ptr<OpenFile> file_;  // null: closed
  Need need_ = Need::kMuch;
  Rank rank_;
  bool gone_ = false;  // no name led to it
};

std::expected<std::unique_ptr<OpenFile>, int> BoundedFiles::Open(const std::string& path) {
  auto opened = OpenOne(path);
  if (!opened) return opened;
  const auto stat = (*opened)->Stat();
  if (!stat) return std::unexpected(stat.error());
  return std::make_unique<File>(*this, path, std::move(*opened), *stat);
}

std::expected<std::unique_ptr<OpenFile>, int> BoundedFiles::OpenOne(const std::string& path) {
  while (open_.size() >= most_) CloseOne();
  while (true) {
    auto opened = files_.Open(path);
    if (opened || (opened.error() != EMFILE && opened.error() != ENFILE)) return opened;
    // Others need descriptors, too.
    most_ = std::max<size_t>(1, open_.size() - open_.size() / 8);
    if (!CloseOne()) return opened;
  }
}

bool BoundedFiles::CloseOne() {
  if (open_.empty()) return false;
  open_.begin()->second->Close();
  return true;
}

bool BoundedFiles::HasRoom(OpenFile::Need need) const {
  return open_.size() < most_ || open_.begin()->first.first < need;
}

BoundedFiles::Rank BoundedFiles::NextRank(OpenFile::Need need) {
  ++turn_;
  return {need, need == OpenFile::Need::kMuch ? -turn_ : turn_};
}

}  // namespace hctail
