// SPDX-License-Identifier: Apache-2.0
#include "cli/own_files.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <filesystem>

#include "base/fd.h"
#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

namespace fs = std::filesystem;
using testing::TempDir;

TEST_CASE("OwnFiles: what hctail writes, by whatever path") {
  const TempDir dir;
  for (const char* folder : {"state", "letters", "spool", "logs"}) {
    fs::create_directory(dir.File(folder));
  }
  fs::create_symlink("state", dir.File("link"));
  const OwnFiles own(dir.File("state"), dir.File("letters/refused.log"), dir.File("spool"));
  for (const char* name : {"state/checkpoint", "state/checkpoint.log", "state/../state/lock",
                           "link/checkpoint.log", "letters/refused.log", "letters/refused.log.1",
                           "letters/../letters/refused.log", "spool/any.log"}) {
    CAPTURE(name);
    CHECK(own.Contains(dir.File(name)));
  }
  for (const char* name : {"logs/checkpoint.log", "state/app.log", "letters/app.log",
                           "letters/refused.log.2", "logs/refused.log", "missing/checkpoint"}) {
    CAPTURE(name);
    CHECK_FALSE(own.Contains(dir.File(name)));
  }
}

TEST_CASE("OwnFiles: standard output, if it is a file") {
  const TempDir dir;
  OwnFiles own("", "", "");
  const Fd out(::open(dir.Write("out.log", "").c_str(), O_WRONLY | O_CLOEXEC));
  dir.Write("app.log", "");
  CHECK_FALSE(own.Contains(dir.File("out.log")));
  own.AddOpen(out.get());
  CHECK(own.Contains(dir.File("out.log")));
  CHECK_FALSE(own.Contains(dir.File("app.log")));
  const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  own.AddOpen(null.get());
  CHECK_FALSE(own.Contains("/dev/null"));
}

}  // namespace
}  // namespace hctail
