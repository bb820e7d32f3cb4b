// SPDX-License-Identifier: Apache-2.0
#include "tests/testing/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace hctail::testing {

namespace fs = std::filesystem;

TempDir::TempDir() : path_(fs::temp_directory_path() / "hctail-test-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TempDir::Write(std::string_view name, std::string_view content) const {
  const std::string file = File(name);
  fs::create_directories(fs::path(file).parent_path());
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
  return file;
}

void TempDir::Append(std::string_view name, std::string_view content) const {
  std::ofstream(File(name), std::ios::binary | std::ios::app) << content;
}

std::string TempDir::Read(std::string_view name) const {
  std::ostringstream content;
  content << std::ifstream(File(name), std::ios::binary).rdbuf();
  return content.str();
}

}  // namespace hctail::testing
