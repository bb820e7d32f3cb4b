// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target once over every file it is given (folders are searched), so that fuzzers are
// built and run by every compiler and cannot rot.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

int inputs = 0;

void RunOn(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  ++inputs;
}

void RunOnFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  RunOn(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace

int main(int argc, char** argv) {
  RunOn("");
  for (int i = 1; i < argc; ++i) {
    const fs::path path = argv[i];
    if (!fs::is_directory(path)) {
      RunOnFile(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) RunOnFile(entry.path());
    }
  }
  std::printf("%d inputs\n", inputs);
  return 0;
}
