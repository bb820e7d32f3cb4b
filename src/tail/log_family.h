// SPDX-License-Identifier: Apache-2.0
// The names that one log takes when it is rotated: app.log.1, app.log-20240305, app-20240305.log,
// app.log.2.gz and the like are of the family of app.log.
//
// Functions only.  Tested by log_family_test.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tail/file_system.h"

namespace hctail {

// The folder that `path` stands in: "." or "/" or a path without a slash at its end.
std::string FolderOf(const std::string& path);
// The path of `name` in the folder of `path`.
std::string Beside(const std::string& path, const std::string& name);

// Could a rotation have made `name` of `log`?  Both without folders.
bool IsRotationOf(std::string_view log, std::string_view name);
// The names of which a rotation could have made `name`, which is one of them.
std::vector<std::string> OriginalsOf(std::string_view name);
// The same for all names of a family: what is left without what a rotation adds.
std::string FamilyNameOf(std::string_view name);
// Or each of the other, or both of a third?  Says little by itself: server-1.log and server-2.log
// are taken for rotations of server.log.
bool SameFamily(std::string_view a, std::string_view b);

// `path`, and what it leads to if it is a symbolic link: rotations are made beside each of these.
std::vector<std::string> PathsOf(FileSystem& files, const std::string& path);

// The names in folders, each listed once.
class FolderNames {
 public:
  explicit FolderNames(FileSystem& files) : files_(files) {}
  const std::vector<std::string>& In(const std::string& folder);

 private:
  FileSystem& files_;
  std::map<std::string, std::vector<std::string>> names_;
};

// The regular files beside one of `paths` that may be rotations of it, it among them: path and
// stat.
using Listing = std::vector<std::pair<std::string, FileStat>>;
Listing FamilyOf(FileSystem& files, const std::vector<std::string>& paths, FolderNames* folders);

// A file that may be packed, unpacked.
struct OpenedLog {
  std::unique_ptr<OpenFile> file;
  FileStat stat;
  bool packed = false;
};
// Its first bytes are those of a packed file.
bool IsPacked(OpenFile& file);
// EAGAIN: it is empty, or nearly, and may become a packed file.
std::expected<OpenedLog, int> OpenLog(FileSystem& files, const std::string& path);

}  // namespace hctail
