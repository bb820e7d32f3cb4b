// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/probe.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/testing/temp_dir.h"

namespace hctail {
namespace {

using testing::TempDir;

TEST_CASE("ProbeFile: identity, size, and the hashes that the saved position asks for") {
  const TempDir dir;
  SavedFile saved;
  saved.path = dir.Write("f", "0123456789");
  saved.identity.head_length = 4;
  saved.offset = 8;
  saved.tail_length = 3;
  struct stat info{};
  REQUIRE(::stat(saved.path.c_str(), &info) == 0);
  const Probe probe = ProbeFile(saved);
  CHECK(probe.error == 0);
  CHECK(probe.regular);
  CHECK(probe.device == info.st_dev);
  CHECK(probe.inode == info.st_ino);
  CHECK(probe.size == 10);
  CHECK(probe.head == HeadHash{4, HashBytes("0123")});
  CHECK(probe.tail == HashBytes("567"));
  saved.offset = 11;
  CHECK_FALSE(ProbeFile(saved).tail.has_value());
}

TEST_CASE("ProbeFile: missing files and FIFOs are told apart and never waited for") {
  const TempDir dir;
  SavedFile saved;
  saved.path = dir.File("none");
  CHECK(ProbeFile(saved).error == ENOENT);
  saved.path = dir.File("fifo");
  REQUIRE(::mkfifo(saved.path.c_str(), 0600) == 0);
  CHECK(ProbeFile(saved).error == 0);
  CHECK_FALSE(ProbeFile(saved).regular);
}

}  // namespace
}  // namespace hctail
