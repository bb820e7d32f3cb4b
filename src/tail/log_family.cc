// SPDX-License-Identifier: Apache-2.0
#include "tail/log_family.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/unpack.h"
#include "tail/decompressed_file.h"

namespace hctail {
namespace {

constexpr std::array<std::string_view, 4> kPackedSuffixes = {".gz", ".zst", ".bz2", ".xz"};

bool HasPackedSuffix(std::string_view name) {
  return std::ranges::any_of(kPackedSuffixes, [&](auto suffix) { return name.ends_with(suffix); });
}

std::string_view WithoutPackedSuffix(std::string_view name) {
  for (const std::string_view suffix : kPackedSuffixes) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  return name;
}

// ".1", "-20240305", ".2024-03-05_10": of separators and at least one digit.
bool IsTurn(std::string_view text) {
  const auto separates = [](char c) { return c == '.' || c == '-' || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return separates(text[0]) && std::ranges::any_of(text, digit) &&
         std::ranges::all_of(text, [&](char c) {
           return separates(c) || digit(c) || c == 'T' || c == 'Z' || c == ':';
         });
}

// What `name` is without the turn at its end, or before its extension; itself, too.
std::vector<std::string> BasesOf(std::string_view name) {
  name = WithoutPackedSuffix(name);
  std::vector<std::string> bases = {std::string(name)};
  const size_t dot = name.rfind('.');
  for (const size_t end : {name.size(), dot == std::string_view::npos ? 0 : dot}) {
    for (size_t at = 1; at < end; ++at) {
      if (!IsTurn(name.substr(at, end - at))) continue;
      bases.push_back(std::string(name.substr(0, at)) + std::string(name.substr(end)));
      break;
    }
  }
  return bases;
}

}  // namespace

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string Beside(const std::string& path, const std::string& name) {
  std::string beside = path.substr(0, path.rfind('/') + 1);
  return beside.append(name);
}

std::vector<std::string> OriginalsOf(std::string_view name) {
  std::vector<std::string> names = BasesOf(name);
  names.emplace_back(name);  // with its packed suffix
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::string FamilyNameOf(std::string_view name) {
  return std::ranges::min(BasesOf(name), {}, &std::string::size);
}

bool IsRotationOf(std::string_view log, std::string_view name) {
  const std::vector<std::string> bases = BasesOf(name);
  return std::ranges::find(bases, WithoutPackedSuffix(log)) != bases.end();
}

bool SameFamily(std::string_view a, std::string_view b) {
  const std::vector<std::string> of_b = BasesOf(b);
  return std::ranges::any_of(BasesOf(a), [&](const std::string& base) {
    return std::ranges::find(of_b, base) != of_b.end();
  });
}

std::vector<std::string> PathsOf(FileSystem& files, const std::string& path) {
  std::vector<std::string> paths = files.TargetsOfLink(path);
  paths.insert(paths.begin(), path);
  return paths;
}

const std::vector<std::string>& FolderNames::In(const std::string& folder) {
  const auto [it, is_new] = names_.try_emplace(folder);
  if (is_new) it->second = files_.List(folder);
  return it->second;
}

namespace {

void AddFamily(FileSystem& files, const std::string& path, const std::vector<std::string>& names,
               Listing* family) {
  const std::string own_name = path.substr(path.rfind('/') + 1);
  // What comes first in all their names.
  const std::string_view before =
      std::string_view(own_name).substr(0, own_name.find_first_of(".-_0123456789", 1));
  for (auto it = std::ranges::lower_bound(names, before);
       it != names.end() && it->starts_with(before); ++it) {
    const std::string& name = *it;
    if (!IsRotationOf(own_name, name)) continue;
    std::string sibling = Beside(path, name);
    const auto stat = files.Stat(sibling);
    if (stat && stat->type == FileStat::Type::kRegular) {
      family->emplace_back(std::move(sibling), *stat);
    }
  }
}

}  // namespace

Listing FamilyOf(FileSystem& files, const std::vector<std::string>& paths, FolderNames* folders) {
  Listing family;
  for (const std::string& path : paths) {
    AddFamily(files, path, folders->In(FolderOf(path)), &family);
  }
  return family;
}

bool IsPacked(OpenFile& file) {
  char first[kPackingBytes];
  return PackingOf({first, ReadFully(file, 0, first, sizeof first).size}).has_value();
}

std::expected<OpenedLog, int> OpenLog(FileSystem& files, const std::string& path) {
  auto opened = files.Open(path);
  if (!opened) return std::unexpected(opened.error());
  const auto stat = (*opened)->Stat();
  if (!stat) return std::unexpected(stat.error());
  if (stat->type != FileStat::Type::kRegular) return OpenedLog{std::move(*opened), *stat};
  char first[kPackingBytes];
  const ReadSoFar got = ReadFully(**opened, 0, first, sizeof first);
  if (got.size == 0 && got.error != 0) return std::unexpected(got.error);
  if (const auto packing = PackingOf({first, got.size})) {
    return OpenedLog{std::make_unique<DecompressedFile>(std::move(*opened), *packing), *stat,
                     /*packed=*/true};
  }
  if (HasPackedSuffix(path) && MayBecomePacked({first, got.size})) return std::unexpected(EAGAIN);
  return OpenedLog{std::move(*opened), *stat};
}

}  // namespace hctail
