// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/fd.h"

namespace hctail {

std::string ErrnoText(int error_number) {
  std::string text = std::system_category().message(error_number);
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

Result<std::string> ReadWholeFile(const std::string& path) {
  const auto fail = [&] {
    return Fail(fmt::format("cannot read '{}': {}", path, ErrnoText(errno)));
  };
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail();
  std::string content;
  char buffer[65536];
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail();
    if (n == 0) return content;
    content.append(buffer, static_cast<size_t>(n));
  }
}

int WriteFully(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    data.remove_prefix(static_cast<size_t>(n));
  }
  return 0;
}

Status WriteFileAtomically(const std::string& path, std::string_view content, Fsync fsync) {
  const std::string temporary = path + ".tmp";
  const auto fail = [&](int error) {
    ::unlink(temporary.c_str());
    return Fail(fmt::format("cannot write '{}': {}", path, ErrnoText(error)));
  };
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return fail(errno);
  if (const int error = WriteFully(fd.get(), content)) return fail(error);
  if (fsync == Fsync::kYes && ::fsync(fd.get()) != 0) return fail(errno);
  fd.Reset();
  if (::rename(temporary.c_str(), path.c_str()) != 0) return fail(errno);
  if (fsync == Fsync::kYes) {
    const std::string folder = std::filesystem::path(path).parent_path();
    const Fd dir(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (dir) ::fsync(dir.get());
  }
  return {};
}

}  // namespace hctail
