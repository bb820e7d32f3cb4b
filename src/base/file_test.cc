// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>

#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::TempDir;

TEST_CASE("ErrnoText: lower case, as errors are written") {
  CHECK(ErrnoText(EACCES) == "permission denied");
  CHECK(ErrnoText(ENOSPC) == "no space left on device");
}

TEST_CASE("ReadWholeFile: content, or an error that names the path and the reason") {
  const TempDir dir;
  const std::string big(200'000, 'x');
  CHECK(ReadWholeFile(dir.Write("big", big)).value() == big);
  CHECK(ReadWholeFile(dir.Write("empty", "")).value().empty());
  CHECK(ReadWholeFile(dir.File("none")).error().message ==
        "cannot read '" + dir.File("none") + "': no such file or directory");
  CHECK(ReadWholeFile(dir.path()).error().message ==
        "cannot read '" + dir.path() + "': is a directory");
}

TEST_CASE("WriteFileAtomically: replaces, and leaves nothing behind when it cannot") {
  const TempDir dir;
  const std::string path = dir.Write("f", "old");
  REQUIRE(WriteFileAtomically(path, "new", Fsync::kYes).has_value());
  CHECK(dir.Read("f") == "new");

  const std::string missing = dir.File("no/such/f");
  CHECK(WriteFileAtomically(missing, "new", Fsync::kNo).error().message ==
        "cannot write '" + missing + "': no such file or directory");

  std::filesystem::create_directory(dir.File("taken"));
  CHECK_FALSE(WriteFileAtomically(dir.File("taken"), "new", Fsync::kNo).has_value());
  CHECK_FALSE(std::filesystem::exists(dir.File("taken.tmp")));
}

}  // namespace
}  // namespace hctail
